package io.evenkeel.lab;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Notices when the machine itself stalls: a thread that only wants to wake every 2 ms and remembers the longest it was kept
 * waiting. A bound on time that was missed while the canary could not breathe says nothing about the director.
 */
public final class Canary implements AutoCloseable {
    private static final long PERIOD_NANOS = 2_000_000;

    private final Thread thread = new Thread(this::breathe, "ek-canary");
    private volatile boolean closed;
    private volatile long longestNanos;

    private final LongSupplier clock;

    private Canary(LongSupplier clock) {
        this.clock = clock;
    }

    public static Canary start() {
        return start(System::nanoTime);
    }

    /** @param clock nanoseconds */
    static Canary start(LongSupplier clock) {
        Canary canary = new Canary(clock);
        canary.thread.setDaemon(true);
        canary.thread.start();
        return canary;
    }

    /** The longest stall up to now, in milliseconds. */
    public long longestStallMillis() {
        return longestNanos / 1_000_000;
    }

    private void breathe() {
        long last = clock.getAsLong();
        while (!closed) {
            LockSupport.parkNanos(PERIOD_NANOS);
            long now = clock.getAsLong();
            longestNanos = Math.max(longestNanos, now - last - PERIOD_NANOS);
            last = now;
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
