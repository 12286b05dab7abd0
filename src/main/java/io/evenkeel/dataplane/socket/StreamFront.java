package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Question;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.linux.Errno;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.schedule.Schedule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TCP service as one worker serves it: joins a {@link StreamRelay} to the worker's view of the service. Owned by that
 * worker.
 */
final class StreamFront implements ServiceFront, StreamService {
    private final Reactor reactor;
    private final ServiceLane lane;
    private final StreamRelay relay;
    private boolean started;

    /** @param listener as {@link StreamOpening#open} opened it */
    StreamFront(Reactor reactor, ServiceLane lane, int listener) {
        this.reactor = reactor;
        this.lane = lane;
        relay = new StreamRelay(this, reactor, reactor.streams(), listener, StreamRelay.IDLE_NANOS);
    }

    @Override
    public void adopt(PreparedService prepared) {
        if (started) relay.serversChanged(reactor.nowNanos());
    }

    @Override
    public void start() {
        started = true;
        relay.start();
    }

    @Override
    public void ready(int events) {
        relay.ready(events);
    }

    @Override
    public void flipped(long nowNanos) {
        relay.serversChanged(nowNanos);
    }

    @Override
    public void tick(long nowNanos) {
        relay.tick(nowNanos);
    }

    @Override
    public Told explain(Question question) {
        return new StreamReasons(reactor, lane, relay).forward(question);
    }

    @Override
    public Told explainReply(Question question) {
        return new StreamReasons(reactor, lane, relay).reply(question);
    }

    @Override
    public void stopTaking() {
        relay.stopTaking();
    }

    @Override
    public boolean busy() {
        return relay.live() > 0;
    }

    @Override
    public void retire() {
        close();
    }

    @Override
    public void close() {
        relay.close();
    }

    @Override
    public int pick(StreamOrigin origin, long nowNanos) {
        AffinityTable affinity = lane.service.affinity();
        ServerLane server = affinity == null ? null : held(affinity, origin, nowNanos);
        boolean renewed = server != null && server.usability() != Usability.HOLDING; // a draining one's run out
        if (server == null) {
            server = scheduled(origin);
            renewed = true;
        }
        if (server == null) return NOBODY;
        if (affinity != null && renewed) remember(affinity, origin, server, nowNanos);
        return server.slot;
    }

    /** The realserver of the client's template, if it may be asked. */
    private @Nullable ServerLane held(AffinityTable affinity, StreamOrigin origin, long nowNanos) {
        long template = affinity.find(origin.v6, origin.high, origin.low, nowNanos);
        if (template == AffinityTable.NONE) return null;
        ServerLane server = lane.holder((int) (template >> 16), (short) template);
        return server == null || origin.tried(server.slot) ? null : server;
    }

    private @Nullable ServerLane scheduled(StreamOrigin origin) {
        if (!lane.hasUsable()) return null;
        if (origin.turn == StreamOrigin.NO_TURN) {
            origin.turn = lane.usesTurns() ? lane.service.turn.getAndIncrement() : 0;
        }
        Schedule.Eligibility untried = index -> lane.usable(index) && !origin.tried(lane.candidate(index).slot);
        return lane.pick(origin.high, origin.low, origin.port, origin.askedHigh, origin.askedLow, origin.turn, untried);
    }

    private void remember(AffinityTable affinity, StreamOrigin origin, ServerLane server, long nowNanos) {
        if (!affinity.put(origin.v6, origin.high, origin.low, server.slot, server.generation(), nowNanos)) {
            count(PathCounter.AFFINITY_FULL, 1);
        }
    }

    @Override
    public DropReason refusal() {
        return lane.refusal();
    }

    private ServerLane server(int slot) {
        return Objects.requireNonNull(lane.server(slot));
    }

    @Override
    public Endpoint endpoint(int slot) {
        return server(slot).endpoint;
    }

    @Override
    public @Nullable IpAddress source(boolean v6) {
        return reactor.ports().address(v6);
    }

    @Override
    public int generation(int slot) {
        return server(slot).generation();
    }

    @Override
    public Standing standing(int slot) {
        if (server(slot).usability() != Usability.SHUT) return Standing.KEEPS;
        return lane.lists(slot) ? Standing.FAILED : Standing.REMOVED;
    }

    @Override
    public boolean proxyProtocol() {
        return lane.compiled().proxyProtocol();
    }

    @Override
    public long failbackGraceNanos() {
        return lane.compiled().failbackGraceNanos();
    }

    @Override
    public void begin(int slot) {
        lane.service.load.beginActive(slot);
    }

    @Override
    public void halfClosed(int slot) {
        lane.service.load.becomeInactive(slot);
    }

    @Override
    public void end(int slot, boolean active) {
        if (active) lane.service.load.becomeInactive(slot);
        lane.service.load.end(slot);
    }

    @Override
    public void forwarded(int slot) {
        lane.counters.add(LaneCounters.RECEIVED, 1);
        lane.counters.forwarded(slot, 1);
    }

    @Override
    public void dropped(DropReason reason) {
        lane.counters.add(LaneCounters.RECEIVED, 1);
        lane.counters.drop(reason, 1);
    }

    @Override
    public void suspect(int slot, int errno, long nowNanos) {
        ServerLane server = server(slot);
        if (!server.mayReport(UnreachableEvidence.REPORT_NANOS, nowNanos)) return;
        String evidence = "connect " + server.endpoint + ": " + Errno.text(errno);
        reactor.report(new PlaneEvent.Suspicion(lane.service.slot, slot, server.generation(), evidence, nowNanos));
    }

    @Override
    public void count(PathCounter path, long n) {
        reactor.paths().count(path, n);
    }
}
