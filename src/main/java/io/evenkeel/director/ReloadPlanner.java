package io.evenkeel.director;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.director.DirectorState.Chance;
import io.evenkeel.director.DirectorState.RemovedService;
import io.evenkeel.director.DirectorState.RestingSlot;
import io.evenkeel.director.DirectorState.Slots;
import io.evenkeel.director.ServiceState.RetiredServer;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes one {@link ReloadPlan}: a pure function of what is and what shall be, used once. */
final class ReloadPlanner {
    private final long now;
    private final Map<ServiceKey, ServiceState> before = new HashMap<>();
    private final BitSet usedSlots = new BitSet();
    private final Slots slots;
    private final ServerPlanner servers;
    private int floor;
    private int added;
    private int changed;
    private @Nullable Refused refused;

    private ReloadPlanner(Draft draft, Inheritance inheritance) {
        now = draft.now;
        slots = draft.slots;
        floor = slots.generationFloor();
        servers = new ServerPlanner(draft.now, draft.chance, inheritance);
        for (ServiceState service : draft.services()) {
            before.put(service.key(), service);
            usedSlots.set(service.slot());
        }
        for (RemovedService service : slots.removed()) {
            usedSlots.set(service.slot());
        }
        for (RestingSlot resting : slots.resting()) {
            if (resting.freeNanos() - now > 0) usedSlots.set(resting.slot());
        }
    }

    /**
     * @param version of the first table of the new configuration
     * @param inheritance how realservers were left that are new to this director
     */
    static ReloadPlan plan(Draft draft, Configuration next, long version, Inheritance inheritance) {
        return new ReloadPlanner(draft, inheritance).plan(next, version);
    }

    private ReloadPlan plan(Configuration next, long version) {
        List<ServiceState> services = new ArrayList<>();
        for (VirtualService config : next.services()) services.add(service(config));
        List<RemovedService> removed = new ArrayList<>(slots.removed());
        for (ServiceState gone : before.values()) removed.add(remove(gone, version));
        int servicesRemoved = before.size();
        List<RestingSlot> resting = slots.resting().stream()
                .filter(slot -> slot.freeNanos() - now > 0)
                .toList();
        Chance chance = servers.chance();
        ReloadPlan.Counts counts = new ReloadPlan.Counts(
                services.size(),
                added,
                servicesRemoved,
                changed,
                services.stream().mapToInt(s -> s.config().realServers().size()).sum(),
                servers.added,
                servers.removed,
                servers.changed);
        Refused reason = refused != null ? refused : servers.refused;
        return new ReloadPlan(
                Optional.ofNullable(reason),
                next,
                services,
                new Slots(removed, resting, slots.figures(), floor),
                chance,
                servers.actions,
                counts);
    }

    private ServiceState service(VirtualService config) {
        ServiceState existing = before.remove(config.key());
        if (existing != null) return existing(existing, config);
        added++;
        // One that was removed before and comes back is another one: its old slot rests with its figures.
        ServiceState fresh =
                new ServiceState(config, freeSlot(), List.of(), List.of(), false, null, List.of(), Optional.empty());
        return servers.plan(fresh, config, floor).begun();
    }

    private ServiceState existing(ServiceState existing, VirtualService config) {
        if (existing.config().equals(config)) return existing;
        if (!servers.onlyServersDiffer(existing.config(), config)) changed++;
        List<RetiredServer> kept = new ArrayList<>();
        for (RetiredServer retired : existing.retired()) {
            if (retired.freeNanos() - now > 0) kept.add(retired);
            else floor = Math.max(floor, retired.last().place().generation());
        }
        ServiceState state = new ServiceState(
                config,
                existing.slot(),
                existing.servers(),
                kept,
                existing.quorumUp(),
                existing.compiled(),
                existing.candidates(),
                existing.compiledFrom());
        return ServerPlanner.shown(existing, servers.plan(state, config, floor).followed(), now);
    }

    private RemovedService remove(ServiceState gone, long version) {
        for (ServerState server : gone.servers()) servers.retire(gone, server);
        long idle = ProbeRule.nanos(gone.config().udpTimeout());
        return new RemovedService(gone.slot(), idle, gone.highestGeneration() + 1, version, null, false);
    }

    private int freeSlot() {
        int slot = usedSlots.nextClearBit(0);
        if (slot >= ForwardingTable.MAX_SERVICES) {
            refused = new Refused(
                    "all " + ForwardingTable.MAX_SERVICES
                            + " places for virtual services are in use or still named by flows" + " of removed ones",
                    "wait for udp_timeout to pass and reload again");
            return 0;
        }
        usedSlots.set(slot);
        return slot;
    }
}
