package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Libc;

/**
 * A socket towards realservers: it sends, its error queue tells about unreachable ones, and something may come back.
 * Holds the datagrams of the batch in hand that leave through it, as a chain in {@link DatagramQueue}. Owned by one
 * worker.
 */
abstract class ForwardSocket implements Watcher {
    final Reactor reactor;
    final int fd;

    /** Family of the socket and of the realservers it sends to. */
    final boolean v6;

    /** First and last datagram of this batch in the queue's chain; −1 while there is none. */
    int firstQueued = -1;

    int lastQueued = -1;

    private long watch = Reactor.NOT_WATCHED;
    private final KernelDrops drops = new KernelDrops();

    ForwardSocket(Reactor reactor, int fd, boolean v6) {
        this.reactor = reactor;
        this.fd = fd;
        this.v6 = v6;
    }

    final void start() {
        watch = reactor.watch(fd, Epoll.IN, this);
    }

    final void close() {
        if (watch != Reactor.NOT_WATCHED) reactor.unwatch(fd, watch);
        watch = Reactor.NOT_WATCHED;
        Libc.close(fd);
    }

    /** The service that what happens here is counted for. */
    abstract ServiceLane lane();

    /** A datagram for {@code server} is about to leave through this socket. */
    abstract void noteSend(ServerLane server, long nowNanos);

    /** This socket has sent to {@code server} within the last second. */
    abstract boolean sentLately(ServerLane server, long nowNanos);

    /** Takes what waits to be received. */
    abstract void receive();

    @Override
    public final void ready(int events) {
        if ((events & Epoll.ERR) != 0) reactor.evidence().drain(this, reactor.nowNanos());
        if ((events & Epoll.IN) != 0) receive();
    }

    /** Something came: its drops are looked at. */
    final void received(ReceiveBatch batch) {
        drops.received();
        if (batch.overflowSeen()) countDrops(drops.more(batch.overflow()));
    }

    /** Finds out what the kernel dropped behind the last datagram. */
    final void tick() {
        countDrops(drops.moreAtTick(fd));
    }

    private void countDrops(int more) {
        if (more == 0) return;
        lane().counters.add(LaneCounters.REPLIES_RECEIVED, more);
        lane().counters.drop(DropReason.REPLY_OVERFLOW, more);
    }
}
