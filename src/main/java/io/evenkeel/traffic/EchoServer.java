package io.evenkeel.traffic;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A realserver for tests and the demo: takes datagrams on any number of sockets, keeps a {@link ServerRecord}, and sends
 * back as many copies as it is told, or none. A TCP socket on the same address and port accepts and closes, for TCP
 * checks. One thread, {@code ek-echo}, owns sockets and record; {@link #record} and {@link #close} may be called from any.
 */
public final class EchoServer implements AutoCloseable {

    /**
     * @param listen where; port 0 picks a free one
     * @param repliesPerRequest copies sent back for each datagram; 0 makes it a sink
     * @param replyDelay how long a reply is held back; zero sends at once
     * @param sidePort what the TCP sockets on the same addresses and ports do
     */
    public record Settings(
            List<InetSocketAddress> listen, int repliesPerRequest, Duration replyDelay, SidePort sidePort)
            implements Serializable {
        public Settings {
            listen = List.copyOf(listen);
        }

        /** A sink with a TCP side port. */
        public static Settings sink(InetSocketAddress... listen) {
            return new Settings(List.of(listen), 0, Duration.ZERO, SidePort.ACCEPT);
        }

        /** One reply at once, with a TCP side port. */
        public static Settings echo(InetSocketAddress... listen) {
            return new Settings(List.of(listen), 1, Duration.ZERO, SidePort.ACCEPT);
        }

        /** A TCP echo server beside a sink. */
        public static Settings streams(InetSocketAddress... listen) {
            return new Settings(List.of(listen), 0, Duration.ZERO, SidePort.ECHO);
        }
    }

    /** What happens to TCP connections. */
    public enum SidePort {
        /** Nobody listens. */
        NONE,
        /** They are accepted and closed: enough for a TCP check. */
        ACCEPT,
        /** They are greeted with a line that says where they got to, then get back what they send. */
        ECHO
    }

    /** Asked of the kernel; an unprivileged process gets at most net.core.rmem_max. */
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    private static final int BATCH = 64;
    private static final int MAX_HELD_REPLIES = 65_536;
    private static final int PORT_TRIES = 20;
    private static final long BLOCKED_REPLY_NANOS = 100_000_000;

    private record HeldReply(DatagramChannel from, InetSocketAddress to, ByteBuffer bytes, long dueNanos) {}

    private final Settings settings;
    private final Selector selector;
    private final List<DatagramChannel> sockets = new ArrayList<>();
    private final List<ServerSocketChannel> sidePorts = new ArrayList<>();
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final ArrayDeque<HeldReply> held = new ArrayDeque<>();
    private final ServerRecord record = new ServerRecord();
    private final Payload payload = new Payload();
    private final ByteBuffer buffer = Payload.newBuffer();
    private final AtomicReference<@Nullable CompletableFuture<ServerRecord>> asked = new AtomicReference<>();
    private final EchoStreams streams;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile long endedNanos;

    private EchoServer(Settings settings) throws IOException {
        this.settings = settings;
        this.selector = Selector.open();
        this.streams = new EchoStreams(selector);
        this.thread = new Thread(this::loop, "ek-echo");
    }

    /** Binds all sockets and starts serving. */
    public static EchoServer open(Settings settings) throws IOException {
        EchoServer server = new EchoServer(settings);
        try {
            for (InetSocketAddress address : settings.listen) server.listen(address);
        } catch (IOException e) {
            server.release();
            throw e;
        }
        server.thread.setDaemon(true);
        server.thread.start();
        return server;
    }

    /** Where it listens, in the order of the settings, with the ports that were picked. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** A copy of the record as it is now. */
    public ServerRecord record() {
        CompletableFuture<ServerRecord> answer = new CompletableFuture<>();
        while (!asked.compareAndSet(null, answer)) LockSupport.parkNanos(100_000);
        selector.wakeup();
        if (ended) answer(); // nobody writes the record any more
        return answer.join();
    }

    /** System.nanoTime of the instant at which {@link #close} closed the sockets. */
    long endedNanos() {
        return endedNanos;
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen(InetSocketAddress wanted) throws IOException {
        for (int attempt = 1; ; attempt++) {
            DatagramChannel udp = openUdp(wanted);
            InetSocketAddress bound = (InetSocketAddress) udp.getLocalAddress();
            try {
                if (settings.sidePort != SidePort.NONE) listenTcp(bound);
            } catch (IOException taken) {
                udp.close();
                if (wanted.getPort() != 0 || attempt == PORT_TRIES) throw taken;
                continue;
            }
            sockets.add(udp);
            addresses.add(bound);
            return;
        }
    }

    private DatagramChannel openUdp(InetSocketAddress wanted) throws IOException {
        DatagramChannel udp = DatagramChannel.open(familyOf(wanted));
        try {
            udp.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            udp.bind(wanted).configureBlocking(false);
            udp.register(selector, SelectionKey.OP_READ);
            return udp;
        } catch (IOException e) {
            udp.close();
            throw new IOException("bind " + Addresses.text(wanted) + "/udp: " + e.getMessage(), e);
        }
    }

    private void listenTcp(InetSocketAddress address) throws IOException {
        ServerSocketChannel tcp = ServerSocketChannel.open(familyOf(address));
        try {
            tcp.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            tcp.bind(address).configureBlocking(false);
            tcp.register(selector, SelectionKey.OP_ACCEPT);
            sidePorts.add(tcp);
        } catch (IOException e) {
            tcp.close();
            throw new IOException("bind " + Addresses.text(address) + "/tcp: " + e.getMessage(), e);
        }
    }

    static StandardProtocolFamily familyOf(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address
                ? StandardProtocolFamily.INET6
                : StandardProtocolFamily.INET;
    }

    private void loop() {
        try (selector) {
            while (!closing) {
                selector.select(this::serve, millisToNextReply());
                sendDueReplies();
                answer();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            end();
        }
    }

    /** Takes what has arrived up to now, so that nothing is lost in a buffer, and closes everything in one go. */
    private void end() {
        record.kernelDrops = KernelDrops.sum(addresses);
        try {
            for (DatagramChannel udp : sockets) {
                int taken = BATCH;
                while (taken == BATCH) taken = receive(udp);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            endedNanos = System.nanoTime();
            release();
            ended = true;
            answer();
        }
    }

    private void serve(SelectionKey key) {
        try {
            switch (key.channel()) {
                case DatagramChannel udp -> receive(udp);
                case ServerSocketChannel tcp -> accept(tcp);
                case SocketChannel connection -> streams.echo(connection);
                default -> throw new IllegalStateException(key.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes up to a batch of datagrams; answers how many there were. */
    private int receive(DatagramChannel udp) throws IOException {
        for (int i = 0; i < BATCH; i++) {
            buffer.clear();
            InetSocketAddress source = (InetSocketAddress) udp.receive(buffer);
            if (source == null) return i;
            buffer.flip();
            note(source);
            for (int n = 0; n < settings.repliesPerRequest; n++) reply(udp, source);
        }
        return BATCH;
    }

    private void note(InetSocketAddress source) {
        record.received++;
        record.bytes += buffer.limit();
        switch (payload.judge(buffer)) {
            case SOUND ->
                record.runForWriting(Payload.run(buffer))
                        .note(
                                Payload.client(buffer),
                                Payload.sequence(buffer),
                                Payload.sentNanos(buffer),
                                System.nanoTime(),
                                source);
            case SHORT -> {
                record.shorts++;
                record.shortBytes += buffer.limit();
            }
            case FOREIGN -> record.foreign++;
            case DAMAGED -> record.damaged++;
        }
    }

    private void reply(DatagramChannel udp, InetSocketAddress to) throws IOException {
        if (settings.replyDelay.isZero()) {
            send(udp, buffer.rewind(), to);
            return;
        }
        if (held.size() == MAX_HELD_REPLIES) {
            record.repliesBlocked++;
            return;
        }
        ByteBuffer copy =
                ByteBuffer.allocate(buffer.limit()).put(buffer.rewind()).flip();
        held.add(new HeldReply(udp, to, copy, System.nanoTime() + settings.replyDelay.toNanos()));
    }

    private void send(DatagramChannel udp, ByteBuffer bytes, InetSocketAddress to) throws IOException {
        long giveUp = System.nanoTime() + BLOCKED_REPLY_NANOS;
        while (udp.send(bytes, to) == 0 && bytes.hasRemaining()) {
            if (System.nanoTime() - giveUp > 0) {
                record.repliesBlocked++;
                return;
            }
            LockSupport.parkNanos(50_000);
        }
        record.repliesSent++;
    }

    private void sendDueReplies() throws IOException {
        long now = System.nanoTime();
        for (HeldReply next = held.peek(); next != null && next.dueNanos - now <= 0; next = held.peek()) {
            held.remove();
            send(next.from, next.bytes, next.to);
        }
    }

    /** For {@link Selector#select(long)}, where 0 means for ever. */
    private long millisToNextReply() {
        HeldReply next = held.peek();
        return next == null ? 0 : Math.max(1, (next.dueNanos - System.nanoTime()) / 1_000_000);
    }

    private void accept(ServerSocketChannel tcp) throws IOException {
        for (SocketChannel client = tcp.accept(); client != null; client = tcp.accept()) {
            record.connections++;
            if (settings.sidePort == SidePort.ECHO) streams.welcome(client);
            else client.close();
        }
    }

    private void answer() {
        CompletableFuture<ServerRecord> question = asked.getAndSet(null);
        if (question == null) return;
        if (!ended) record.kernelDrops = KernelDrops.sum(addresses);
        question.complete(new ServerRecord(record));
    }

    private void release() {
        try {
            for (DatagramChannel udp : sockets) udp.close();
            for (ServerSocketChannel tcp : sidePorts) tcp.close();
            streams.close();
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
