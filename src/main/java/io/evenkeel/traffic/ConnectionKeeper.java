package io.evenkeel.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps TCP connections to an {@link EchoServer} open and notes how and when each ends. Some are active, sending a few
 * bytes and waiting for them to come back; the others only listen. Each connection has a virtual thread of its own;
 * {@link #report} and {@link #close} may be called from any thread.
 */
final class ConnectionKeeper implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final byte[] WORD = "sixteen bytes...".getBytes(StandardCharsets.US_ASCII);

    /**
     * @param count connections, at most {@link SocketUse#MAX_CLIENTS}
     * @param period between two words of an active connection; every second connection is active
     */
    record Plan(InetSocketAddress target, int count, Duration period) implements Serializable {
        Plan {
            if (count < 1 || count > SocketUse.MAX_CLIENTS) throw new IllegalArgumentException("count: " + count);
        }
    }

    private final List<Kept> kept = new ArrayList<>();

    private ConnectionKeeper() {}

    /** Opens all of them, one after the other; throws if one cannot be opened. */
    static ConnectionKeeper open(Plan plan) throws IOException {
        ConnectionKeeper keeper = new ConnectionKeeper();
        try {
            for (int i = 0; i < plan.count; i++) keeper.kept.add(new Kept(plan, i % 2 == 0));
        } catch (IOException e) {
            keeper.close();
            throw e;
        }
        for (Kept connection : keeper.kept)
            Thread.ofVirtual().name("ek-connection").start(connection::keep);
        return keeper;
    }

    List<KeptConnection> report() {
        return kept.stream().map(Kept::report).toList();
    }

    @Override
    public void close() throws IOException {
        for (Kept connection : kept) connection.socket.close();
    }

    /** One connection. Written by its own thread only. */
    private static final class Kept {
        private final Socket socket = new Socket();
        private final boolean active;
        private final Duration period;
        private final String server;
        private volatile KeptConnection state;

        Kept(Plan plan, boolean active) throws IOException {
            this.active = active;
            this.period = plan.period;
            socket.setTcpNoDelay(true);
            socket.connect(plan.target, CONNECT_MILLIS);
            socket.setSoTimeout(CONNECT_MILLIS);
            this.server = greeting(socket.getInputStream());
            socket.setSoTimeout(0);
            this.state = new KeptConnection(server, active, 0, "", 0);
        }

        KeptConnection report() {
            return state;
        }

        void keep() {
            String ending;
            try {
                ending = active ? talk() : listen();
            } catch (IOException e) {
                ending = String.valueOf(e.getMessage());
            } catch (InterruptedException e) {
                ending = "interrupted";
            }
            state = new KeptConnection(server, active, System.nanoTime(), ending, state.echoes());
        }

        private String talk() throws IOException, InterruptedException {
            InputStream in = socket.getInputStream();
            while (true) {
                socket.getOutputStream().write(WORD);
                if (in.readNBytes(WORD.length).length < WORD.length) return "closed";
                state = new KeptConnection(server, active, 0, "", state.echoes() + 1);
                Thread.sleep(period);
            }
        }

        private String listen() throws IOException {
            return socket.getInputStream().read() < 0 ? "closed" : "unexpected data";
        }

        private static String greeting(InputStream in) throws IOException {
            // One line and nothing after it until we speak: the reader cannot swallow an echo.
            String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII)).readLine();
            if (line == null) throw new IOException("closed without a greeting");
            return line;
        }
    }
}
