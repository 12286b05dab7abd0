package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;

/**
 * The socket through which one worker forwards what expects no reply, for one service: and what has no way back because
 * every back port is taken. What comes back here cannot be told apart, so it is read and counted.
 */
final class OneWaySocket extends ForwardSocket {
    private final ServiceLane lane;

    OneWaySocket(Reactor reactor, int fd, boolean v6, ServiceLane lane) {
        super(reactor, fd, v6);
        this.lane = lane;
    }

    @Override
    ServiceLane lane() {
        return lane;
    }

    @Override
    void noteSend(ServerLane server, long nowNanos) {
        server.sentOneWay(nowNanos);
    }

    @Override
    boolean sentLately(ServerLane server, long nowNanos) {
        return server.sentOneWayWithin(UnreachableEvidence.WINDOW_NANOS, nowNanos);
    }

    @Override
    void receive() {
        ReceiveBatch batch = reactor.receiveBatch();
        int messages = batch.receive(fd);
        if (messages < 0) return; // nothing there, or the error of an earlier datagram: epoll tells about that
        received(batch);
        DropReason reason =
                lane.compiled().responses() == 0 ? DropReason.REPLY_UNEXPECTED : DropReason.REPLY_PATH_EXHAUSTED;
        for (int i = 0; i < messages; i++) {
            int datagrams = batch.datagrams(i);
            boolean known = lane.at(batch.sourceHigh(i), batch.sourceLow(i), batch.sourcePort(i)) != null;
            if (datagrams == 0) lane.counters.drop(DropReason.REPLY_TRUNCATED, 1);
            else lane.counters.drop(known ? reason : DropReason.REPLY_STRANGER, datagrams);
        }
        lane.counters.add(LaneCounters.REPLIES_RECEIVED, (long) batch.total() + batch.truncated());
    }
}
