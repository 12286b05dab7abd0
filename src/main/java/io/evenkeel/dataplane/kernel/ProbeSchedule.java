package io.evenkeel.dataplane.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When which neighbour is to be asked for, and not more of them than a network bears: each probe of an absent neighbour is
 * a broadcast. At most {@link #BURST} at once and {@link #PER_SECOND} in a second, and those that are asked for again leave
 * half of the burst to those that are asked for the first time: a thousand dead neighbours do not delay a living one. Time
 * is {@code nowNanos}; owned by one thread.
 */
final class ProbeSchedule {
    static final int PER_SECOND = 500;
    static final int BURST = 256;
    static final int RESERVED = BURST / 2;
    private static final long NANOS_A_PROBE = 1_000_000_000L / PER_SECOND;

    /** Superseded entries that a queue may hold beside one for each neighbour and as many again. */
    private static final int SLACK = 1_024;

    private record Due(long nanos, NeighbourKey key, boolean first) {}

    private final PriorityQueue<Due> firsts = queue();
    private final PriorityQueue<Due> repeats = queue();
    private final Map<NeighbourKey, Due> wanted = new HashMap<>();
    private long allowanceSince;
    private long held;

    /** @param nowNanos from now on probes are allowed, a full burst at first */
    ProbeSchedule(long nowNanos) {
        allowanceSince = nowNanos - BURST * NANOS_A_PROBE;
    }

    private static PriorityQueue<Due> queue() {
        // Deadlines are compared by subtraction: the clock's zero is anywhere.
        return new PriorityQueue<>((a, b) -> Long.signum(a.nanos - b.nanos));
    }

    /** The neighbour is to be asked for at that time and at no other: it has not been since it was lost. */
    void first(NeighbourKey key, long atNanos) {
        set(new Due(atNanos, key, true), firsts);
    }

    /** The neighbour is to be asked for at that time and at no other, once more. */
    void again(NeighbourKey key, long atNanos) {
        set(new Due(atNanos, key, false), repeats);
    }

    private void set(Due due, PriorityQueue<Due> queue) {
        if (due.equals(wanted.put(due.key, due))) return;
        queue.add(due);
        if (queue.size() > 2 * wanted.size() + SLACK) queue.removeIf(each -> !each.equals(wanted.get(each.key)));
    }

    /** The neighbour need not be asked for. */
    void remove(NeighbourKey key) {
        wanted.remove(key);
    }

    /** The next neighbour that is due and allowed; null if there is none now. It is then no longer in the schedule. */
    @Nullable
    NeighbourKey take(long nowNanos) {
        allowanceSince = later(allowanceSince, nowNanos - BURST * NANOS_A_PROBE);
        NeighbourKey key = take(firsts, nowNanos, 1);
        return key == null ? take(repeats, nowNanos, RESERVED + 1) : key;
    }

    /** @param least probes that have to be allowed now */
    private @Nullable NeighbourKey take(PriorityQueue<Due> queue, long nowNanos, int least) {
        Due due = head(queue);
        if (due == null || due.nanos - nowNanos > 0) return null;
        if (nowNanos - allowanceSince < least * NANOS_A_PROBE) {
            held++;
            return null;
        }
        allowanceSince += NANOS_A_PROBE;
        queue.remove();
        wanted.remove(due.key);
        return due.key;
    }

    /** Nanoseconds until {@link #take} has something, {@link Long#MAX_VALUE} if it will not. */
    long nanosUntilDue(long nowNanos) {
        return Math.min(nanosUntilDue(firsts, nowNanos, 1), nanosUntilDue(repeats, nowNanos, RESERVED + 1));
    }

    private long nanosUntilDue(PriorityQueue<Due> queue, long nowNanos, int least) {
        Due due = head(queue);
        if (due == null) return Long.MAX_VALUE;
        return Math.max(0, later(due.nanos, allowanceSince + least * NANOS_A_PROBE) - nowNanos);
    }

    /** Entries in the queues, superseded ones included. */
    int queued() {
        return firsts.size() + repeats.size();
    }

    /** Times that a due probe had to wait for the bound. */
    long held() {
        return held;
    }

    private @Nullable Due head(PriorityQueue<Due> queue) {
        while (true) {
            Due head = queue.peek();
            if (head == null || head.equals(wanted.get(head.key))) return head;
            queue.remove(); // set again or removed since
        }
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
