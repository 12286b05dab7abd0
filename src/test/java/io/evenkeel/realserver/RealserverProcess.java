package io.evenkeel.realserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.cli.Evenkeel;
import io.evenkeel.lab.Node;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@code evenkeel realserver} as a process on a node, which a test starts, listens to, signals and ends. */
final class RealserverProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;
    private static final String END = "\0";

    private final Process process;
    private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();
    private final List<String> said = new ArrayList<>();

    private RealserverProcess(Process process) {
        this.process = process;
        Thread.ofVirtual().name("realserver-out").start(this::read);
    }

    static RealserverProcess start(Node node, Path state, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("realserver", "--state-dir", state.toString()));
        arguments.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(Evenkeel.command(arguments.toArray(String[]::new)));
        return new RealserverProcess(node.start(builder.redirectErrorStream(true)));
    }

    /** Starts it and waits until it is ready. */
    static RealserverProcess ready(Node node, Path state, String... options) throws IOException {
        RealserverProcess started = start(node, state, options);
        started.await("ready: ");
        return started;
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) unread.add(line);
        } catch (IOException ended) {
            unread.add("its output broke: " + ended);
        }
        unread.add(END);
    }

    /** Waits for a line with {@code part}, on either stream. Lines are looked at once, in order. */
    String await(String part) {
        while (true) {
            String line = next();
            if (line.equals(END)) throw new AssertionError("it ended and never said '" + part + "': " + said);
            if (line.contains(part)) return line;
        }
    }

    private String next() {
        try {
            String line = unread.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) throw new AssertionError("nothing said for " + PATIENCE_SECONDS + " s: " + said);
            said.add(line);
            return line;
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    void signal(String name) {
        io.evenkeel.lab.Command.run("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Asks for a report and answers its line of counters. */
    String report() {
        signal("USR1");
        return await("received: ");
    }

    /** Ends it by a signal; answers everything it said. */
    List<String> end(String signal) throws InterruptedException {
        signal(signal);
        exit();
        return rest();
    }

    /** Everything it said, once it has ended. */
    List<String> rest() {
        while (!next().equals(END)) {}
        said.remove(END);
        return List.copyOf(said);
    }

    int exit() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("it ends")
                .isTrue();
        return process.exitValue();
    }

    /** As the kernel's out-of-memory killer does it. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
