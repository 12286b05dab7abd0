package io.evenkeel.daemon;

import java.util.function.Consumer;

/**
 * Runs, names and stops one loop on a platform thread of its own. A loop that ends by an exception has met a bug: its
 * owner hears of it once. Any thread may call these methods.
 */
public final class LoopThread implements AutoCloseable {

    private final Thread thread;
    private final Runnable askToEnd;

    private LoopThread(Thread thread, Runnable askToEnd) {
        this.thread = thread;
        this.askToEnd = askToEnd;
    }

    /**
     * Starts {@code loop} on a daemon thread.
     *
     * @param name as in the thread table of ARCHITECTURE.md, e.g. {@code ek-control}
     * @param loop runs until asked to end
     * @param askToEnd makes {@code loop} return soon; called from another thread
     * @param bug receives what the loop threw, on the loop's thread
     */
    public static LoopThread start(String name, Runnable loop, Runnable askToEnd, Consumer<Throwable> bug) {
        Thread thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> {
            try {
                loop.run();
            } catch (Throwable thrown) {
                bug.accept(thrown);
            }
        });
        thread.start();
        return new LoopThread(thread, askToEnd);
    }

    /** Asks the loop to end and waits until it has, unless the loop itself is asking. */
    @Override
    public void close() {
        askToEnd.run();
        if (Thread.currentThread().equals(thread)) return;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }
}
