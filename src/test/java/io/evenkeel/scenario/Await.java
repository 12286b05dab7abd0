package io.evenkeel.scenario;

import java.io.IOException;
import java.time.Duration;

/** Waits for something outside the director. */
final class Await {
    private static final long POLL_MILLIS = 5;

    private Await() {}

    @FunctionalInterface
    interface Condition {
        boolean met() throws IOException;
    }

    /** False if it was not met in time. */
    static boolean until(Duration patience, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.met()) {
            if (System.nanoTime() - end > 0) return false;
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }
}
