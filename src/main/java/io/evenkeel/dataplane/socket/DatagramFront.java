package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Libc;
import org.jspecify.annotations.Nullable;

/**
 * A UDP service as one worker serves it: receives a batch, gives every datagram its realserver, and sends. This is the
 * packet loop: nothing in it allocates, blocks or throws.
 *
 * <p>Under one-packet scheduling each datagram takes a turn, all turns of a batch with one fetch-and-add. Otherwise a flow
 * keeps its realserver, and a new flow takes the turn. Turns are taken only when somebody can be picked.
 */
final class DatagramFront implements ServiceFront {
    /** Receives that a service which has left the table may still take: what had arrived before. */
    private static final int LAST_RECEIVES = 256;

    private final Reactor reactor;
    private final ServiceLane lane;
    private final int fd;
    private final boolean v6;
    private final boolean wildcard;
    private final long vipHigh;
    private final long vipLow;
    private final KernelDrops drops = new KernelDrops();
    private @Nullable OneWaySocket oneWay4;
    private @Nullable OneWaySocket oneWay6;
    private long watch = Reactor.NOT_WATCHED;
    private boolean stopping;

    DatagramFront(Reactor reactor, ServiceLane lane, int fd) {
        this.reactor = reactor;
        this.lane = lane;
        this.fd = fd;
        var vip = lane.service.key.vip().address();
        v6 = vip.v6();
        wildcard = vip.isAny();
        vipHigh = vip.high();
        vipLow = vip.low();
    }

    @Override
    public void adopt(PreparedService prepared) {
        if (prepared.oneWayFds().isEmpty()) return;
        OneWaySocket socket =
                new OneWaySocket(reactor, prepared.oneWayFds().get(reactor.index()), prepared.serversV6(), lane);
        socket.start();
        if (prepared.serversV6()) oneWay6 = socket;
        else oneWay4 = socket;
    }

    @Override
    public void start() {
        reactor.flows().enter(lane);
        watch = reactor.watch(fd, Epoll.IN, this);
    }

    @Override
    public void ready(int events) {
        reactor.readClock();
        serve();
    }

    /** One batch, from the receive to the last send. Answers messages, or {@code -errno}. */
    private int serve() {
        ReceiveBatch batch = reactor.receiveBatch();
        int messages = batch.receive(fd);
        if (messages < 0) return messages; // EAGAIN and EINTR; nothing else is known to happen, and it would come again
        drops.received();
        LaneCounters counters = lane.counters;
        counters.add(LaneCounters.RECEIVED, (long) batch.total() + batch.truncated());
        if (batch.truncated() > 0) counters.drop(DropReason.TRUNCATED, batch.truncated());
        if (batch.overflowSeen()) countDrops(drops.more(batch.overflow()));
        ForwardedService service = lane.compiled();
        if (stopping) counters.drop(DropReason.SHUTTING_DOWN, batch.total());
        else if (service.onePacket()) scheduleEach(batch, messages, service);
        else followFlows(batch, messages, service);
        reactor.queue().send(reactor.nowNanos());
        return messages;
    }

    /** One-packet scheduling: every datagram takes a turn. */
    private void scheduleEach(ReceiveBatch batch, int messages, ForwardedService service) {
        if (service.persistence() != null) {
            for (int i = 0; i < messages; i++) if (batch.datagrams(i) > 0) scheduleByAffinity(batch, i, service);
            return;
        }
        if (!lane.hasUsable()) {
            lane.counters.drop(lane.refusal(), batch.total());
            return;
        }
        long turn = lane.usesTurns() ? lane.service.turn.getAndAdd(batch.total()) : 0;
        for (int i = 0; i < messages; i++) {
            if (batch.datagrams(i) == 0) continue;
            scheduleMessage(batch, i, socketOf(batch, i, service), turn);
            turn += batch.datagrams(i);
        }
    }

    private void scheduleMessage(ReceiveBatch batch, int message, ForwardSocket through, long firstTurn) {
        long high = batch.sourceHigh(message);
        long low = batch.sourceLow(message);
        int port = batch.sourcePort(message);
        long localHigh = wildcard ? batch.localHigh(message) : vipHigh;
        long localLow = wildcard ? batch.localLow(message) : vipLow;
        long address = batch.address(message);
        int left = batch.length(message);
        int segment = batch.segment(message);
        int datagrams = batch.datagrams(message);
        for (int i = 0; i < datagrams; i++) {
            ServerLane server = lane.pick(high, low, port, localHigh, localLow, firstTurn + i);
            if (server == null) lane.counters.drop(lane.refusal(), 1);
            else reactor.queue().add(through, server, address, Math.min(segment, left), reactor.nowNanos());
            address += segment;
            left -= segment;
        }
    }

    private void scheduleByAffinity(ReceiveBatch batch, int message, ForwardedService service) {
        ServerLane server = place(batch, message);
        if (server == null) lane.counters.drop(lane.refusal(), batch.datagrams(message));
        else forward(batch, message, socketOf(batch, message, service), server);
    }

    /** The socket through which a client's datagrams leave under one-packet scheduling. */
    private ForwardSocket socketOf(ReceiveBatch batch, int message, ForwardedService service) {
        if (service.responses() == 0) return oneWay();
        Flows flows = reactor.flows();
        int flow = find(batch, message);
        if (flow < 0) {
            ReplyPort port = reactor.ports().take(lane, lane.serversV6(), reactor.nowNanos());
            if (port == null) return exhausted(batch.datagrams(message));
            flow = insert(batch, message);
            if (flow < 0) {
                reactor.ports().giveBack(port, reactor.nowNanos());
                return exhausted(batch.datagrams(message));
            }
            return serve(flow, port, batch, message);
        }
        flows.table.touch(flow, reactor.nowNanos());
        if (flows.table.server(flow) != FlowTable.NO_SERVER)
            flows.assign(flow, lane, null); // was tracked before a reload
        return backPort(flow, batch, message);
    }

    /** Tracked flows: a flow keeps its realserver while that may have it. */
    private void followFlows(ReceiveBatch batch, int messages, ForwardedService service) {
        for (int i = 0; i < messages; i++) if (batch.datagrams(i) > 0) followFlow(batch, i, service);
    }

    private void followFlow(ReceiveBatch batch, int message, ForwardedService service) {
        Flows flows = reactor.flows();
        int flow = find(batch, message);
        boolean fresh = flow < 0 || flows.expired(flow, lane, reactor.nowNanos());
        ServerLane server = fresh ? null : lane.holder(flows.table.server(flow), flows.table.generation(flow));
        if (server == null) {
            if (flow < 0) flow = insert(batch, message);
            if (flow < 0) {
                lane.counters.drop(DropReason.FLOW_TABLE_FULL, batch.datagrams(message));
                return;
            }
            server = place(batch, message);
            if (server == null) {
                lane.counters.drop(lane.refusal(), batch.datagrams(message));
                if (flows.table.server(flow) == FlowTable.NO_SERVER) flows.end(flow, reactor.nowNanos());
                return;
            }
            if (!fresh && flows.table.server(flow) != FlowTable.NO_SERVER)
                lane.counters.add(LaneCounters.FLOWS_MOVED, 1);
            flows.assign(flow, lane, server);
        }
        flows.table.touch(flow, reactor.nowNanos());
        forward(batch, message, service.responses() == 0 ? oneWay() : backPort(flow, batch, message), server);
    }

    /** All datagrams of a message to one realserver. */
    private void forward(ReceiveBatch batch, int message, ForwardSocket through, ServerLane server) {
        long address = batch.address(message);
        int left = batch.length(message);
        int segment = batch.segment(message);
        for (int i = batch.datagrams(message); i > 0; i--) {
            reactor.queue().add(through, server, address, Math.min(segment, left), reactor.nowNanos());
            address += segment;
            left -= segment;
        }
    }

    /** The realserver for a client that has none: by its template, else by the next turn; null if nobody can take it. */
    private @Nullable ServerLane place(ReceiveBatch batch, int message) {
        long high = batch.sourceHigh(message);
        long low = batch.sourceLow(message);
        AffinityTable affinity = lane.service.affinity();
        if (affinity != null) {
            long template = affinity.find(v6, high, low, reactor.nowNanos());
            ServerLane held =
                    template == AffinityTable.NONE ? null : lane.holder((int) (template >> 16), (short) template);
            if (held != null) {
                // A draining realserver keeps its clients, but their templates run out.
                if (held.usability() != Usability.HOLDING) remember(affinity, high, low, held);
                return held;
            }
        }
        if (!lane.hasUsable()) return null;
        long turn = lane.usesTurns() ? lane.service.turn.getAndIncrement() : 0;
        long localHigh = wildcard ? batch.localHigh(message) : vipHigh;
        long localLow = wildcard ? batch.localLow(message) : vipLow;
        ServerLane picked = lane.pick(high, low, batch.sourcePort(message), localHigh, localLow, turn);
        if (picked != null && affinity != null) remember(affinity, high, low, picked);
        return picked;
    }

    private void remember(AffinityTable affinity, long high, long low, ServerLane server) {
        if (!affinity.put(v6, high, low, server.slot, server.generation(), reactor.nowNanos())) {
            reactor.paths().count(PathCounter.AFFINITY_FULL, 1);
        }
    }

    private int find(ReceiveBatch batch, int message) {
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

    private int insert(ReceiveBatch batch, int message) {
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
        ReplyDestination client = port.serve(lane, fd, flow);
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

    private void countDrops(int more) {
        if (more == 0) return;
        lane.counters.add(LaneCounters.RECEIVED, more);
        lane.counters.drop(DropReason.RECEIVE_OVERFLOW, more);
    }

    @Override
    public void tick(long nowNanos) {
        countDrops(drops.moreAtTick(fd));
        if (oneWay4 != null) oneWay4.tick();
        if (oneWay6 != null) oneWay6.tick();
    }

    @Override
    public void stopTaking() {
        stopping = true;
    }

    @Override
    public void retire() {
        reactor.readClock();
        for (int i = 0; i < LAST_RECEIVES && serve() > 0; i++) {}
        reactor.flows().leave(lane, reactor.nowNanos());
        close();
    }

    @Override
    public void close() {
        if (watch != Reactor.NOT_WATCHED) reactor.unwatch(fd, watch);
        watch = Reactor.NOT_WATCHED;
        Libc.close(fd);
        if (oneWay4 != null) oneWay4.close();
        if (oneWay6 != null) oneWay6.close();
    }
}
