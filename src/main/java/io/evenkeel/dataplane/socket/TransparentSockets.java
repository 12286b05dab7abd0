package io.evenkeel.dataplane.socket;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One worker's sockets that bear clients' addresses: a bounded cache by client address and port, the least recently used
 * given up first. Owned by the worker.
 */
final class TransparentSockets {
    /** Clients of one worker that have a socket at a time. */
    static final int MAX_SOCKETS = 512;

    private final Reactor reactor;
    private final FlowTable clients = new FlowTable(MAX_SOCKETS);
    private @Nullable TransparentSocket[] byRow = new TransparentSocket[MAX_SOCKETS];
    private @Nullable TransparentSocket newest;
    private @Nullable TransparentSocket oldest;

    TransparentSockets(Reactor reactor) {
        this.reactor = reactor;
    }

    /**
     * The socket that bears the address of the message's client, or null if the kernel gives none: no permission, or a
     * local program holds the address.
     */
    @Nullable
    ForwardSocket of(ReceiveBatch batch, int message, ServiceLane lane) {
        boolean v6 = lane.serversV6();
        long high = batch.sourceHigh(message);
        long low = batch.sourceLow(message);
        int port = batch.sourcePort(message);
        int row = clients.find(0, high, low, port, 0, 0);
        TransparentSocket socket = row < 0 ? open(v6, high, low, port, lane) : byRow[row];
        if (socket == null) return null;
        if (socket != newest) {
            unlink(socket);
            linkNewest(socket);
        }
        socket.use(lane);
        return socket;
    }

    private @Nullable TransparentSocket open(boolean v6, long high, long low, int port, ServiceLane lane) {
        int row = clients.insert(0, high, low, port, 0, 0);
        if (row < 0) {
            giveUpOldest();
            row = clients.insert(0, high, low, port, 0, 0);
        }
        int fd = DatagramSockets.transparent(v6, high, low, port);
        if (fd < 0) {
            clients.remove(row);
            return null;
        }
        TransparentSocket socket = new TransparentSocket(reactor, fd, v6, row, lane);
        byRow[row] = socket;
        linkNewest(socket);
        return socket;
    }

    private void giveUpOldest() {
        TransparentSocket socket = oldest;
        if (socket == null) return;
        if (socket.lastQueued >= 0) reactor.queue().send(reactor.nowNanos()); // its datagrams first
        unlink(socket);
        byRow[socket.row] = null;
        clients.remove(socket.row);
        socket.close();
    }

    private void linkNewest(TransparentSocket socket) {
        socket.older = newest;
        socket.newer = null;
        if (newest != null) newest.newer = socket;
        newest = socket;
        if (oldest == null) oldest = socket;
    }

    private void unlink(TransparentSocket socket) {
        if (socket.newer != null) socket.newer.older = socket.older;
        else newest = socket.older;
        if (socket.older != null) socket.older.newer = socket.newer;
        else oldest = socket.newer;
    }

    void closeAll() {
        for (TransparentSocket socket = newest; socket != null; socket = socket.older) socket.close();
        Arrays.fill(byRow, null);
        newest = null;
        oldest = null;
    }
}
