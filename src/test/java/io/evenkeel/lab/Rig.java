package io.evenkeel.lab;

import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SameProgram;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.ServerRecord;
import io.evenkeel.traffic.TrafficProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client, a director and realservers, numbered from 1, each a process of its own. Closing it closes all and fails the
 * test if the director's books do not balance. One thread, the test's.
 */
public abstract class Rig implements AutoCloseable {
    /** The service port, and the realservers', unless a rig has to choose others. */
    protected static final int PORT = 5514;

    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path LIBRARIES = Path.of("target", "lib");

    private final String plane;
    private final Layout layout;
    private final Map<Integer, TrafficProcess> servers = new TreeMap<>();
    private final List<DirectorUnderTest> directors = new ArrayList<>();
    private @Nullable TrafficProcess client;

    Rig(String plane, Layout layout) {
        this.plane = plane;
        this.layout = layout;
    }

    /** Our own program as modules, as the launcher runs it. */
    public static SameProgram program() {
        if (!Files.isDirectory(LIBRARIES)) throw new IllegalStateException("build first: no " + LIBRARIES);
        return SameProgram.ofModules(CLASSES + File.pathSeparator + LIBRARIES);
    }

    /** Where the service is. */
    public abstract InetSocketAddress vip();

    /** Where realserver {@code i}, from 1, is. */
    public abstract InetSocketAddress server(int i);

    /** So many addresses of the client; it owns them all. */
    public abstract List<InetAddress> clientAddresses(int count);

    /** What to put before a command that is to run where the client, the director or realserver {@code i} is. */
    abstract List<String> clientPrefix();

    abstract List<String> directorPrefix();

    abstract List<String> serverPrefix(int i);

    public String plane() {
        return plane;
    }

    public Layout layout() {
        return layout;
    }

    /** Starts every realserver with these settings; {@code listen} is filled in. */
    public void startServers(EchoServer.Settings settings) throws IOException {
        for (int i = 1; i <= layout.servers(); i++) startServer(i, settings);
    }

    /** Starts realserver {@code i}, for the first time or again after {@link #killServer}. */
    public void startServer(int i, EchoServer.Settings settings) throws IOException {
        int process = layout.together() ? 1 : i;
        TrafficProcess server = servers.get(process);
        if (server == null) {
            server = TrafficProcess.start(program(), serverPrefix(i));
            servers.put(process, server);
        }
        server.serve(new EchoServer.Settings(
                List.of(server(i)), settings.repliesPerRequest(), settings.replyDelay(), settings.sidePort()));
    }

    /** SIGKILL to a realserver; answers System.nanoTime of just before. */
    public long killServer(int i) {
        TrafficProcess server = servers.remove(i);
        if (server == null) throw new IllegalStateException("realserver " + i + " does not run");
        return server.kill();
    }

    /**
     * Closes a realserver's sockets in one instant and answers its System.nanoTime. Its record stays, so that an
     * audit knows what it had received.
     */
    public long vanishServer(int i) throws IOException {
        TrafficProcess server = servers.get(i);
        if (server == null) throw new IllegalStateException("realserver " + i + " does not run");
        return server.vanish();
    }

    public boolean serverRuns(int i) {
        return servers.containsKey(layout.together() ? 1 : i);
    }

    /** What realserver {@code i} has seen since it was started. */
    public ServerRecord report(int i) throws IOException {
        TrafficProcess server = servers.get(layout.together() ? 1 : i);
        if (server == null) throw new IllegalStateException("realserver " + i + " does not run");
        return server.report(layout.together() ? i - 1 : 0);
    }

    /** Joins what the client sent with what the living realservers, named b1, b2 and so on, have. */
    public Audit audit(SendRecord sent) throws IOException {
        return audit(sent, Map.of());
    }

    /** @param dead what realservers had seen before they were killed */
    public Audit audit(SendRecord sent, Map<String, ServerRecord> dead) throws IOException {
        Map<String, ServerRecord> records = new LinkedHashMap<>(dead);
        for (int i = 1; i <= layout.servers(); i++) {
            if (serverRuns(i)) records.put(name(i), report(i));
        }
        return new Audit(sent, records);
    }

    public static String name(int i) {
        return "b" + i;
    }

    /** The client's process. */
    public TrafficProcess client() throws IOException {
        if (client == null) client = TrafficProcess.start(program(), clientPrefix());
        return client;
    }

    /** Sends all of a plan from the client. */
    public SendRecord send(SendPlan plan) throws IOException {
        client().send(plan);
        return client().awaitEnd();
    }

    /** Starts a director on a configuration and waits until it serves. */
    public DirectorUnderTest director(String configuration) throws IOException, InterruptedException {
        DirectorUnderTest director = DirectorUnderTest.start(directorPrefix(), configuration, plane);
        directors.add(director);
        director.awaitReady();
        return director;
    }

    /** Starts a director in the place of one that has ended, and waits until it serves. */
    public DirectorUnderTest directorAgain(DirectorUnderTest ended) throws IOException, InterruptedException {
        DirectorUnderTest director = DirectorUnderTest.startAgain(directorPrefix(), ended, plane);
        try {
            director.awaitReady();
        } catch (AssertionError refused) {
            director.process().close();
            throw refused;
        }
        directors.add(director);
        return director;
    }

    /** Starts a director and waits until all of its realservers are up. */
    public DirectorUnderTest directorWithAllUp(String configuration) throws IOException, InterruptedException {
        DirectorUnderTest director = director(configuration);
        director.awaitAllUp(Duration.ofSeconds(10));
        return director;
    }

    /** A configuration of one UDP service at {@link #vip} with all realservers. */
    public ServiceText service() {
        ServiceText text = ServiceText.udp(vip());
        for (int i = 1; i <= layout.servers(); i++) text.realServer(server(i));
        return text;
    }

    @Override
    public void close() throws IOException {
        try {
            for (DirectorUnderTest director : directors) director.close();
        } finally {
            if (client != null) client.close();
            servers.values().forEach(TrafficProcess::close);
            takeDown();
        }
    }

    /** Removes what the rig itself is made of. */
    void takeDown() {}
}
