package io.evenkeel.dataplane;

import java.util.List;
import java.util.Map;

/**
 * A reading of a plane's counters. Counters belong to slots and never go down while the slot's owner lives; a slot given
 * to another owner starts at zero again, after the director has taken the old figures. A removed service therefore stays
 * in the reading until its slot is given to another.
 *
 * @param takenNanos System.nanoTime of the reading
 * @param services by service slot
 * @param paths which ways were taken, all services together
 */
public record CountersSnapshot(long takenNanos, Map<Integer, ServiceCounters> services, Map<PathCounter, Long> paths) {

    public CountersSnapshot {
        services = Map.copyOf(services);
        paths = Map.copyOf(paths);
    }

    /**
     * The counters of one service, in datagrams (TCP: connections). Laws: {@code received = forwarded + local + Σ drops}
     * and {@code repliesReceived = replies + Σ replyDrops}.
     *
     * @param drops reasons that occurred; absent means 0
     * @param replyDrops likewise for replies
     * @param flowsMoved flows that left a failed or removed realserver
     * @param servers realservers by slot; those that ever counted something
     */
    public record ServiceCounters(
            long received,
            long forwarded,
            long local,
            long repliesReceived,
            long replies,
            Map<DropReason, Long> drops,
            Map<DropReason, Long> replyDrops,
            long flowsMoved,
            List<ServerCounters> servers) {

        public ServiceCounters {
            drops = Map.copyOf(drops);
            replyDrops = Map.copyOf(replyDrops);
            servers = List.copyOf(servers);
        }

        /** 0 when both laws hold. */
        public long imbalance() {
            long dropped = drops.values().stream().mapToLong(Long::longValue).sum();
            long replyDropped =
                    replyDrops.values().stream().mapToLong(Long::longValue).sum();
            return Math.abs(received - forwarded - local - dropped)
                    + Math.abs(repliesReceived - replies - replyDropped);
        }
    }

    /**
     * The counters of one realserver.
     *
     * @param flows live now: tracked flows, or connections
     */
    public record ServerCounters(int slot, long forwarded, long replies, long flows) {}
}
