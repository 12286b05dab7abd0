package io.evenkeel.health;

import io.evenkeel.linux.ChildProcess;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Sockets;
import io.evenkeel.linux.SyscallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts children on the thread ek-spawn, because looking for its file and loading it block as long as a file system
 * likes. Probes' virtual threads wait here without blocking natively. Also keeps those few children that not even SIGKILL ends at once (stuck
 * in the kernel on a dead file system), to reap them when they do end.
 */
final class ChildSpawner implements AutoCloseable {

    /** How long a program may take to load. */
    private static final long START_PATIENCE_SECONDS = 5;

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int REAP_PATIENCE_MILLIS = 1_000;

    /** Beyond so many children that cannot be killed no further one is started. */
    static final int MOST_ABANDONED = 64;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().name("ek-spawn").unstarted(task));
    private final List<ChildProcess> abandoned = new ArrayList<>();

    /** What became of {@link #start}. */
    sealed interface Start {

        record Running(ChildProcess child) implements Start {}

        /** @param why for a person, with the program's name */
        record NotStarted(String why) implements Start {}
    }

    /**
     * Finds and starts a program. Any thread; waits at most {@value #START_PATIENCE_SECONDS} s.
     *
     * @param command the program and its arguments
     */
    Start start(List<String> command) {
        String name = command.getFirst();
        if (sweep() >= MOST_ABANDONED) {
            return new Start.NotStarted(name + ": " + MOST_ABANDONED + " earlier children cannot be killed");
        }
        CompletableFuture<Start> started = new CompletableFuture<>();
        try {
            thread.execute(() -> answer(started, command));
            return started.get(START_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException stopping) {
            return new Start.NotStarted(Probes.STOPPING.evidence());
        } catch (TimeoutException late) {
            if (!started.cancel(false)) return started.join(); // just now after all
            return new Start.NotStarted(name + ": could not be loaded in " + START_PATIENCE_SECONDS + " s");
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("nobody interrupts a probe, and no start throws", e);
        }
    }

    /** On ek-spawn. */
    private static void answer(CompletableFuture<Start> started, List<String> command) {
        if (started.isDone()) return; // given up before it began
        Start start;
        try {
            start = startNow(command, System.getenv());
        } catch (RuntimeException bug) {
            started.completeExceptionally(bug);
            throw bug;
        }
        if (started.complete(start) || !(start instanceof Start.Running(ChildProcess child))) return;
        child.signalGroup(ChildProcess.SIGKILL);
        if (Sockets.poll(child.endedFd(), Sockets.POLLIN, REAP_PATIENCE_MILLIS) == 1) child.reap();
        child.close();
    }

    private static Start startNow(List<String> command, Map<String, String> environment) {
        String path = environment.getOrDefault("PATH", DEFAULT_PATH);
        ProgramFile.Found found = ProgramFile.find(command.getFirst(), path);
        if (found.file().isEmpty()) return new Start.NotStarted(found.why());
        if (command.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            return new Start.NotStarted("an argument holds a zero character");
        }
        String program = found.file().get().toString();
        try {
            return new Start.Running(ChildProcess.start(program, command, environment(environment)));
        } catch (SyscallException refused) {
            return new Start.NotStarted(program + ": " + why(refused.errno()));
        }
    }

    private static String why(int errno) {
        return switch (errno) {
            case Errno.ENOENT -> "not found, or the interpreter in its first line is not";
            case Errno.EACCES -> "not executable";
            case Errno.ENOEXEC -> "not a program (a script needs a first line like #!/bin/sh)";
            case Errno.EAGAIN -> "cannot be started: too many processes";
            default -> "cannot be started: " + Errno.text(errno);
        };
    }

    /** Ours without what changes how a shell or the loader behaves (keepalived: IFS and LD_*). */
    static List<String> environment(Map<String, String> ours) {
        List<String> environment = new ArrayList<>(ours.size());
        ours.forEach((name, value) -> {
            if (!name.equals("IFS") && !name.startsWith("LD_")) environment.add(name + "=" + value);
        });
        return environment;
    }

    /** Takes over a killed child that has not ended yet. */
    void abandon(ChildProcess child) {
        synchronized (abandoned) {
            abandoned.add(child);
        }
    }

    private int sweep() {
        synchronized (abandoned) {
            abandoned.removeIf(child -> {
                if (!child.ended()) return false;
                child.reap();
                child.close();
                return true;
            });
            return abandoned.size();
        }
    }

    /** Starts nothing more; a start or a child that is stuck in the kernel is left behind after a second. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(REAP_PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sweep();
    }
}
