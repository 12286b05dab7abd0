package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.FromServer;
import io.evenkeel.dataplane.Explanation.Rewrite;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@link StreamFront} would do with a connection, in the same order of decisions, without doing it. Of a new one it
 * tells the realserver that is asked first. Made for one question; the worker's thread, between two batches.
 */
final class StreamReasons {
    private static final String OURS = "the director, a port for this connection";

    private final Reactor reactor;
    private final ServiceLane lane;
    private final StreamRelay relay;
    private final LaneReasons reasons;

    StreamReasons(Reactor reactor, ServiceLane lane, StreamRelay relay) {
        this.reactor = reactor;
        this.lane = lane;
        this.relay = relay;
        reasons = new LaneReasons(lane);
    }

    Told forward(Question question) {
        Endpoint client = question.source();
        StreamConnection connection = relay.find(
                client.address(), client.port(), question.destination().address());
        StreamPeer peer = connection == null ? null : connection.peer();
        if (connection != null && peer != null) {
            long idle = reactor.nowNanos() - connection.queuedNanos;
            return sent(question, true, new Choice.Flow(idle), peer.slot, peer.endpoint());
        }
        if (!relay.listening()) return dropped(DropReason.SHUTTING_DOWN);
        if (reactor.streams().room().full()) return dropped(DropReason.FLOW_TABLE_FULL);
        return open(question);
    }

    private Told open(Question question) {
        AffinityTable affinity = lane.service.affinity();
        IpAddress client = question.source().address();
        ServerLane held = affinity == null ? null : reasons.held(affinity, client, reactor.nowNanos());
        if (affinity != null && held != null) {
            return sent(question, false, LaneReasons.template(affinity, client), held.slot, held.endpoint);
        }
        ServerLane picked = reasons.pick(question);
        if (picked == null) return dropped(lane.refusal());
        return sent(question, false, reasons.choice(question), picked.slot, picked.endpoint);
    }

    private Told dropped(DropReason reason) {
        return told(false, new Choice.Nobody(), new Fate.Dropped(reason, Optional.empty()));
    }

    private Told sent(Question question, boolean known, Choice choice, int slot, Endpoint to) {
        List<Rewrite> rewritten = new ArrayList<>();
        rewritten.add(new Rewrite("destination", question.destination().toString(), to.toString()));
        rewritten.add(new Rewrite("source", question.source().toString(), OURS));
        if (lane.compiled().proxyProtocol()) {
            rewritten.add(new Rewrite("payload", "as it is", "a PROXY v2 header before all else"));
        }
        return told(known, choice, new Fate.Sent(to, reasons.method(slot), rewritten, Optional.empty()));
    }

    private Told told(boolean known, Choice choice, Fate fate) {
        return new Told(
                known,
                new ToService(lane.service.key, choice, Optional.empty(), fate, reasons.turns(), reasons.servers()));
    }

    /** Of a realserver of this service. */
    Told reply(Question question) {
        Endpoint client = question.destination();
        Optional<ServiceKey> key = Optional.of(lane.service.key);
        StreamConnection connection = findReply(question.source(), client);
        if (connection == null) {
            return new Told(false, new FromServer(key, new Fate.Passed("no connection of ours is between the two")));
        }
        StreamOrigin origin = connection.origin();
        Endpoint asked = new Endpoint(new IpAddress(origin.v6, origin.askedHigh, origin.askedLow), origin.askedPort);
        List<Rewrite> rewritten = List.of(
                new Rewrite("source", question.source().toString(), asked.toString()),
                new Rewrite("destination", OURS, client.toString()));
        return new Told(true, new FromServer(key, new Fate.Returned(rewritten, Optional.empty())));
    }

    private @Nullable StreamConnection findReply(Endpoint from, Endpoint client) {
        ServerLane server = lane.at(from.address().high(), from.address().low(), from.port());
        for (; server != null; server = server.sameEndpoint) {
            StreamConnection found = relay.findReply(server.slot, client.address(), client.port());
            if (found != null) return found;
        }
        return null;
    }
}
