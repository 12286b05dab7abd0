package io.evenkeel.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.evenkeel.linux.NamespaceThread;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A UDP server in a node: answers every datagram with its own name, a space, and what it was sent; beside it a TCP port
 * that accepts and closes, for checks. A thread of its own serves; the figures may be read by any.
 */
public final class DatagramHost implements Closeable {
    private static final int BUFFER_BYTES = 4 << 20;
    private static final int MOST_BYTES = 2_048;
    private static final int LONGEST_WORD = 16;

    private final String name;
    private final DatagramSocket socket;
    private final StreamHost checked;
    private final boolean answers;
    private final AtomicInteger received = new AtomicInteger();
    private final Map<String, Integer> words = new ConcurrentHashMap<>();
    private final Map<SocketAddress, Integer> clients = new ConcurrentHashMap<>();

    private DatagramHost(String name, boolean answers, DatagramSocket socket, StreamHost checked) {
        this.name = name;
        this.answers = answers;
        this.socket = socket;
        this.checked = checked;
    }

    /** Serves at an address that the node has. */
    public static DatagramHost open(Node node, String name, InetSocketAddress at) throws Exception {
        return open(node, name, true, at);
    }

    /** One that answers nothing. */
    public static DatagramHost sink(Node node, String name, InetSocketAddress at) throws Exception {
        return open(node, name, false, at);
    }

    private static DatagramHost open(Node node, String name, boolean answers, InetSocketAddress at) throws Exception {
        DatagramSocket socket = NamespaceThread.call(node, () -> {
            DatagramSocket made = new DatagramSocket(null);
            made.setReceiveBufferSize(BUFFER_BYTES);
            made.bind(at);
            return made;
        });
        DatagramHost host = new DatagramHost(name, answers, socket, StreamHost.open(node, name, at));
        Thread.ofPlatform().daemon().name("ek-test-udp-" + name).start(host::serve);
        return host;
    }

    private void serve() {
        byte[] bytes = new byte[MOST_BYTES];
        byte[] prefix = (name + " ").getBytes(US_ASCII);
        DatagramPacket packet = new DatagramPacket(bytes, MOST_BYTES);
        while (!socket.isClosed()) {
            try {
                System.arraycopy(prefix, 0, bytes, 0, prefix.length);
                packet.setData(bytes, prefix.length, MOST_BYTES - prefix.length);
                socket.receive(packet);
                received.incrementAndGet();
                clients.merge(packet.getSocketAddress(), 1, Integer::sum);
                words.merge(firstWord(bytes, prefix.length, packet.getLength()), 1, Integer::sum);
                if (!answers) continue;
                packet.setData(bytes, 0, prefix.length + packet.getLength());
                socket.send(packet);
            } catch (IOException closedOrRefused) {
                // closed: the loop ends; an ICMP error about an earlier reply: the client has gone
            }
        }
    }

    private static String firstWord(byte[] bytes, int at, int length) {
        return new String(bytes, at, Math.min(length, LONGEST_WORD), US_ASCII).split(" ", 2)[0];
    }

    /** Datagrams that began with this word. */
    public int received(String word) {
        return words.getOrDefault(word, 0);
    }

    public int received() {
        return received.get();
    }

    /** Who sent, and how often, as seen here. */
    public Map<SocketAddress, Integer> clients() {
        return Map.copyOf(clients);
    }

    /** Nobody listens here any more, neither for datagrams nor for checks. */
    @Override
    public void close() throws IOException {
        socket.close();
        checked.close();
    }
}
