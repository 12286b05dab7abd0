package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A director as a process of its own, that a test starts, asks, signals and ends. Used by the test's thread. */
public final class DirectorProcess implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 30;
    private static final String END = "\0";

    private final Process process;
    private final Path runtime;
    private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();
    private final List<String> log = new ArrayList<>();

    private DirectorProcess(Process process, Path runtime) {
        this.process = process;
        this.runtime = runtime;
        Thread.ofVirtual().name("director-log").start(this::read);
    }

    /** Starts {@code run file} and waits until it serves. {@code prefix} comes before the command line, e.g. setpriv. */
    public static DirectorProcess serving(List<String> prefix, Path file, Path runtime) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(Evenkeel.command("run", file.toString(), "--runtime-dir", runtime.toString()));
        try {
            DirectorProcess director = new DirectorProcess(
                    new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start(),
                    runtime);
            director.awaitLog(" ready: ");
            return director;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void read() {
        try (BufferedReader lines = process.errorReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) unread.add(line);
        } catch (IOException ended) {
            unread.add("the log broke: " + ended);
        }
        unread.add(END);
    }

    /** Waits for a line of the log that contains {@code part}, and answers it. Lines are looked at once, in order. */
    public String awaitLog(String part) {
        while (true) {
            String line = next();
            if (line.equals(END)) throw new AssertionError("the director ended and never said '" + part + "': " + log);
            if (line.contains(part)) return line;
        }
    }

    private String next() {
        try {
            String line = unread.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) throw new AssertionError("nothing in the log for " + PATIENCE_SECONDS + " s: " + log);
            log.add(line);
            return line;
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    /** What the log has said so far, as far as it was looked at. */
    public List<String> log() {
        return log;
    }

    public long pid() {
        return process.pid();
    }

    /** Asks it with a command of ours. */
    public Ran ask(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--runtime-dir", runtime.toString()));
        return Evenkeel.run(all.toArray(String[]::new));
    }

    public JsonNode status() {
        return JsonMapper.shared().readTree(ask("status", "--json").exits(0).out());
    }

    /** Sends a signal by its name, e.g. {@code HUP}. */
    public void signal(String name) {
        Ran.run(List.of("kill", "-" + name, Long.toString(pid())), System.getenv(), Path.of("."))
                .exits(0);
    }

    /** Waits for its end, after a signal. */
    public int awaitEnd() {
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("the director ends")
                    .isTrue();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
        return process.exitValue();
    }

    /** Ends it as an operator would; what is left is killed. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
        }
    }
}
