package io.evenkeel.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.evenkeel.linux.NamespaceThread;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.CRC32C;

/**
 * A TCP server in a node. A client says one line, and the server
 *
 * <ul>
 *   <li>{@code who}: says its name, then echoes what comes
 *   <li>{@code pull N}: sends N bytes and closes
 *   <li>{@code push}: reads to the end of the client's half, then says its name, how much that was, and its CRC-32C
 *   <li>{@code reset}: resets the connection
 * </ul>
 *
 * A thread accepts, a virtual one serves each connection; the figures may be read by any.
 */
public final class StreamHost implements Closeable {
    private static final int BACKLOG = 1_024;
    private static final int MOST_WORDS = 64;

    private final String name;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<SocketAddress> clients = new CopyOnWriteArrayList<>();

    private StreamHost(String name, ServerSocket listener) {
        this.name = name;
        this.listener = listener;
    }

    /** Serves at an address that the node has. */
    public static StreamHost open(Node node, String name, InetSocketAddress at) throws Exception {
        ServerSocket listener = NamespaceThread.call(node, () -> {
            ServerSocket made = new ServerSocket();
            made.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            made.bind(at, BACKLOG);
            return made;
        });
        StreamHost host = new StreamHost(name, listener);
        Thread.ofPlatform().daemon().name("ek-test-tcp-" + name).start(host::accept);
        return host;
    }

    /** The bytes that {@code pull} sends and a pusher should send. */
    public static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte) (i * 31 + (i >>> 8) + (i >>> 16));
        return bytes;
    }

    public static long crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String asked = line(client.getInputStream());
            if (asked.isEmpty()) return; // a check
            clients.add(client.getRemoteSocketAddress());
            answer(client, asked);
        } catch (IOException gone) {
            // the client went, or this host was closed
        } finally {
            open.remove(client);
        }
    }

    private void answer(Socket client, String asked) throws IOException {
        InputStream in = client.getInputStream();
        OutputStream out = client.getOutputStream();
        if (asked.equals("who")) {
            out.write((name + "\n").getBytes(US_ASCII));
            in.transferTo(out);
        } else if (asked.startsWith("pull ")) {
            out.write(pattern(Integer.parseInt(asked.substring(5))));
        } else if (asked.equals("push")) {
            byte[] all = in.readAllBytes();
            out.write((name + " " + all.length + " " + crc(all) + "\n").getBytes(US_ASCII));
        } else if (asked.equals("reset")) {
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
    }

    /** One line, without its end; empty at the end of the stream. */
    public static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n' && line.length() < MOST_WORDS; c = in.read()) line.append((char) c);
        return line.toString();
    }

    /** Clients that said something, as seen here. */
    public List<SocketAddress> clients() {
        return List.copyOf(clients);
    }

    /** Ends as a process does that is killed: everything is closed at once. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket client : open) client.close();
    }
}
