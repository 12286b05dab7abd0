package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.model.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The neighbours that wanted destinations are behind: what the kernel knows of each, who uses it, and when the kernel is
 * to be made to ask for it. XDP sends past the kernel, which therefore never sees that an entry is used: unless it is told,
 * entries grow stale and a machine that was replaced is never noticed. Time is {@code nowNanos}; owned by one thread.
 */
final class Neighbours {
    /** The kernel itself asks for 3 s, once a second, and then says that the neighbour failed: it is not disturbed. */
    static final long PATIENCE_NANOS = 4_000_000_000L;

    /** A neighbour that failed is asked for again at once, but not sooner than this after the last time. */
    static final long RETRY_NANOS = 1_000_000_000L;

    /** A stale entry is told used, and not again before the kernel has decided: 5 s of delay, then its probes. */
    static final long CONFIRM_NANOS = 6_000_000_000L;

    private static final class Known {
        final Set<IpAddress> users = new LinkedHashSet<>();

        @Nullable
        Neighbour entry;

        boolean asked;
        boolean probed;
        long probedAt;
    }

    private final Map<NeighbourKey, Known> all = new HashMap<>();
    private final ProbeSchedule schedule;
    private long probes;

    Neighbours(long nowNanos) {
        schedule = new ProbeSchedule(nowNanos);
    }

    /** Notes a user; true if the kernel has to be asked what it knows of this neighbour. */
    boolean use(NeighbourKey key, IpAddress user) {
        Known known = all.computeIfAbsent(key, _ -> new Known());
        known.users.add(user);
        return !known.asked;
    }

    void release(NeighbourKey key, IpAddress user) {
        Known known = all.get(key);
        if (known == null) return;
        known.users.remove(user);
        if (!known.users.isEmpty()) return;
        all.remove(key);
        schedule.remove(key);
    }

    /** What is known may be wrong: each is asked again when it is used next. */
    void forget() {
        all.values().forEach(known -> known.asked = false);
    }

    /**
     * The kernel's entry is this now, or none.
     *
     * @return true if the neighbour is used and the entry is another than before
     */
    boolean set(NeighbourKey key, @Nullable Neighbour entry, long nowNanos) {
        Known known = all.get(key);
        if (known == null) return false;
        Neighbour before = known.entry;
        known.asked = true;
        known.entry = entry;
        if (before != null && before.usable() && (entry == null || !entry.usable())) known.probed = false;
        plan(key, known, nowNanos);
        return entry == null ? before != null : !entry.equals(before);
    }

    private void plan(NeighbourKey key, Known known, long nowNanos) {
        Neighbour entry = known.entry;
        boolean stale = entry != null && entry.usable() && (entry.state() & Neighbour.STALE) != 0;
        if (entry != null && (entry.fixed() || (entry.usable() && !stale))) {
            schedule.remove(key);
            return;
        }
        long rest = stale ? CONFIRM_NANOS : failed(entry) ? RETRY_NANOS : PATIENCE_NANOS;
        long again = known.probedAt + rest;
        if (!known.probed) schedule.first(key, nowNanos);
        else schedule.again(key, again - nowNanos > 0 ? again : nowNanos);
    }

    private static boolean failed(@Nullable Neighbour entry) {
        return entry != null && (entry.state() & Neighbour.FAILED) != 0;
    }

    /** Its interface is another than it was: who has no answer there is asked for at once. */
    void linkChanged(int ifindex, long nowNanos) {
        for (NeighbourKey key : on(ifindex)) {
            Known known = all.get(key);
            if (known == null || !known.asked) continue;
            known.probed = false;
            plan(key, known, nowNanos);
        }
    }

    /** The next neighbour to be asked for now; null if there is none. */
    @Nullable
    NeighbourKey takeProbe(long nowNanos, Map<Integer, Link> links) {
        while (true) {
            NeighbourKey key = schedule.take(nowNanos);
            if (key == null) return null;
            Known known = all.get(key);
            Link link = links.get(key.ifindex());
            // A change of the link plans it again.
            if (known == null || link == null || !link.carrier() || !link.resolves()) continue;
            known.probed = true;
            known.probedAt = nowNanos;
            boolean usable = known.entry != null && known.entry.usable();
            schedule.again(key, nowNanos + (usable ? CONFIRM_NANOS : PATIENCE_NANOS));
            probes++;
            return key;
        }
    }

    long nanosUntilDue(long nowNanos) {
        return schedule.nanosUntilDue(nowNanos);
    }

    /** What the kernel knows of it; null if nothing. */
    @Nullable
    Neighbour entry(NeighbourKey key) {
        Known known = all.get(key);
        return known == null ? null : known.entry;
    }

    /** The destinations behind it, a copy. */
    List<IpAddress> users(NeighbourKey key) {
        Known known = all.get(key);
        return known == null ? List.of() : List.copyOf(known.users);
    }

    /** Those on one interface, a copy. */
    List<NeighbourKey> on(int ifindex) {
        List<NeighbourKey> found = new ArrayList<>();
        for (NeighbourKey key : all.keySet()) {
            if (key.ifindex() == ifindex) found.add(key);
        }
        return found;
    }

    long probes() {
        return probes;
    }

    long probesHeld() {
        return schedule.held();
    }
}
