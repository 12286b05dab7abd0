package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * One realserver of one service as one worker sees it. It stays after the realserver has left the table, for as long as
 * its slot is not given to another: replies that are under way still find it.
 */
final class ServerLane extends Destination {
    final int slot;
    final Endpoint endpoint;
    private final LaneCounters counters;
    private Usability usability = Usability.SHUT;
    private int generation;

    /** Picked since the table or a state last changed: what least-load schedulers compare under one-packet scheduling. */
    long pickedLately;

    /** When a one-way socket of this worker last sent to it, and under which generation. */
    private boolean oneWayUsed;

    private long oneWayNanos;

    /** When evidence against it was last reported. */
    private boolean suspected;

    private long suspectedNanos;

    /** Another slot, given up before, that had the same endpoint. */
    @Nullable
    ServerLane sameEndpoint;

    ServerLane(ForwardedServer server, LaneCounters counters, int mtu) {
        this.slot = server.slot();
        this.endpoint = server.endpoint();
        this.counters = counters;
        aim(
                endpoint.address().v6(),
                endpoint.address().high(),
                endpoint.address().low(),
                endpoint.port(),
                0,
                mtu);
    }

    void state(Usability itsUsability, int itsGeneration) {
        usability = itsUsability;
        generation = itsGeneration;
    }

    Usability usability() {
        return usability;
    }

    int generation() {
        return generation;
    }

    /** A flow that was given to it under {@code ofGeneration} still belongs to it. */
    boolean keeps(short ofGeneration) {
        return usability != Usability.SHUT && (short) generation == ofGeneration;
    }

    void sentOneWay(long nowNanos) {
        oneWayUsed = true;
        oneWayNanos = nowNanos;
    }

    boolean sentOneWayWithin(long nanos, long nowNanos) {
        return oneWayUsed && nowNanos - oneWayNanos <= nanos;
    }

    /** True at most once in {@code nanos}: evidence may be reported now. */
    boolean mayReport(long nanos, long nowNanos) {
        if (suspected && nowNanos - suspectedNanos < nanos) return false;
        suspected = true;
        suspectedNanos = nowNanos;
        return true;
    }

    @Override
    void sent(int datagrams) {
        counters.forwarded(slot, datagrams);
    }

    @Override
    void lost(int datagrams, DropReason reason) {
        counters.drop(reason, datagrams);
    }
}
