package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.FromServer;
import io.evenkeel.dataplane.Explanation.Rewrite;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Question;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@link DatagramFront} would do with a datagram, in the same order of decisions, without doing it. Made for one
 * question; the worker's thread, between two batches.
 */
final class DatagramReasons {
    private static final int NO_FLOW = -1;

    private final Reactor reactor;
    private final Flows flows;
    private final ServiceLane lane;
    private final boolean stopping;
    private final LaneReasons reasons;
    private final ForwardedService service;

    DatagramReasons(Reactor reactor, ServiceLane lane, boolean stopping) {
        this.reactor = reactor;
        this.lane = lane;
        this.stopping = stopping;
        flows = reactor.flows();
        reasons = new LaneReasons(lane);
        service = lane.compiled();
    }

    Told forward(Question question) {
        int flow = find(question);
        if (stopping) return dropped(flow, DropReason.SHUTTING_DOWN);
        if (service.onePacket()) return place(question, flow, null);
        boolean fresh = flow == NO_FLOW || flows.expired(flow, lane, reactor.nowNanos());
        if (fresh) {
            boolean room = flow != NO_FLOW || !flows.table.full();
            return room ? place(question, flow, null) : dropped(flow, DropReason.FLOW_TABLE_FULL);
        }
        int slot = flows.table.server(flow);
        ServerLane holder = lane.holder(slot, flows.table.generation(flow));
        if (holder == null) return place(question, flow, slot < 0 ? null : lane.server(slot));
        long idle = reactor.nowNanos() - flows.table.touchedNanos(flow);
        return sent(question, flow, new Choice.Flow(idle), null, holder);
    }

    /** The flow of this client, or {@link #NO_FLOW}. */
    private int find(Question question) {
        Endpoint client = question.source();
        IpAddress asked = question.destination().address();
        boolean wildcard = lane.service.key.vip().address().isAny();
        return flows.table.find(
                lane.service.slot,
                client.address().high(),
                client.address().low(),
                client.port(),
                wildcard ? asked.high() : 0,
                wildcard ? asked.low() : 0);
    }

    /** By the client's template, else by the scheduler. */
    private Told place(Question question, int flow, @Nullable ServerLane leaves) {
        AffinityTable affinity = lane.service.affinity();
        IpAddress client = question.source().address();
        ServerLane held = affinity == null ? null : reasons.held(affinity, client, reactor.nowNanos());
        if (affinity != null && held != null) {
            return sent(question, flow, LaneReasons.template(affinity, client), leaves, held);
        }
        ServerLane picked = reasons.pick(question);
        if (picked == null) return dropped(flow, lane.refusal());
        return sent(question, flow, reasons.choice(question), leaves, picked);
    }

    private Told dropped(int flow, DropReason reason) {
        return told(flow, new Choice.Nobody(), null, new Fate.Dropped(reason, Optional.empty()));
    }

    private Told sent(Question question, int flow, Choice choice, @Nullable ServerLane leaves, ServerLane to) {
        List<Rewrite> rewritten = new ArrayList<>();
        rewritten.add(new Rewrite("destination", question.destination().toString(), to.endpoint.toString()));
        if (!service.transparent()) {
            rewritten.add(new Rewrite("source", question.source().toString(), departure(flow)));
        }
        if (service.proxyProtocol()) rewritten.add(new Rewrite("payload", "as it is", "a PROXY v2 header before it"));
        Fate fate = new Fate.Sent(to.endpoint, reasons.method(to.slot), rewritten, Optional.empty());
        return told(flow, choice, leaves, fate);
    }

    private Told told(int flow, Choice choice, @Nullable ServerLane leaves, Fate fate) {
        return new Told(
                flow != NO_FLOW,
                new ToService(
                        lane.service.key,
                        choice,
                        Optional.ofNullable(leaves).map(server -> server.endpoint),
                        fate,
                        reasons.turns(),
                        reasons.servers()));
    }

    private String departure(int flow) {
        if (service.responses() == 0) return "the director, a port for all clients";
        ReplyPort port = flow == NO_FLOW ? null : flows.table.replyPort(flow);
        if (port == null || Sockets.getsockname(port.fd, reactor.streams().scratch) != 0) {
            return "the director, a port for this client";
        }
        return "the director, port " + SocketAddress.port(reactor.streams().scratch, 0);
    }

    /** Of a realserver of this service. */
    Told reply(Question question) {
        int flow = service.responses() == 0 ? NO_FLOW : findFlowOf(question.destination());
        ReplyPort port = flow == NO_FLOW ? null : flows.table.replyPort(flow);
        Optional<ServiceKey> key = Optional.of(lane.service.key);
        if (port == null) {
            return new Told(
                    false, new FromServer(key, new Fate.Dropped(DropReason.REPLY_UNEXPECTED, Optional.empty())));
        }
        Optional<DropReason> refusal = port.refusal(question.source());
        if (refusal.isPresent()) {
            return new Told(true, new FromServer(key, new Fate.Dropped(refusal.get(), Optional.empty())));
        }
        IpAddress vip = lane.service.key.vip().address();
        IpAddress from = vip.isAny() ? flows.table.local(flow, vip.v6()) : vip;
        Endpoint asked = new Endpoint(from, lane.service.key.vip().port());
        List<Rewrite> rewritten = List.of(
                new Rewrite("source", question.source().toString(), asked.toString()),
                new Rewrite(
                        "destination", departure(flow), question.destination().toString()));
        return new Told(true, new FromServer(key, new Fate.Returned(rewritten, Optional.empty())));
    }

    /** On a service for any address the client may have asked several: the flow that was used last. */
    private int findFlowOf(Endpoint client) {
        FlowTable table = flows.table;
        if (!lane.service.key.vip().address().isAny()) {
            return table.find(
                    lane.service.slot, client.address().high(), client.address().low(), client.port(), 0, 0);
        }
        int latest = NO_FLOW;
        for (int flow = 0; flow < table.rows(); flow++) {
            if (!table.used(flow) || !table.isOf(flow, lane.service.slot, client)) continue;
            if (latest == NO_FLOW || table.touchedNanos(flow) - table.touchedNanos(latest) > 0) latest = flow;
        }
        return latest;
    }
}
