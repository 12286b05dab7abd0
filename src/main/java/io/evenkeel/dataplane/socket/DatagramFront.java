package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.Question;
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
    private final Departure departure;
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
        departure = new Departure(reactor, lane, fd);
    }

    @Override
    public void adopt(PreparedService prepared) {
        if (prepared.oneWayFds().isEmpty()) return;
        departure.oneWay(prepared.oneWayFds().get(reactor.index()), prepared.serversV6());
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
            for (int i = 0; i < messages; i++) if (sendable(batch, i, service)) scheduleByAffinity(batch, i, service);
            return;
        }
        if (!lane.hasUsable()) {
            lane.counters.drop(lane.refusal(), batch.total());
            return;
        }
        int turns = batch.total() - (service.proxyProtocol() ? countTooBig(batch, messages) : 0);
        long turn = lane.usesTurns() ? lane.service.turn.getAndAdd(turns) : 0;
        for (int i = 0; i < messages; i++) {
            if (!sendable(batch, i, service)) continue;
            ForwardSocket through = departure.ofOnePacket(batch, i, service);
            if (through == null) lane.counters.drop(DropReason.TX_FAILED, batch.datagrams(i));
            else scheduleMessage(batch, i, through, turn);
            turn += batch.datagrams(i);
        }
    }

    /** The message holds datagrams that can leave; with proxy_protocol their header is written now. */
    private boolean sendable(ReceiveBatch batch, int message, ForwardedService service) {
        if (batch.datagrams(message) == 0) return false;
        if (!service.proxyProtocol()) {
            reactor.queue().prefix(0, 0);
            return true;
        }
        if (tooBig(batch, message)) {
            lane.counters.drop(DropReason.TOO_BIG, 1);
            return false;
        }
        long at = (long) message * ProxyHeader.V6_BYTES;
        int length = ProxyHeader.put(
                reactor.headers(),
                at,
                false,
                v6,
                batch.sourceHigh(message),
                batch.sourceLow(message),
                batch.sourcePort(message),
                wildcard ? batch.localHigh(message) : vipHigh,
                wildcard ? batch.localLow(message) : vipLow,
                lane.service.key.vip().port());
        reactor.queue().prefix(reactor.headers().address() + at, length);
        return true;
    }

    /** A header of ours no longer fits before the datagram. An aggregate's datagrams are never that long. */
    private boolean tooBig(ReceiveBatch batch, int message) {
        return batch.segment(message) + ProxyHeader.length(v6) > SendGather.MAX_BYTES;
    }

    private int countTooBig(ReceiveBatch batch, int messages) {
        int count = 0;
        for (int i = 0; i < messages; i++) if (batch.datagrams(i) > 0 && tooBig(batch, i)) count++;
        return count;
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
        else forward(batch, message, departure.ofOnePacket(batch, message, service), server);
    }

    /** Tracked flows: a flow keeps its realserver while that may have it. */
    private void followFlows(ReceiveBatch batch, int messages, ForwardedService service) {
        for (int i = 0; i < messages; i++) if (sendable(batch, i, service)) followFlow(batch, i, service);
    }

    private void followFlow(ReceiveBatch batch, int message, ForwardedService service) {
        Flows flows = reactor.flows();
        int flow = departure.find(batch, message);
        boolean fresh = flow < 0 || flows.expired(flow, lane, reactor.nowNanos());
        ServerLane server = fresh ? null : lane.holder(flows.table.server(flow), flows.table.generation(flow));
        if (server == null) {
            if (flow < 0) flow = departure.insert(batch, message);
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
        forward(batch, message, departure.ofFlow(flow, batch, message, service), server);
    }

    /** All datagrams of a message to one realserver. */
    private void forward(ReceiveBatch batch, int message, @Nullable ForwardSocket through, ServerLane server) {
        if (through == null) {
            lane.counters.drop(DropReason.TX_FAILED, batch.datagrams(message));
            return;
        }
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
        AffinityTable affinity = lane.service.affinity();
        return affinity == null ? placeByTurn(batch, message) : placeByAffinity(batch, message, affinity);
    }

    private @Nullable ServerLane placeByTurn(ReceiveBatch batch, int message) {
        if (!lane.hasUsable()) return null;
        long turn = lane.usesTurns() ? lane.service.turn.getAndIncrement() : 0;
        return lane.pick(
                batch.sourceHigh(message),
                batch.sourceLow(message),
                batch.sourcePort(message),
                wildcard ? batch.localHigh(message) : vipHigh,
                wildcard ? batch.localLow(message) : vipLow,
                turn);
    }

    private @Nullable ServerLane placeByAffinity(ReceiveBatch batch, int message, AffinityTable affinity) {
        long high = batch.sourceHigh(message);
        long low = batch.sourceLow(message);
        long template = affinity.find(v6, high, low, reactor.nowNanos());
        ServerLane held = holder(template);
        if (held != null) {
            // A draining realserver keeps its clients, but their templates run out.
            boolean renews = held.usability() != Usability.HOLDING;
            if (renews) affinity.put(v6, high, low, held.slot, held.generation(), reactor.nowNanos());
            return held;
        }
        ServerLane picked = placeByTurn(batch, message);
        if (picked == null) return null;
        long agreed = affinity.claim(v6, high, low, template, picked.slot, picked.generation(), reactor.nowNanos());
        if (agreed == AffinityTable.FULL) reactor.paths().count(PathCounter.AFFINITY_FULL, 1);
        ServerLane first = holder(agreed); // another worker may have been first with the same client
        return first != null ? first : picked;
    }

    private @Nullable ServerLane holder(long template) {
        return template < 0 ? null : lane.holder((int) (template >> 16), (short) template);
    }

    private void countDrops(int more) {
        if (more == 0) return;
        lane.counters.add(LaneCounters.RECEIVED, more);
        lane.counters.drop(DropReason.RECEIVE_OVERFLOW, more);
    }

    @Override
    public void tick(long nowNanos) {
        countDrops(drops.moreAtTick(fd));
        departure.tick();
    }

    @Override
    public Told explain(Question question) {
        return new DatagramReasons(reactor, lane, stopping).forward(question);
    }

    @Override
    public Told explainReply(Question question) {
        return new DatagramReasons(reactor, lane, stopping).reply(question);
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
        departure.close();
    }
}
