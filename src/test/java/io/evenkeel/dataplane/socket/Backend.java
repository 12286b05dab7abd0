package io.evenkeel.dataplane.socket;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A realserver of a test: receives, judges every datagram, answers each with {@code replies} echoes. */
final class Backend implements Closeable {
    private static final int KEPT = 64;

    private final DatagramChannel channel;
    private final Thread thread;
    private final int replies;
    private final Map<Integer, Long> lastSequence = new HashMap<>();
    private final Set<InetSocketAddress> sources = new HashSet<>();
    private final List<Integer> lengths = new ArrayList<>();
    private final List<byte[]> first = new ArrayList<>();
    private long received;
    private long damaged;
    private long disordered;

    private Backend(String address, int port, int replies) throws IOException {
        this.replies = replies;
        channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 20);
        channel.bind(new InetSocketAddress(address, port));
        thread = Thread.ofPlatform().daemon(true).name("backend").start(this::run);
    }

    static Backend sink(String address) throws IOException {
        return new Backend(address, 0, 0);
    }

    static Backend echo(String address, int replies) throws IOException {
        return new Backend(address, 0, replies);
    }

    static Backend sinkAt(Endpoint endpoint) throws IOException {
        return new Backend(endpoint.address().toString(), endpoint.port(), 0);
    }

    Endpoint endpoint() {
        try {
            InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
            return new Endpoint(IpAddress.ofBytes(local.getAddress().getAddress()), local.getPort());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
        try {
            while (true) {
                buffer.clear();
                InetSocketAddress from = (InetSocketAddress) channel.receive(buffer);
                buffer.flip();
                judge(buffer, from);
                for (int i = 0; i < replies; i++) channel.send(buffer.rewind(), from);
            }
        } catch (AsynchronousCloseException closed) {
            return; // the end of the test
        } catch (ClosedChannelException closed) {
            return;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private synchronized void judge(ByteBuffer datagram, InetSocketAddress from) {
        received++;
        sources.add(from);
        if (lengths.size() < 200_000) lengths.add(datagram.remaining());
        if (first.size() < KEPT) first.add(bytes(datagram));
        if (datagram.remaining() < Payload.HEADER) return;
        if (!Payload.intact(datagram)) damaged++;
        long sequence = Payload.sequence(datagram);
        Long before = lastSequence.put(Payload.client(datagram), sequence);
        if (before != null && before >= sequence) disordered++;
    }

    synchronized long received() {
        return received;
    }

    synchronized long damaged() {
        return damaged;
    }

    /** Datagrams that came after a later one of the same client. */
    synchronized long disordered() {
        return disordered;
    }

    synchronized Set<InetSocketAddress> sources() {
        return Set.copyOf(sources);
    }

    synchronized List<Integer> lengths() {
        return List.copyOf(lengths);
    }

    /** The first datagrams, as they came. */
    synchronized List<byte[]> first() {
        return List.copyOf(first);
    }

    private static byte[] bytes(ByteBuffer datagram) {
        byte[] bytes = new byte[datagram.remaining()];
        datagram.duplicate().get(bytes);
        return bytes;
    }

    synchronized void forget() {
        first.clear();
        received = 0;
        sources.clear();
        lengths.clear();
    }

    /** Sends from the realserver's own socket, unasked. */
    void sendTo(InetSocketAddress to, byte[] payload) throws IOException {
        channel.send(ByteBuffer.wrap(payload), to);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
