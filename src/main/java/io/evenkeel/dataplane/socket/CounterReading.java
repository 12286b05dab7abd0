package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sums what the workers have published into one reading. Any thread. */
final class CounterReading {
    private CounterReading() {}

    static CountersSnapshot of(Collection<LiveService> services, List<Reactor> reactors) {
        Map<Integer, ServiceCounters> bySlot = new HashMap<>();
        for (LiveService service : services) bySlot.put(service.slot, of(service));
        Map<PathCounter, Long> paths = new EnumMap<>(PathCounter.class);
        for (PathCounter path : PathCounter.values()) {
            long sum = 0;
            for (Reactor reactor : reactors) sum += reactor.paths().path(path);
            paths.put(path, sum);
        }
        return new CountersSnapshot(System.nanoTime(), bySlot, paths);
    }

    private static ServiceCounters of(LiveService service) {
        LaneCounters.Sum sum = new LaneCounters.Sum();
        for (ServiceLane lane : service.lanes) lane.counters.addTo(sum);
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        Map<DropReason, Long> replyDrops = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            long dropped = sum.dropped(reason);
            if (dropped == 0) continue;
            switch (reason.direction()) {
                case FORWARD -> drops.put(reason, dropped);
                case REPLY -> replyDrops.put(reason, dropped);
            }
        }
        return new ServiceCounters(
                sum.get(LaneCounters.RECEIVED),
                sum.get(LaneCounters.FORWARDED),
                0, // nothing is delivered locally by this plane
                sum.get(LaneCounters.REPLIES_RECEIVED),
                sum.get(LaneCounters.REPLIES),
                drops,
                replyDrops,
                sum.get(LaneCounters.FLOWS_MOVED),
                servers(service, sum));
    }

    private static List<ServerCounters> servers(LiveService service, LaneCounters.Sum sum) {
        List<ServerCounters> servers = new ArrayList<>();
        for (int slot = 0; slot < sum.servers(); slot++) {
            long flows = service.load.flows(slot);
            if (sum.forwardedTo(slot) == 0 && sum.repliedBy(slot) == 0 && flows == 0) continue;
            servers.add(new ServerCounters(slot, sum.forwardedTo(slot), sum.repliedBy(slot), flows));
        }
        return servers;
    }
}
