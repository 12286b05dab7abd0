package io.evenkeel.demo;

import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.DirectorProcess;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SameProgram;
import io.evenkeel.traffic.TrafficProcess;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The processes and files of one demo: three realservers, a director, a private directory. Everything on loopback, no
 * privilege. {@link #close} may be called from any thread, more than once; it leaves nothing behind.
 */
final class Stage implements AutoCloseable {
    private static final String VIP = "127.0.0.10";
    private static final int PORT_TRIES = 20;
    private static final Duration READY_PATIENCE = Duration.ofSeconds(20);

    private final SameProgram program;
    private final Path directory;
    private final InetSocketAddress vip;
    private final List<TrafficProcess> servers = new ArrayList<>();
    private @Nullable DirectorProcess director;
    private boolean closed;

    private Stage(SameProgram program, Path directory, InetSocketAddress vip) {
        this.program = program;
        this.directory = directory;
        this.vip = vip;
    }

    /** Starts the realservers on a port that is free on every address the demo uses. */
    static Stage open(SameProgram program) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Stage stage = new Stage(program, Files.createTempDirectory("evenkeel-demo-"), freePort());
            try {
                for (int i = 0; i < DemoSettings.SERVERS; i++) stage.servers.add(stage.startServer(i));
                return stage;
            } catch (IOException taken) {
                stage.close();
                if (attempt == PORT_TRIES) throw taken;
            }
        }
    }

    InetSocketAddress vip() {
        return vip;
    }

    /** Where realserver {@code i}, from 0, listens. */
    InetSocketAddress address(int i) {
        return Addresses.at("127.0.0." + (11 + i), vip.getPort());
    }

    synchronized TrafficProcess server(int i) {
        return servers.get(i);
    }

    Path runtimeDirectory() {
        return directory.resolve("run");
    }

    Path writeConfiguration() throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (int i = 0; i < DemoSettings.SERVERS; i++) addresses.add(address(i));
        return Files.writeString(directory.resolve("demo.conf"), DemoConfiguration.of(vip, addresses));
    }

    /** Starts the director on what was written and waits until it serves. */
    DirectorProcess startDirector(Path configuration) throws IOException, InterruptedException {
        List<String> options = List.of("--plane", "socket");
        DirectorProcess started = DirectorProcess.start(program, List.of(), configuration, runtimeDirectory(), options);
        adopt(started);
        if (!started.awaitReady(READY_PATIENCE)) throw new IOException("the director did not start");
        return started;
    }

    /** Starts a killed realserver again, at the same address. */
    void restart(int i) throws IOException {
        TrafficProcess started = startServer(i);
        synchronized (this) {
            servers.set(i, started);
        }
    }

    /** What the director has said on stderr. */
    synchronized List<String> directorLog() {
        return director == null ? List.of() : director.log();
    }

    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        if (director != null) director.close();
        servers.forEach(TrafficProcess::close);
        remove(directory);
    }

    private synchronized void adopt(DirectorProcess started) {
        director = started;
        if (closed) started.close();
    }

    private TrafficProcess startServer(int i) throws IOException {
        TrafficProcess server = TrafficProcess.start(program);
        try {
            server.serve(EchoServer.Settings.echo(address(i)));
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    private static InetSocketAddress freePort() throws IOException {
        try (DatagramSocket probe = new DatagramSocket(Addresses.at(VIP, 0))) {
            return Addresses.at(VIP, probe.getLocalPort());
        }
    }

    /** Removes what the demo and its director wrote: files, and one level of directories. */
    private static void remove(Path path) {
        try {
            if (Files.isDirectory(path)) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
                    for (Path entry : entries) remove(entry);
                }
            }
            Files.deleteIfExists(path);
        } catch (IOException left) {
            // a file in the temporary directory stays behind: not worth failing for
        }
    }
}
