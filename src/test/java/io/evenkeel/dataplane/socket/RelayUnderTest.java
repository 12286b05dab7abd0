package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A relay on loopback with its loop, a scripted service, and the realservers' listeners. */
final class RelayUnderTest implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);

    static {
        warmUp();
    }

    /** What the JDK opens once for its sockets, and keeps, is open before descriptors are counted. */
    static void warmUp() {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket server = listener.accept()) {
            server.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final long filesBefore = openFiles();
    final StreamTestLoop loop = new StreamTestLoop();
    final ScriptedStreamService service = new ScriptedStreamService();
    final List<ServerSocket> listeners = new ArrayList<>();
    final IpAddress loopback;
    private final List<Closeable> toClose = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    final StreamPool pool;
    final StreamRelay relay;
    final int port;

    RelayUnderTest() {
        this(false, StreamRelay.IDLE_NANOS, 10_000);
    }

    RelayUnderTest(boolean v6) {
        this(v6, StreamRelay.IDLE_NANOS, 10_000);
    }

    RelayUnderTest(boolean v6, long idleNanos, int mostConnections) {
        loopback = IpAddress.of(v6 ? "::1" : "127.0.0.1");
        pool = new StreamPool(arena, new StreamPool.Room(mostConnections));
        int listener = StreamOpening.open(new Endpoint(loopback, 0));
        assertThat(listener).isNotNegative();
        port = Sockets.localPort(listener);
        relay = new StreamRelay(service, loop, pool, listener, idleNanos);
        loop.run(() -> {
            relay.start();
            loop.ticks(relay);
        });
    }

    /** Adds a realserver with a listener of its own. */
    ServerSocket server() {
        ServerSocket listener = listen(1_000);
        loop.run(() -> service.add(endpoint(listener.getLocalPort())));
        return listener;
    }

    /** Adds a realserver whose port nobody listens on. */
    void refusingServer() {
        ServerSocket listener = listen(1);
        loop.run(() -> service.add(endpoint(listener.getLocalPort())));
        close(listener);
    }

    ServerSocket listen(int backlog) {
        try {
            ServerSocket listener = new ServerSocket(0, backlog, InetAddress.getByAddress(loopback.toBytes()));
            listener.setSoTimeout((int) PATIENCE.toMillis());
            listeners.add(listener);
            toClose.add(listener);
            return listener;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A listener whose backlog is full: the kernel ignores further SYNs. */
    ServerSocket fullListener() throws IOException {
        ServerSocket full = listen(1);
        for (int i = 0; i < 2; i++) connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()));
        return full;
    }

    /** The n-th listener that was opened. */
    ServerSocket listenerOf(int n) {
        return listeners.get(n);
    }

    Endpoint endpoint(int itsPort) {
        return new Endpoint(loopback, itsPort);
    }

    InetSocketAddress address() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(loopback.toBytes()), port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client that has connected to the relay. */
    Socket client() throws IOException {
        return connect(address());
    }

    private Socket connect(InetSocketAddress to) throws IOException {
        Socket client = new Socket();
        toClose.add(client);
        client.connect(to);
        client.setSoTimeout((int) PATIENCE.toMillis());
        return client;
    }

    Socket accept(ServerSocket listener) throws IOException {
        Socket accepted = listener.accept();
        toClose.add(accepted);
        accepted.setSoTimeout((int) PATIENCE.toMillis());
        return accepted;
    }

    /** Closes so that the peer sees a reset. */
    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static void close(Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int live() {
        return loop.call(relay::live);
    }

    int forwarded() {
        return loop.call(() -> service.forwarded);
    }

    int drops(DropReason reason) {
        return loop.call(() -> service.drops.getOrDefault(reason, 0));
    }

    long path(PathCounter path) {
        return loop.call(() -> service.paths.getOrDefault(path, 0L));
    }

    /** Waits until the loop's own state fulfils it. */
    void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!loop.call(condition::getAsBoolean)) {
            assertThat(System.nanoTime() - deadline)
                    .as("waiting until %s", what)
                    .isNegative();
            Thread.sleep(2);
        }
    }

    /** Sockets, pipes, eventfds and epolls: not the files that the JVM opens for its classes. */
    static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(RelayUnderTest::isNoFile).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isNoFile(Path descriptor) {
        try {
            return !Files.readSymbolicLink(descriptor).isAbsolute(); // socket:[…], pipe:[…], anon_inode:…
        } catch (IOException goneMeanwhile) {
            return false;
        }
    }

    /** Ends everything and finds every descriptor given back. */
    @Override
    public void close() throws IOException {
        for (Closeable resource : toClose) resource.close();
        loop.run(relay::close);
        assertThat(loop.call(relay::live)).isZero();
        assertThat(loop.call(loop::watched)).isZero();
        assertThat(service.servers).allSatisfy(server -> {
            assertThat(server.flows).isZero();
            assertThat(server.active).isZero();
        });
        pool.close();
        loop.close();
        arena.close();
        assertThat(openFiles()).as("open descriptors").isEqualTo(filesBefore);
    }
}
