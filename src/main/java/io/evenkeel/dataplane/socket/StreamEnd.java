package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.StreamSockets;
import io.evenkeel.linux.SyscallException;

/**
 * One socket of a relayed connection, and what is known of it. Watched edge-triggered, once and for all: readiness is
 * remembered here until a call says EAGAIN, so that a side we do not serve now wakes nobody. Owned by one worker.
 */
final class StreamEnd implements Watcher {
    private static final int INTEREST = Epoll.IN | Epoll.OUT | Epoll.RDHUP | Epoll.EDGE;
    private static final long NOT_WATCHED = -1;

    private final StreamConnection connection;
    private final StreamLoop loop;
    private long watch = NOT_WATCHED;
    final int fd;

    /** There may be something to read, or the end of the stream. */
    boolean readable;

    boolean writable;

    /** Its stream has ended and been passed on whole. */
    boolean delivered;

    /** The peer has reset the connection, or the kernel has given it up. */
    boolean failed;

    StreamEnd(StreamConnection connection, StreamLoop loop, int fd) {
        this.connection = connection;
        this.loop = loop;
        this.fd = fd;
    }

    /** Begins to watch; false if the kernel refuses. */
    boolean watch() {
        try {
            watch = loop.watch(fd, INTEREST, this);
            return true;
        } catch (SyscallException refused) {
            return false; // counted by the caller, as a connection for which there is no room
        }
    }

    @Override
    public void ready(int events) {
        boolean over = (events & (Epoll.HUP | Epoll.ERR)) != 0;
        if (over || (events & (Epoll.IN | Epoll.RDHUP)) != 0) readable = true;
        if (over || (events & Epoll.OUT) != 0) writable = true;
        if ((events & Epoll.ERR) != 0) failed = true;
        connection.ready(this);
    }

    /** Has the loop call again for what is ready now, after it has served others. */
    void comeBack() {
        loop.rewatch(fd, INTEREST, watch);
    }

    /** Closes in the ordinary way: what is still to be sent is sent, then FIN. */
    void close() {
        unwatch();
        Libc.close(fd);
    }

    /** Closes so that the peer sees a reset. */
    void reset() {
        unwatch();
        StreamSockets.reset(fd);
    }

    private void unwatch() {
        if (watch == NOT_WATCHED) return;
        loop.unwatch(fd, watch);
        watch = NOT_WATCHED;
    }
}
