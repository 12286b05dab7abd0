package io.evenkeel.dataplane.socket;

import io.evenkeel.model.Endpoint;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/** One client socket of a test. Sends numbered datagrams and takes replies. Not for use by two threads. */
final class Client implements Closeable {
    private final DatagramChannel channel;
    private final InetSocketAddress vip;
    private final int id;
    private final ByteBuffer out = ByteBuffer.allocateDirect(65_536);
    private final ByteBuffer in = ByteBuffer.allocateDirect(65_536);
    private final Set<InetSocketAddress> repliers = new HashSet<>();
    private long sequence;
    private long replies;
    private long damagedReplies;

    Client(Endpoint vip, String bind, int id) throws IOException {
        this(vip, bind, id, false);
    }

    /** One whose address and port others may bind too (SO_REUSEADDR). */
    static Client sharing(Endpoint vip, String bind, int id) throws IOException {
        return new Client(vip, bind, id, true);
    }

    private Client(Endpoint vip, String bind, int id, boolean sharing) throws IOException {
        this.vip = new InetSocketAddress(vip.address().toString(), vip.port());
        this.id = id;
        channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 20);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, sharing);
        channel.bind(new InetSocketAddress(bind, 0));
        channel.configureBlocking(false);
    }

    void send(int length) throws IOException {
        Payload.write(out, id, sequence++, length);
        channel.send(out, vip);
    }

    /** Sends {@code count}, never more than {@code window} ahead of what {@code arrived} says. */
    void send(long count, int length, int window, LongSupplier arrived) throws IOException, InterruptedException {
        long start = sequence;
        long base = arrived.getAsLong();
        for (long i = 0; i < count; i++) {
            send(length);
            if ((i & 63) != 63) continue;
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (sequence - start - (arrived.getAsLong() - base) > window) {
                takeReplies();
                if (System.nanoTime() > deadline) return; // something was lost: the test's assertion says what
                Thread.sleep(1);
            }
        }
    }

    /** Takes the replies that are there. */
    void takeReplies() throws IOException {
        while (true) {
            in.clear();
            InetSocketAddress from = (InetSocketAddress) channel.receive(in);
            if (from == null) return;
            in.flip();
            replies++;
            repliers.add(from);
            if (in.remaining() >= Payload.HEADER && (!Payload.intact(in) || Payload.client(in) != id)) damagedReplies++;
        }
    }

    long replies() throws IOException {
        takeReplies();
        return replies;
    }

    long damagedReplies() {
        return damagedReplies;
    }

    Set<InetSocketAddress> repliers() {
        return repliers;
    }

    InetSocketAddress local() throws IOException {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    long sent() {
        return sequence;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
