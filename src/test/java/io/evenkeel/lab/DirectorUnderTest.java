package io.evenkeel.lab;

import io.evenkeel.api.ControlClient;
import io.evenkeel.api.ControlMessage;
import io.evenkeel.daemon.RuntimeDirectory;
import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.traffic.DirectorProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.opentest4j.AssertionFailedError;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A director process as tests use it: started on a configuration, asked over its control socket, and at the end held to
 * both accounting laws and to a clean exit.
 */
public final class DirectorUnderTest implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(30);
    private static final Duration EXIT_PATIENCE = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 4;
    private static final long SECOND_REQUEST_MILLIS = 100;

    private final DirectorProcess process;
    private final Path directory;
    private final Path configuration;
    private boolean closed;

    private DirectorUnderTest(DirectorProcess process, Path directory, Path configuration) {
        this.process = process;
        this.directory = directory;
        this.configuration = configuration;
    }

    static DirectorUnderTest start(List<String> prefix, String configuration, String plane) throws IOException {
        Path directory = Files.createTempDirectory("ek-director-");
        Path file = Files.writeString(directory.resolve("evenkeel.conf"), configuration);
        return new DirectorUnderTest(launch(prefix, directory, file, plane), directory, file);
    }

    /** Starts another process in the place of one that has ended, with its configuration and runtime directory. */
    static DirectorUnderTest startAgain(List<String> prefix, DirectorUnderTest ended, String plane) throws IOException {
        if (!ended.closed) throw new IllegalStateException("it has not ended");
        DirectorProcess process = launch(prefix, ended.directory, ended.configuration, plane);
        return new DirectorUnderTest(process, ended.directory, ended.configuration);
    }

    private static DirectorProcess launch(List<String> prefix, Path directory, Path file, String plane)
            throws IOException {
        return DirectorProcess.start(Rig.program(), prefix, file, directory.resolve("run"), List.of("--plane", plane));
    }

    /** Its runtime directory. */
    public Path runtimeDirectory() {
        return directory.resolve("run");
    }

    void awaitReady() throws InterruptedException {
        if (process.awaitReady(READY_PATIENCE)) return;
        throw new AssertionFailedError("the director did not become ready; it said:\n" + String.join("\n", log()));
    }

    public long pid() {
        return process.pid();
    }

    public List<String> log() {
        return process.log();
    }

    /** What {@code status --json} says now. */
    public Status status() {
        return Status.parse(ask(new ControlMessage.StatusJson()));
    }

    /** Waits until a realserver is in a state; answers System.nanoTime of the reading that showed it. */
    public long awaitState(InetSocketAddress server, String state, Duration patience) throws InterruptedException {
        Status[] last = new Status[1];
        boolean seen = await(patience, status -> {
            last[0] = status;
            return status.state(server).equals(state);
        });
        if (seen) return System.nanoTime();
        throw new AssertionFailedError(Status.text(server) + " did not become " + state + " within "
                + patience.toMillis() + " ms: " + (last[0] == null ? "" : last[0].server(server)));
    }

    /**
     * Waits until a realserver is in a state and every worker has acknowledged it; answers System.nanoTime of the reading
     * that showed both. No datagram received after that is treated the old way.
     */
    public long awaitSettled(InetSocketAddress server, String state, Duration patience) throws InterruptedException {
        boolean seen = await(patience, status -> status.state(server).equals(state) && status.settled());
        if (seen) return System.nanoTime();
        throw new AssertionFailedError(Status.text(server) + " was not acknowledged as " + state + " within "
                + patience.toMillis() + " ms: " + status());
    }

    /** The version of the table that every worker has taken up. */
    public long tableAcknowledged() {
        return status().tableAcknowledged();
    }

    /** Waits until every realserver is up, and every worker knows it. */
    public void awaitAllUp(Duration patience) throws InterruptedException {
        boolean up = await(patience, status -> {
            for (JsonNode service : status.document().path("services")) {
                for (JsonNode server : service.path("realservers")) {
                    boolean standby = server.path("sorry").asBoolean();
                    if (!standby && !server.path("state").asString().equals("up")) return false;
                }
            }
            return status.settled();
        });
        if (!up) throw new AssertionFailedError("not every realserver came up: " + status());
    }

    /** Waits for a condition on the status; false if it was not met in time. */
    public boolean await(Duration patience, Predicate<Status> condition) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.test(status())) {
            if (System.nanoTime() - end > 0) return false;
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    /** Writes another configuration and asks for a reload; answers what the director says to it. */
    public String reload(String text) throws IOException {
        Files.writeString(configuration, text);
        return ask(new ControlMessage.Reload());
    }

    /** Writes another configuration and sends SIGHUP. */
    public void hangUp(String text) throws IOException, InterruptedException {
        Files.writeString(configuration, text);
        process.signal("HUP");
    }

    /** Sets an operator's wish; returns when every worker has acknowledged it. */
    public void intend(InetSocketAddress vip, InetSocketAddress server, OperatorIntent intent) {
        ask(new ControlMessage.Intend(new ServiceKey(Protocol.UDP, endpoint(vip)), endpoint(server), intent));
    }

    /** What {@code explain --json} says. */
    public JsonNode explain(Question question) {
        return JsonMapper.shared().readTree(ask(new ControlMessage.Explain(question, true)));
    }

    /** How it refuses to explain. */
    public String refusal(Question question) {
        Path socket = RuntimeDirectory.socketIn(directory.resolve("run"));
        ControlClient.Answer answer = ControlClient.ask(socket, new ControlMessage.Explain(question, true));
        if (answer instanceof ControlClient.Answer.Replied(ControlMessage.Reply reply)
                && reply.outcome() == ControlMessage.Outcome.REFUSED) return reply.body();
        throw new AssertionFailedError(question + " was not refused: " + answer);
    }

    public DirectorProcess process() {
        return process;
    }

    /** received = forwarded + local + Σ drops, and repliesReceived = replies + Σ replyDrops. */
    public void assertBooksBalance() {
        Status status = status();
        long forward =
                status.total("received") - status.total("forwarded") - status.total("local") - status.sum("drops");
        long reply = status.total("repliesReceived") - status.total("replies") - status.sum("replyDrops");
        if (forward == 0 && reply == 0 && status.total("imbalance") == 0) return;
        throw new AssertionFailedError("the director's books do not balance: " + status);
    }

    /** SIGKILL: it ends without a word, and its books are not asked for. */
    public void kill() throws IOException, InterruptedException {
        crash();
        Command.run("rm", "-rf", directory.toString());
    }

    /** As {@link #kill}, but another may be started in its place. */
    public void crash() throws IOException, InterruptedException {
        closed = true;
        process.signal("KILL");
        process.awaitExit(EXIT_PATIENCE);
        process.close();
    }

    /** Asks it to end and to leave in force what it can; another may be started in its place. */
    public void leave() throws InterruptedException {
        ask(new ControlMessage.Leave());
        closed = true;
        OptionalInt exit = process.awaitExit(EXIT_PATIENCE);
        process.close();
        if (exit.isPresent() && exit.getAsInt() == 0) return;
        throw new AssertionFailedError("the director ended with " + exit + ":\n" + String.join("\n", log()));
    }

    @Override
    public void close() throws IOException {
        if (closed) return;
        closed = true;
        try {
            if (!process.alive()) throw new AssertionFailedError("the director died:\n" + String.join("\n", log()));
            assertBooksBalance();
            stopInOrder();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.close();
            Command.run("rm", "-rf", directory.toString());
        }
    }

    private void stopInOrder() throws InterruptedException {
        process.terminate();
        Thread.sleep(SECOND_REQUEST_MILLIS);
        process.terminate(); // asked twice, it does not wait for replies
        OptionalInt exit = process.awaitExit(EXIT_PATIENCE);
        if (exit.isPresent() && exit.getAsInt() == 0) return;
        throw new AssertionFailedError("the director ended with " + exit + ":\n" + String.join("\n", log()));
    }

    private String ask(ControlMessage.Request request) {
        Path socket = RuntimeDirectory.socketIn(directory.resolve("run"));
        return switch (ControlClient.ask(socket, request)) {
            case ControlClient.Answer.Replied(ControlMessage.Reply reply) -> {
                if (reply.outcome() == ControlMessage.Outcome.DONE) yield reply.body();
                throw new AssertionFailedError(request + ": " + reply.outcome() + ": " + reply.body());
            }
            case ControlClient.Answer.NoDirector() ->
                throw new AssertionFailedError("no director answers; it said:\n" + String.join("\n", log()));
            case ControlClient.Answer.Broken(String why) -> throw new AssertionFailedError(why);
        };
    }

    private static Endpoint endpoint(InetSocketAddress at) {
        return new Endpoint(IpAddress.ofBytes(at.getAddress().getAddress()), at.getPort());
    }
}
