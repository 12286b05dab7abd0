package io.evenkeel.director;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Turns moments of the monotonic clock into times for a person. The two clocks are compared once, and again when the
 * wall clock was set, so that a moment reads the same each time it is asked for. Any thread.
 */
final class WallClock {
    private static final Duration STEP = Duration.ofSeconds(1); // a larger difference means that the clock was set

    private record Anchor(Instant wall, long nanos) {
        Instant at(long moment) {
            return wall.plusNanos(moment - nanos);
        }
    }

    private final Supplier<Instant> wall;
    private final LongSupplier nanoTime;
    private volatile Anchor anchor;

    WallClock(Supplier<Instant> wall, LongSupplier nanoTime) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        this.anchor = new Anchor(wall.get(), nanoTime.getAsLong());
    }

    /** Compares the clocks anew if the wall clock was set. */
    void check() {
        long nanos = nanoTime.getAsLong();
        Instant now = wall.get();
        Duration apart = Duration.between(anchor.at(nanos), now).abs();
        if (apart.compareTo(STEP) > 0) anchor = new Anchor(now, nanos);
    }

    Instant at(long nanos) {
        return anchor.at(nanos);
    }
}
