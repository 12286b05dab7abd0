package io.evenkeel.dataplane.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When which neighbour is to be asked for, and not more of them than a network bears: each probe of an absent neighbour is
 * a broadcast. At most {@link #BURST} at once and {@link #PER_SECOND} in a second. Time is {@code nowNanos}; owned by one
 * thread.
 */
final class ProbeSchedule {
    static final int PER_SECOND = 500;
    static final int BURST = 256;
    private static final long NANOS_A_PROBE = 1_000_000_000L / PER_SECOND;

    /** Superseded entries that the queue may hold beside one for each neighbour and as many again. */
    private static final int SLACK = 1_024;

    private record Due(long nanos, NeighbourKey key) {}

    // Deadlines are compared by subtraction: the clock's zero is anywhere.
    private final PriorityQueue<Due> queue = new PriorityQueue<>((a, b) -> Long.signum(a.nanos - b.nanos));
    private final Map<NeighbourKey, Long> wanted = new HashMap<>();
    private long allowanceSince;
    private long held;

    /** @param nowNanos from now on probes are allowed, a full burst at first */
    ProbeSchedule(long nowNanos) {
        allowanceSince = nowNanos - BURST * NANOS_A_PROBE;
    }

    /** The neighbour is to be asked for at that time, and at no other. */
    void set(NeighbourKey key, long atNanos) {
        Long before = wanted.put(key, atNanos);
        if (before != null && before == atNanos) return;
        queue.add(new Due(atNanos, key));
        if (queue.size() > 2 * wanted.size() + SLACK) {
            queue.clear();
            wanted.forEach((each, nanos) -> queue.add(new Due(nanos, each)));
        }
    }

    /** The neighbour need not be asked for. */
    void remove(NeighbourKey key) {
        wanted.remove(key);
    }

    /** The next neighbour that is due and allowed; null if there is none now. It is then no longer in the schedule. */
    @Nullable
    NeighbourKey take(long nowNanos) {
        Due first = first();
        if (first == null || first.nanos - nowNanos > 0) return null;
        allowanceSince = later(allowanceSince, nowNanos - BURST * NANOS_A_PROBE);
        if (nowNanos - allowanceSince < NANOS_A_PROBE) {
            held++;
            return null;
        }
        allowanceSince += NANOS_A_PROBE;
        queue.remove();
        wanted.remove(first.key);
        return first.key;
    }

    /** Nanoseconds until {@link #take} has something, {@link Long#MAX_VALUE} if it will not. */
    long nanosUntilDue(long nowNanos) {
        Due first = first();
        if (first == null) return Long.MAX_VALUE;
        return Math.max(0, later(first.nanos, allowanceSince + NANOS_A_PROBE) - nowNanos);
    }

    /** Entries in the queue, superseded ones included. */
    int queued() {
        return queue.size();
    }

    /** Times that a due probe had to wait for the bound. */
    long held() {
        return held;
    }

    private @Nullable Due first() {
        while (true) {
            Due first = queue.peek();
            if (first == null) return null;
            Long valid = wanted.get(first.key);
            if (valid != null && valid == first.nanos) return first;
            queue.remove(); // set again or removed since
        }
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
