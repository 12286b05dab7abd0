package io.evenkeel.dataplane.socket;

import org.jspecify.annotations.Nullable;

/**
 * A socket that bears a client's own address and port (IP_TRANSPARENT, ip(7)), so that realservers see the client.
 * Nothing comes back to it: the client's address is not ours. Owned by {@link TransparentSockets}.
 */
final class TransparentSocket extends ForwardSocket {
    /** The cache's row of its client. */
    final int row;

    private ServiceLane lane;

    // Most recently used first.
    @Nullable
    TransparentSocket newer;

    @Nullable
    TransparentSocket older;

    TransparentSocket(Reactor reactor, int fd, boolean v6, int row, ServiceLane lane) {
        super(reactor, fd, v6);
        this.row = row;
        this.lane = lane;
    }

    /** The service whose datagrams leave through it now: one client may use several. */
    void use(ServiceLane itsLane) {
        lane = itsLane;
    }

    @Override
    ServiceLane lane() {
        return lane;
    }

    @Override
    void noteSend(ServerLane server, long nowNanos) {}

    @Override
    boolean sentLately(ServerLane server, long nowNanos) {
        return false; // ICMP errors go to the client, not to us
    }

    @Override
    void receive() {}
}
