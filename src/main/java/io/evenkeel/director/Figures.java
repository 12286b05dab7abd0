package io.evenkeel.director;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sums of service counters, so that totals never go down when a service is removed. */
record Figures(
        long received,
        long forwarded,
        long local,
        long repliesReceived,
        long replies,
        Map<DropReason, Long> drops,
        Map<DropReason, Long> replyDrops,
        long imbalance) {

    static final Figures ZERO = new Figures(0, 0, 0, 0, 0, Map.of(), Map.of(), 0);

    /** A service that has counted nothing. */
    static final ServiceCounters NOTHING = new ServiceCounters(0, 0, 0, 0, 0, Map.of(), Map.of(), 0, List.of());

    Figures {
        drops = Map.copyOf(drops);
        replyDrops = Map.copyOf(replyDrops);
    }

    Figures plus(ServiceCounters service) {
        return new Figures(
                received + service.received(),
                forwarded + service.forwarded(),
                local + service.local(),
                repliesReceived + service.repliesReceived(),
                replies + service.replies(),
                sum(drops, service.drops()),
                sum(replyDrops, service.replyDrops()),
                imbalance + service.imbalance());
    }

    /** The present reading of a slot, unless the plane has none any more or it is an older one. */
    static ServiceCounters later(@Nullable ServiceCounters kept, @Nullable ServiceCounters present) {
        if (present == null) return kept == null ? NOTHING : kept;
        return kept != null && kept.received() > present.received() ? kept : present;
    }

    private static Map<DropReason, Long> sum(Map<DropReason, Long> a, Map<DropReason, Long> b) {
        Map<DropReason, Long> sum = new EnumMap<>(DropReason.class);
        sum.putAll(a);
        b.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
        return sum;
    }
}
