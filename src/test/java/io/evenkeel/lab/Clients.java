package io.evenkeel.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.evenkeel.linux.NamespaceThread;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;

/** Client sockets of tests, made in a node; the test's thread uses them. */
public final class Clients {
    private static final int CONNECT_MILLIS = 3_000;
    private static final int MOST_BYTES = 2_048;

    private Clients() {}

    /** What came back: from where, and what; {@code null} and nothing if it did not come in time. */
    public record Reply(InetSocketAddress from, String text) {
        public static final Reply NONE = new Reply(new InetSocketAddress(0), "");

        public boolean came() {
            return !equals(NONE);
        }

        /** Its first word: the name of who answered. */
        public String name() {
            return text.split(" ", 2)[0];
        }
    }

    /** An unconnected UDP socket, which sees replies from wherever they come. */
    public static DatagramSocket udp(Node node, InetSocketAddress local) throws Exception {
        return NamespaceThread.call(node, () -> new DatagramSocket(local));
    }

    /** Asks once and waits for one reply. */
    public static Reply ask(DatagramSocket socket, InetSocketAddress vip, String text, int millis) throws IOException {
        byte[] bytes = text.getBytes(US_ASCII);
        socket.send(new DatagramPacket(bytes, bytes.length, vip));
        return next(socket, millis);
    }

    /** The next reply. */
    public static Reply next(DatagramSocket socket, int millis) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
        socket.setSoTimeout(millis);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException nothing) {
            return Reply.NONE;
        }
        return new Reply(
                (InetSocketAddress) packet.getSocketAddress(),
                new String(packet.getData(), 0, packet.getLength(), US_ASCII));
    }

    /** A TCP connection from any port. */
    public static Socket connect(Node node, InetSocketAddress vip) throws Exception {
        return connect(node, 0, vip, CONNECT_MILLIS);
    }

    /** A TCP connection from a port, 0 for any. */
    public static Socket connect(Node node, int port, InetSocketAddress vip, int millis) throws Exception {
        return NamespaceThread.call(node, () -> {
            Socket socket = new Socket();
            try {
                socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                socket.setTcpNoDelay(true);
                if (port != 0) socket.bind(new InetSocketAddress(port));
                socket.setSoTimeout(CONNECT_MILLIS);
                socket.connect(vip, millis);
                return socket;
            } catch (IOException failed) {
                socket.close();
                throw failed;
            }
        });
    }

    /** Says a line; answers what is said back. */
    public static String say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
        return StreamHost.line(socket.getInputStream());
    }
}
