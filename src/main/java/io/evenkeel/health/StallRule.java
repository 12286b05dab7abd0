package io.evenkeel.health;

/**
 * When a timeout says something about us rather than about the realserver. A probe that got no answer counts as failed
 * only if we ourselves were awake for most of the time: lateness of up to 50 ms plus half the timeout is tolerated,
 * beyond that the probe is worthless. An answer or an error that did arrive needs no such doubt. Pure; any thread.
 */
final class StallRule {
    private StallRule() {}

    private static final long TOLERATED_NANOS = 50_000_000;

    /** @param stalledNanos by how much our own threads were late while the probe ran */
    static boolean ours(long stalledNanos, long timeoutNanos) {
        return stalledNanos > TOLERATED_NANOS + timeoutNanos / 2;
    }
}
