package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Standing;
import io.evenkeel.dataplane.Explanation.Turns;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.SlotTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a service would choose as it does, for one worker: what UDP and TCP have in common. Reads and changes nothing; the
 * worker's thread, between two batches.
 */
final class LaneReasons {
    private final ServiceLane lane;
    private final ForwardedService service;

    LaneReasons(ServiceLane lane) {
        this.lane = lane;
        service = lane.compiled();
    }

    /** The turn that comes next. */
    long turn() {
        return lane.usesTurns() ? lane.service.turn.get() : 0;
    }

    /** Who would get a client that has nobody, as {@link ServiceLane#pick}; null if nobody can. */
    @Nullable
    ServerLane pick(Question question) {
        if (!lane.hasUsable()) return null;
        IpAddress client = question.source().address();
        IpAddress asked = question.destination().address();
        return lane.wouldPick(
                client.high(), client.low(), question.source().port(), asked.high(), asked.low(), turn(), lane);
    }

    /** By what {@link #pick} chooses. */
    Choice choice(Question question) {
        long turn = turn();
        return switch (service.schedule()) {
            case Rotation rotation -> {
                int slot = (int) (turn % rotation.length());
                yield new Choice.Turn(turn, slot, rotation.length(), endpoint(rotation.candidateAt(slot)));
            }
            case SlotTable table -> {
                IpAddress client = question.source().address();
                IpAddress asked = question.destination().address();
                int slot = table.slot(
                        asked.v6(),
                        client.high(),
                        client.low(),
                        question.source().port(),
                        asked.high(),
                        asked.low());
                int first = table.candidateAt(slot);
                Optional<Endpoint> its = first < 0 ? Optional.empty() : Optional.of(endpoint(first));
                yield new Choice.Hash(table.key(), slot, table.length(), its);
            }
            case LeastPick _ -> new Choice.Load(turn);
        };
    }

    private Endpoint endpoint(int candidate) {
        return lane.candidate(candidate).endpoint;
    }

    /** Who gets the next turns. */
    Optional<Turns> turns() {
        if (!(service.schedule() instanceof Rotation rotation)) return Optional.empty();
        long next = turn();
        List<Endpoint> picks = new ArrayList<>();
        for (int i = 0; i < Explanation.TURNS_AHEAD && lane.hasUsable(); i++) {
            int candidate = rotation.pick(next + i, lane);
            if (candidate >= 0) picks.add(endpoint(candidate));
        }
        return Optional.of(new Turns(next, rotation.length(), picks));
    }

    List<Explanation.Server> servers() {
        List<Explanation.Server> servers = new ArrayList<>();
        for (int i = 0; i < service.servers().size(); i++) {
            ForwardedServer server = service.servers().get(i);
            servers.add(new Explanation.Server(
                    server.endpoint(),
                    server.weight(),
                    standing(i, server),
                    server.upperThreshold(),
                    lane.service.load.flows(server.slot()),
                    lane.active(i),
                    goesByLately() ? lane.forwardedLately(i) : 0));
        }
        return servers;
    }

    private boolean goesByLately() {
        return service.onePacket() && service.schedule() instanceof LeastPick;
    }

    private Standing standing(int candidate, ForwardedServer server) {
        return switch (lane.candidate(candidate).usability()) {
            case SHUT -> Standing.SHUT;
            case HOLDING -> Standing.HOLDING;
            case OPEN, SUSPECT -> {
                if (server.weight() == 0) yield Standing.HOLDING;
                if (lane.usable(candidate)) yield Standing.OPEN;
                yield lane.service.load.overloaded(server.slot()) ? Standing.OVERLOADED : Standing.SUSPECT;
            }
        };
    }

    /** How packets reach the realserver in this slot. */
    Forwarding method(int slot) {
        for (ForwardedServer server : service.servers()) if (server.slot() == slot) return server.forwarding();
        return new Forwarding.Nat();
    }

    /** The realserver that the client's template names; null without one that may be used. */
    @Nullable
    ServerLane held(AffinityTable affinity, IpAddress client, long nowNanos) {
        long template = affinity.find(client.v6(), client.high(), client.low(), nowNanos);
        return template < 0 ? null : lane.holder((int) (template >> 16), (short) template);
    }

    static Choice template(AffinityTable affinity, IpAddress client) {
        return new Choice.Template(client.network(affinity.prefixLength()), affinity.prefixLength());
    }
}
