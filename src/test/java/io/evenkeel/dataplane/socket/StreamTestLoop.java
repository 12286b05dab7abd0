package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.EventFd;
import io.evenkeel.linux.Libc;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An event loop as small as it can be: what a {@link StreamRelay} needs, with its own thread. */
final class StreamTestLoop implements StreamLoop, AutoCloseable {
    private static final long WAKE = -1;
    private static final int TICK_MILLIS = 50;

    private final Arena arena = Arena.ofShared();
    private final Epoll epoll = new Epoll(arena, 64);
    private final EventFd wake = new EventFd();
    private final Map<Long, Watcher> watchers = new HashMap<>();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "test-loop");
    private long lastWatch;
    private long nowNanos = System.nanoTime();
    private @Nullable StreamRelay relay;
    private volatile boolean ended;
    private volatile long tid;
    private final AtomicLong turns = new AtomicLong();

    StreamTestLoop() {
        Libc.require(epoll.add(wake.fd(), Epoll.IN, WAKE), "epoll_ctl", "wake");
        thread.start();
    }

    /** The relay that gets ticks. */
    void ticks(StreamRelay its) {
        relay = its;
    }

    private void run() {
        try {
            tid = Long.parseLong(Files.readSymbolicLink(Path.of("/proc/thread-self"))
                    .getFileName()
                    .toString());
            long ticked = nowNanos;
            while (!ended) {
                int ready = epoll.await(TICK_MILLIS);
                if (ready < 0 && ready != -Errno.EINTR) throw new AssertionError(Errno.text(-ready));
                turns.incrementAndGet();
                nowNanos = System.nanoTime();
                for (int i = 0; i < ready; i++) {
                    if (epoll.token(i) == WAKE) {
                        wake.drain();
                        continue;
                    }
                    Watcher watcher = watchers.get(epoll.token(i));
                    if (watcher != null) watcher.ready(epoll.events(i));
                }
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
                StreamRelay its = relay;
                if (nowNanos - ticked >= TICK_MILLIS * 1_000_000L && its != null) {
                    ticked = nowNanos;
                    its.tick(nowNanos);
                }
            }
        } catch (Throwable thrown) {
            failure.complete(thrown);
        }
    }

    /** Runs on the loop's thread and gives back its answer. */
    <T> T call(Callable<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                answer.complete(task.call());
            } catch (Throwable thrown) {
                answer.completeExceptionally(thrown);
            }
        });
        wake.signal();
        return answer.applyToEither(
                        failure.thenApply(thrown -> {
                            throw new AssertionError(thrown);
                        }),
                        x -> x)
                .join();
    }

    void run(Runnable task) {
        Boolean done = call(() -> {
            task.run();
            return true;
        });
        assert done;
    }

    long threadId() {
        return thread.threadId();
    }

    /** The kernel's name for the thread. */
    long tid() {
        return tid;
    }

    int wakeFd() {
        return wake.fd();
    }

    /** How often the loop has gone round. */
    long turns() {
        return turns.get();
    }

    int watched() {
        return watchers.size();
    }

    @Override
    public long watch(int fd, int interest, Watcher watcher) {
        long token = lastWatch++;
        Libc.require(epoll.add(fd, interest, token), "epoll_ctl", "descriptor " + fd);
        watchers.put(token, watcher);
        return token;
    }

    @Override
    public void rewatch(int fd, int interest, long watch) {
        Libc.require(epoll.modify(fd, interest, watch), "epoll_ctl", "descriptor " + fd);
    }

    @Override
    public void unwatch(int fd, long watch) {
        watchers.remove(watch);
        Libc.require(epoll.remove(fd), "epoll_ctl", "descriptor " + fd);
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        wake.signal();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
        wake.close();
        epoll.close();
        arena.close();
        if (failure.isDone()) throw new AssertionError(failure.join());
    }
}
