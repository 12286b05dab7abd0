package io.evenkeel.health;

import io.evenkeel.linux.ChildProcess;
import io.evenkeel.linux.Sockets;
import io.evenkeel.linux.SyscallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts children on the thread ek-spawn, because starting one blocks until its program has been loaded. Probes' virtual
 * threads wait here without blocking natively. Also keeps those few children that not even SIGKILL ends at once (stuck
 * in the kernel on a dead file system), to reap them when they do end.
 */
final class ChildSpawner implements AutoCloseable {

    /** How long a program may take to load. */
    private static final long START_PATIENCE_SECONDS = 5;

    private static final int REAP_PATIENCE_MILLIS = 1_000;

    /** Beyond so many children that cannot be killed no further one is started. */
    static final int MOST_ABANDONED = 64;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().name("ek-spawn").unstarted(task));
    private final List<ChildProcess> abandoned = new ArrayList<>();

    /**
     * Starts a program. Any thread.
     *
     * @throws SyscallException as {@link ChildProcess#start}
     * @throws TimeoutException if its file could not be loaded in {@value #START_PATIENCE_SECONDS} s, or too many
     *     children cannot be killed
     */
    ChildProcess start(String program, List<String> command) throws TimeoutException {
        if (sweep() >= MOST_ABANDONED)
            throw new TimeoutException(MOST_ABANDONED + " earlier children cannot be killed");
        CompletableFuture<ChildProcess> started = new CompletableFuture<>();
        thread.execute(() -> start(started, program, command));
        try {
            return started.get(START_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            if (!started.cancel(false)) return started.join(); // just now after all
            throw new TimeoutException("could not be loaded in " + START_PATIENCE_SECONDS + " s");
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a probe", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SyscallException refused) throw refused;
            throw new IllegalStateException(e.getCause());
        }
    }

    private static void start(CompletableFuture<ChildProcess> started, String program, List<String> command) {
        if (started.isDone()) return; // given up before it began
        ChildProcess child;
        try {
            child = ChildProcess.start(program, command, environment(System.getenv()));
        } catch (RuntimeException refused) {
            started.completeExceptionally(refused);
            return;
        }
        if (started.complete(child)) return;
        child.signalGroup(ChildProcess.SIGKILL);
        if (Sockets.poll(child.endedFd(), Sockets.POLLIN, REAP_PATIENCE_MILLIS) == 1) child.reap();
        child.close();
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

    /** Starts nothing more; children still stuck fall to process 1 when we end. */
    @Override
    public void close() {
        thread.shutdown();
        sweep();
    }
}
