package io.evenkeel.traffic;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * The TCP connections of an {@link EchoServer}: greeted with a line that names the server, then echoed. For small words of
 * well-behaved clients: one that does not read what it gets back is cut off. The server's thread only.
 */
final class EchoStreams {
    private static final int BUFFER_BYTES = 2_048;

    private final Selector selector;
    private final Set<SocketChannel> open = new HashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    EchoStreams(Selector selector) {
        this.selector = selector;
    }

    void welcome(SocketChannel client) throws IOException {
        client.configureBlocking(false);
        client.register(selector, SelectionKey.OP_READ);
        open.add(client);
        String greeting = Addresses.text((InetSocketAddress) client.getLocalAddress()) + "\n";
        write(client, ByteBuffer.wrap(greeting.getBytes(StandardCharsets.US_ASCII)));
    }

    void echo(SocketChannel client) throws IOException {
        buffer.clear();
        try {
            if (client.read(buffer) < 0) drop(client);
            else write(client, buffer.flip());
        } catch (IOException reset) {
            drop(client);
        }
    }

    void close() throws IOException {
        for (SocketChannel client : open) client.close();
    }

    private void write(SocketChannel client, ByteBuffer bytes) throws IOException {
        client.write(bytes);
        if (bytes.hasRemaining()) drop(client);
    }

    private void drop(SocketChannel client) throws IOException {
        open.remove(client);
        client.close();
    }
}
