package io.evenkeel.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A director in a process of its own: {@code evenkeel run}. It stops when its standard input closes, so that it does not
 * outlive whoever started it. Any thread.
 */
public final class DirectorProcess implements AutoCloseable {
    private static final String MAIN = "io.evenkeel.cli.Main";
    private static final int MAX_LOG_LINES = 10_000;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    private final Process process;
    private final List<String> log = new ArrayList<>();
    private final CountDownLatch readyOrEnded = new CountDownLatch(1);
    private final Thread reader;
    private boolean ready;

    private DirectorProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::readLog, "ek-director-log");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts one; see {@link #awaitReady}.
     *
     * @param prefix put before the command, e.g. {@code ip netns exec NAME}; may be empty
     * @param options of the run command, after the file, e.g. {@code --plane socket}
     */
    public static DirectorProcess start(
            SameProgram program, List<String> prefix, Path configuration, Path runtimeDirectory, List<String> options)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", configuration.toString()));
        arguments.addAll(List.of("--runtime-dir", runtimeDirectory.toString(), "--until-input-closes"));
        arguments.addAll(options);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(program.command(MAIN, arguments));
        return new DirectorProcess(new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Waits for the line that says it serves. False if it ended, or time is up; {@link #log} tells more. */
    public boolean awaitReady(Duration patience) throws InterruptedException {
        boolean told = readyOrEnded.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        synchronized (log) {
            return told && ready;
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** What it wrote to stderr, at most the first 10,000 lines. */
    public List<String> log() {
        synchronized (log) {
            return List.copyOf(log);
        }
    }

    /** Sends a signal by name, e.g. {@code HUP}. */
    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    }

    /** Asks it to stop, by SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Its exit status once it has ended; empty if it still runs when time is up. */
    public OptionalInt awaitExit(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) return OptionalInt.empty();
        return OptionalInt.of(process.exitValue());
    }

    /** Stops it, by force if it does not obey. */
    @Override
    public void close() {
        terminate();
        try {
            if (awaitExit(STOP_PATIENCE).isEmpty()) process.destroyForcibly();
            reader.join();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void readLog() {
        try (BufferedReader lines = process.errorReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) note(line);
        } catch (IOException closed) {
            note("(its log could not be read: " + closed.getMessage() + ")");
        } finally {
            readyOrEnded.countDown();
        }
    }

    private void note(String line) {
        synchronized (log) {
            if (log.size() < MAX_LOG_LINES) log.add(line);
            if (line.contains("ready")) {
                ready = true;
                readyOrEnded.countDown();
            }
        }
    }
}
