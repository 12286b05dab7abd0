package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.PathCounter;
import org.jspecify.annotations.Nullable;

/**
 * Which socket the datagrams of a client leave through, for one UDP service of one worker: the client's back port if a
 * reply may come, the shared one-way socket if none is expected or every back port is taken, or a socket that bears the
 * client's own address. Owned by the worker.
 */
final class Departure {
    private final Reactor reactor;
    private final ServiceLane lane;
    private final int frontFd;
    private final boolean v6;
    private final boolean wildcard;
    private @Nullable OneWaySocket oneWay4;
    private @Nullable OneWaySocket oneWay6;

    /** @param frontFd the socket that replies leave from */
    Departure(Reactor reactor, ServiceLane lane, int frontFd) {
        this.reactor = reactor;
        this.lane = lane;
        this.frontFd = frontFd;
        v6 = lane.service.key.vip().address().v6();
        wildcard = lane.service.key.vip().address().isAny();
    }

    /** Takes over a one-way socket to realservers of the family. */
    void oneWay(int fd, boolean serversV6) {
        OneWaySocket socket = new OneWaySocket(reactor, fd, serversV6, lane);
        socket.start();
        if (serversV6) oneWay6 = socket;
        else oneWay4 = socket;
    }

    /** Under one-packet scheduling; null if the kernel refuses a socket that bears the client's address. */
    @Nullable
    ForwardSocket ofOnePacket(ReceiveBatch batch, int message, ForwardedService service) {
        if (service.responses() == 0) return stateless(batch, message, service);
        Flows flows = reactor.flows();
        int flow = find(batch, message);
        if (flow < 0) return ofFirst(batch, message);
        flows.table.touch(flow, reactor.nowNanos());
        if (flows.table.server(flow) != FlowTable.NO_SERVER) flows.assign(flow, lane, null); // tracked before a reload
        return backPort(flow, batch, message);
    }

    /** The first datagram of a client: without a back port there is no flow either. */
    private ForwardSocket ofFirst(ReceiveBatch batch, int message) {
        ReplyPort port = reactor.ports().take(lane, lane.serversV6(), reactor.nowNanos());
        if (port == null) return exhausted(batch.datagrams(message));
        int flow = insert(batch, message);
        if (flow >= 0) return serve(flow, port, batch, message);
        reactor.ports().giveBack(port, reactor.nowNanos());
        return exhausted(batch.datagrams(message));
    }

    /** Of a tracked flow; null as {@link #ofOnePacket}. */
    @Nullable
    ForwardSocket ofFlow(int flow, ReceiveBatch batch, int message, ForwardedService service) {
        return service.responses() == 0 ? stateless(batch, message, service) : backPort(flow, batch, message);
    }

    private @Nullable ForwardSocket stateless(ReceiveBatch batch, int message, ForwardedService service) {
        if (!service.transparent()) return oneWay();
        return reactor.transparentSockets().of(batch, message, lane);
    }

    /** The flow of the message's client, or −1. */
    int find(ReceiveBatch batch, int message) {
        return reactor.flows()
                .table
                .find(
                        lane.service.slot,
                        batch.sourceHigh(message),
                        batch.sourceLow(message),
                        batch.sourcePort(message),
                        batch.localHigh(message),
                        batch.localLow(message));
    }

    /** A new flow of the message's client, or −1 when the table is full. */
    int insert(ReceiveBatch batch, int message) {
        FlowTable table = reactor.flows().table;
        int flow = table.insert(
                lane.service.slot,
                batch.sourceHigh(message),
                batch.sourceLow(message),
                batch.sourcePort(message),
                batch.localHigh(message),
                batch.localLow(message));
        if (flow >= 0) table.touch(flow, reactor.nowNanos());
        return flow;
    }

    /** The flow's back port, a new one if it has none, or the one-way socket if every one is taken. */
    private ForwardSocket backPort(int flow, ReceiveBatch batch, int message) {
        FlowTable table = reactor.flows().table;
        ReplyPort port = table.replyPort(flow);
        if (port != null && port.v6 == lane.serversV6()) return port;
        if (port != null) reactor.ports().giveBack(port, reactor.nowNanos()); // a reload changed the family
        table.replyPort(flow, null);
        port = reactor.ports().take(lane, lane.serversV6(), reactor.nowNanos());
        return port == null ? exhausted(batch.datagrams(message)) : serve(flow, port, batch, message);
    }

    private ReplyPort serve(int flow, ReplyPort port, ReceiveBatch batch, int message) {
        ReplyDestination client = port.serve(lane, frontFd, flow);
        client.aim(
                v6,
                batch.sourceHigh(message),
                batch.sourceLow(message),
                batch.sourcePort(message),
                batch.sourceScope(message),
                Destination.ASSUMED_MTU);
        client.sourceSet = wildcard;
        client.sourceHigh = batch.localHigh(message);
        client.sourceLow = batch.localLow(message);
        reactor.flows().table.replyPort(flow, port);
        return port;
    }

    private OneWaySocket exhausted(int datagrams) {
        reactor.paths().count(PathCounter.REPLY_PATH_EXHAUSTED, datagrams);
        return oneWay();
    }

    private OneWaySocket oneWay() {
        OneWaySocket socket = lane.serversV6() ? oneWay6 : oneWay4;
        if (socket == null) throw new IllegalStateException("no one-way socket was prepared for " + lane.service.key);
        return socket;
    }

    void tick() {
        if (oneWay4 != null) oneWay4.tick();
        if (oneWay6 != null) oneWay6.tick();
    }

    void close() {
        if (oneWay4 != null) oneWay4.close();
        if (oneWay6 != null) oneWay6.close();
    }
}
