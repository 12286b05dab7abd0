package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.SlotTable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service as one worker sees it: its realservers and their states, picking, counters. UDP and TCP alike. Only the
 * worker's thread calls it, except {@link #counters}' readers.
 */
final class ServiceLane implements Schedule.Eligibility, Schedule.LoadView {
    final LiveService service;
    final LaneCounters counters;
    private @Nullable ForwardedService compiled;
    private ServerLane[] candidates = {};
    private @Nullable ServerLane[] bySlot = {};
    private @Nullable ServerLane[] endpoints = {null}; // open addressing, a power of two
    private boolean anyOpen;
    private boolean anyUsable;
    private boolean thresholds;
    private boolean serversV6;

    ServiceLane(LiveService service, CounterPublisher publisher) {
        this.service = service;
        this.counters = new LaneCounters(publisher);
    }

    /** Takes up a table. {@code mtus} are those of the routes to the realservers, in their order. */
    void install(ForwardedService table, List<Integer> mtus) {
        List<ForwardedServer> servers = table.servers();
        int slots = 1 + servers.stream().mapToInt(ForwardedServer::slot).max().orElse(-1);
        if (slots > bySlot.length) bySlot = Arrays.copyOf(bySlot, slots);
        counters.reserve(slots);
        for (ServerLane server : bySlot) if (server != null) server.state(Usability.SHUT, server.generation());
        ServerLane[] inOrder = new ServerLane[servers.size()];
        for (int i = 0; i < inOrder.length; i++) inOrder[i] = lane(servers.get(i), mtus.get(i));
        candidates = inOrder;
        thresholds = servers.stream().anyMatch(server -> server.upperThreshold() > 0);
        serversV6 =
                !servers.isEmpty() && servers.getFirst().endpoint().address().v6();
        compiled = table;
        indexEndpoints();
        stateChanged();
    }

    private ServerLane lane(ForwardedServer server, int mtu) {
        ServerLane lane = bySlot[server.slot()];
        if (lane == null || !lane.endpoint.equals(server.endpoint())) {
            if (lane != null) counters.resetServer(server.slot());
            lane = new ServerLane(server, counters, mtu);
            bySlot[server.slot()] = lane;
        }
        lane.routeMtu(mtu);
        lane.state(server.usability(), server.generation());
        return lane;
    }

    private void indexEndpoints() {
        ServerLane[] index = new ServerLane[Integer.highestOneBit(Math.max(1, bySlot.length)) * 4];
        for (ServerLane server : bySlot) {
            if (server == null) continue;
            server.sameEndpoint = null;
            int at = endpointHash(server.high, server.low, server.port) & (index.length - 1);
            while (index[at] != null && !index[at].endpoint.equals(server.endpoint)) at = at + 1 & (index.length - 1);
            server.sameEndpoint = index[at];
            index[at] = server;
        }
        endpoints = index;
    }

    private static int endpointHash(long high, long low, int port) {
        long hash = (high * 31 + low) * 0x9e3779b97f4a7c15L + port * 0xbf58476d1ce4e5b9L;
        return (int) (hash >>> 32);
    }

    /** Changes one realserver's state at once; an unknown slot is ignored (it has left the table). */
    void flip(int serverSlot, Usability usability, int generation) {
        if (serverSlot >= bySlot.length) return;
        ServerLane server = bySlot[serverSlot];
        if (server == null) return;
        server.state(usability, generation);
        stateChanged();
    }

    private void stateChanged() {
        anyOpen = false;
        anyUsable = false;
        for (ServerLane server : candidates) {
            server.pickedLately = 0; // one that comes back starts level with the others
            anyOpen |= server.usability() == Usability.OPEN;
            anyUsable |= server.usability() == Usability.OPEN || server.usability() == Usability.SUSPECT;
        }
    }

    /** The table in force. */
    ForwardedService compiled() {
        ForwardedService table = compiled;
        if (table == null) throw new IllegalStateException("no table installed for " + service.key);
        return table;
    }

    /** Family of the realservers: one for all of them. */
    boolean serversV6() {
        return serversV6;
    }

    /** Slots that have ever been in use: 0..serverSlots()−1. */
    int serverSlots() {
        return bySlot.length;
    }

    /** The realserver that has this slot or had it last, or null if nobody ever had. */
    @Nullable
    ServerLane server(int slot) {
        return slot < bySlot.length ? bySlot[slot] : null;
    }

    /** The realserver in this slot stands in the table. */
    boolean lists(int slot) {
        for (ServerLane candidate : candidates) if (candidate.slot == slot) return true;
        return false;
    }

    /** The realserver behind an index of the schedule. */
    ServerLane candidate(int index) {
        return candidates[index];
    }

    /** The realserver a flow was given to, if that may still get the flow's packets; else null. */
    @Nullable
    ServerLane holder(int slot, short generation) {
        if (slot < 0 || slot >= bySlot.length) return null;
        ServerLane server = bySlot[slot];
        return server != null && server.keeps(generation) ? server : null;
    }

    /** The realservers with this endpoint, chained by {@link ServerLane#sameEndpoint}; null if there is none. */
    @Nullable
    ServerLane at(long high, long low, int port) {
        int mask = endpoints.length - 1;
        int index = endpointHash(high, low, port) & mask;
        for (ServerLane server = endpoints[index]; server != null; server = endpoints[index]) {
            if (server.low == low && server.high == high && server.port == port) return server;
            index = index + 1 & mask;
        }
        return null;
    }

    /** Somebody takes new turns now. Asked before a turn is taken. */
    boolean hasUsable() {
        if (!thresholds || !anyUsable) return anyUsable;
        for (int i = 0; i < candidates.length; i++) if (usable(i)) return true;
        return false;
    }

    /** Why nobody takes new turns. */
    DropReason refusal() {
        return anyUsable && !hasUsable() ? DropReason.OVERLOADED : DropReason.NO_REALSERVER;
    }

    /** Picks consume turns: hash schedulers do not. */
    boolean usesTurns() {
        return !(compiled().schedule() instanceof SlotTable);
    }

    /** The realserver for a new flow, or for one datagram under one-packet scheduling; null if nobody can take it. */
    @Nullable
    ServerLane pick(long high, long low, int port, long vipHigh, long vipLow, long turn) {
        return pick(high, low, port, vipHigh, vipLow, turn, this);
    }

    /** @param who who may be picked: some of those that are {@link #usable} */
    @Nullable
    ServerLane pick(long high, long low, int port, long vipHigh, long vipLow, long turn, Schedule.Eligibility who) {
        ServerLane server = wouldPick(high, low, port, vipHigh, vipLow, turn, who);
        if (server != null) server.pickedLately++;
        return server;
    }

    /** What {@link #pick} would answer; changes nothing. */
    @Nullable
    ServerLane wouldPick(
            long high, long low, int port, long vipHigh, long vipLow, long turn, Schedule.Eligibility who) {
        int index = switch (compiled().schedule()) {
            case Rotation rotation -> rotation.pick(turn, who);
            case SlotTable table -> table.pick(service.key.vip().address().v6(), high, low, port, vipHigh, vipLow, who);
            case LeastPick least -> least.pick(this, who, turn);
        };
        return index < 0 ? null : candidates[index];
    }

    @Override
    public boolean usable(int index) {
        ServerLane server = candidates[index];
        boolean open = server.usability() == Usability.OPEN || (!anyOpen && server.usability() == Usability.SUSPECT);
        return open && hasRoom(server);
    }

    @Override
    public boolean tolerable(int index) {
        ServerLane server = candidates[index];
        boolean up = server.usability() == Usability.OPEN || server.usability() == Usability.SUSPECT;
        return up && hasRoom(server);
    }

    private boolean hasRoom(ServerLane server) {
        return !thresholds || !service.load.overloaded(server.slot);
    }

    @Override
    public long active(int index) {
        return service.load.active(candidates[index].slot);
    }

    @Override
    public long inactive(int index) {
        int slot = candidates[index].slot;
        return service.load.flows(slot) - (long) service.load.active(slot);
    }

    @Override
    public long forwardedLately(int index) {
        return candidates[index].pickedLately;
    }
}
