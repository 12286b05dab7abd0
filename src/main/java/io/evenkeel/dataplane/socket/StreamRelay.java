package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.linux.StreamSockets;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A TCP service as one worker serves it: accepts, finds each client a realserver that takes the connection, and relays
 * with splice(2), so that no payload enters this process. What either side does passes through: end of stream as FIN,
 * reset as reset, a reader that stops as a closed window. Urgent data is not passed on.
 *
 * <p>Everything here is called by the thread of the loop, which delivers events to {@link #ready} and to the connections,
 * and calls {@link #tick} some ten times a second. A connection is counted when its fate is known, so both accounting
 * laws hold between any two calls.
 */
final class StreamRelay implements Watcher {
    /** How long one realserver may take to answer: two lost SYNs (sent again after 1 s and 3 s) are survived. */
    static final long CONNECT_NANOS = 4_000_000_000L;

    /** How long after it was accepted a connection may still be offered to another realserver. */
    static final long GIVE_UP_NANOS = 20_000_000_000L;

    /** Nothing moved for so long: IPVS's time for established connections (ipvsadm --set). */
    static final long IDLE_NANOS = 900_000_000_000L;

    /** Connections accepted before others are served. */
    private static final int ACCEPT_BATCH = 64;

    /** Connections of a queue that {@link #find} looks at: less than a millisecond. */
    private static final int MOST_LOOKS = 8_192;

    private final StreamService service;
    private final StreamLoop loop;
    private final StreamPool pool;
    private final long idleNanos;
    private final StreamQueue connecting = new StreamQueue();
    private final StreamQueue idle = new StreamQueue();
    private final ArrayDeque<StreamConnection> starving = new ArrayDeque<>();
    private @Nullable StreamPeer[] peers = new StreamPeer[4];
    private final int listener;
    private long boundHigh;
    private long boundLow;
    private int boundPort;
    private boolean wildcard;
    private long watch = -1;
    private boolean listening = true;
    private boolean paused;
    private int live;

    /** @param listener as {@link StreamOpening#open} opened it; this closes it */
    StreamRelay(StreamService service, StreamLoop loop, StreamPool pool, int listener, long idleNanos) {
        this.service = service;
        this.loop = loop;
        this.pool = pool;
        this.listener = listener;
        this.idleNanos = idleNanos;
    }

    /**
     * Begins to serve.
     *
     * @throws SyscallException if the port, which was bound before, can no longer be listened on
     */
    void start() {
        String subject = "descriptor " + listener;
        Libc.require(Sockets.getsockname(listener, pool.scratch), "getsockname", subject);
        boundHigh = SocketAddress.high(pool.scratch, 0);
        boundLow = SocketAddress.low(pool.scratch, 0);
        boundPort = SocketAddress.port(pool.scratch, 0);
        wildcard = boundHigh == 0 && boundLow == 0;
        Libc.require(Sockets.listen(listener, StreamOpening.BACKLOG), "listen", subject);
        watch = loop.watch(listener, Epoll.IN, this);
    }

    /** Clients have connected. */
    @Override
    public void ready(int events) {
        for (int i = 0; i < ACCEPT_BATCH && listening && !paused; i++) {
            int fd = StreamSockets.accept(listener, pool.scratch);
            if (fd >= 0) {
                admit(fd);
                continue;
            }
            switch (-fd) {
                case Errno.EAGAIN -> {
                    return;
                }
                case Errno.EMFILE, Errno.ENFILE -> refuseWithReserve();
                case Errno.ENOMEM, Errno.ENOBUFS -> pause();
                case Errno.EBADF, Errno.EINVAL -> throw new SyscallException("accept4", -fd, "listener");
                default -> {} // an error of the connection that would have been accepted (accept(2)): the next one
            }
        }
    }

    private void admit(int fd) {
        MemorySegment name = pool.scratch;
        boolean v6 = SocketAddress.v6(name, 0);
        long high = SocketAddress.high(name, 0);
        long low = SocketAddress.low(name, 0);
        int port = SocketAddress.port(name, 0);
        if (!pool.room().enter()) {
            service.dropped(DropReason.FLOW_TABLE_FULL);
            StreamSockets.reset(fd);
            return;
        }
        live++;
        if (wildcard) Sockets.getsockname(fd, name);
        long askedHigh = wildcard ? SocketAddress.high(name, 0) : boundHigh;
        long askedLow = wildcard ? SocketAddress.low(name, 0) : boundLow;
        StreamOrigin origin = new StreamOrigin(v6, high, low, port, askedHigh, askedLow, boundPort);
        long now = loop.nowNanos();
        new StreamConnection(this, origin, fd, now).open(now);
    }

    /**
     * The process has no descriptor left. A client that waits in the backlog would not know why, so it is accepted with
     * the one in reserve and refused, and counted.
     */
    private void refuseWithReserve() {
        if (!pool.releaseReserve()) {
            pause();
            return;
        }
        int fd = StreamSockets.accept(listener, pool.scratch);
        if (fd >= 0) {
            service.dropped(DropReason.FLOW_TABLE_FULL);
            StreamSockets.reset(fd);
        }
        if (!pool.refillReserve()) pause();
    }

    /** Leaves clients in the backlog until the next tick: to ask again at once would be a busy loop. */
    private void pause() {
        paused = true;
        service.count(PathCounter.ACCEPT_PAUSES, 1);
        loop.rewatch(listener, 0, watch);
    }

    /** Does what time demands. */
    void tick(long nowNanos) {
        if (paused && listening) {
            paused = false;
            pool.refillReserve();
            loop.rewatch(listener, Epoll.IN, watch);
        }
        StreamConnection late = connecting.waiting(CONNECT_NANOS, nowNanos);
        while (late != null) {
            late.connectTimedOut(nowNanos);
            late = connecting.waiting(CONNECT_NANOS, nowNanos);
        }
        late = idle.waiting(idleNanos, nowNanos);
        while (late != null) {
            late.abort(PathCounter.STREAMS_IDLE);
            late = idle.waiting(idleNanos, nowNanos);
        }
        for (StreamPeer peer : peers) if (peer != null) peer.tick(nowNanos);
        for (int i = starving.size(); i > 0; i--) starving.remove().pumpAgain(nowNanos);
    }

    /** A table or a state has changed: connections of realservers that failed or left are lost. */
    void serversChanged(long nowNanos) {
        for (StreamPeer peer : peers) if (peer != null) peer.judge(service, nowNanos);
    }

    /** Takes no new connections from now on; those it has go on. */
    void stopTaking() {
        if (!listening) return;
        listening = false;
        if (watch >= 0) loop.unwatch(listener, watch);
        watch = -1;
        Libc.close(listener);
    }

    /** New connections are accepted. */
    boolean listening() {
        return listening;
    }

    /** The connection of this client, among the latest {@value #MOST_LOOKS} that moved; null if none. */
    @Nullable
    StreamConnection find(IpAddress client, int port, IpAddress asked) {
        StreamConnection found = find(connecting, client, port, asked);
        return found != null ? found : find(idle, client, port, asked);
    }

    private static @Nullable StreamConnection find(StreamQueue queue, IpAddress client, int port, IpAddress asked) {
        StreamConnection connection = queue.last();
        for (int i = 0; i < MOST_LOOKS && connection != null; i++, connection = connection.older) {
            StreamOrigin origin = connection.origin();
            if (origin.port == port && origin.isClient(client) && origin.asked(asked)) return connection;
        }
        return null;
    }

    /** A connection between this client and the realserver in {@code slot}, as {@link #find} looks; null if none. */
    @Nullable
    StreamConnection findReply(int slot, IpAddress client, int port) {
        for (StreamQueue queue : new StreamQueue[] {connecting, idle}) {
            StreamConnection connection = queue.last();
            for (int i = 0; i < MOST_LOOKS && connection != null; i++, connection = connection.older) {
                StreamPeer peer = connection.peer();
                StreamOrigin origin = connection.origin();
                if (peer != null && peer.slot == slot && origin.port == port && origin.isClient(client)) {
                    return connection;
                }
            }
        }
        return null;
    }

    /** Connections it has. */
    int live() {
        return live;
    }

    /** Closes the listener and resets every connection. */
    void close() {
        stopTaking();
        cutOff(connecting);
        cutOff(idle);
    }

    private static void cutOff(StreamQueue queue) {
        for (StreamConnection c = queue.first(); c != null; c = queue.first()) c.cutOff();
    }

    // What connections need of their relay.

    StreamLoop loop() {
        return loop;
    }

    StreamService service() {
        return service;
    }

    StreamPool pool() {
        return pool;
    }

    StreamQueue connecting() {
        return connecting;
    }

    StreamQueue idle() {
        return idle;
    }

    StreamPeer peer(int slot) {
        if (slot >= peers.length) peers = Arrays.copyOf(peers, Math.max(slot + 1, peers.length * 2));
        StreamPeer known = peers[slot];
        if (known != null) return known;
        StreamPeer created = new StreamPeer(slot, service.endpoint(slot));
        peers[slot] = created;
        return created;
    }

    /** Begins to connect to a realserver: a descriptor, or {@code -errno}. */
    int connect(int slot) {
        Endpoint to = service.endpoint(slot);
        return StreamOpening.connect(to, service.source(to.address().v6()));
    }

    /**
     * A port of ours was chosen as the source that is the very port we ask, nobody listens there, and TCP's simultaneous
     * open has connected the socket to itself (RFC 9293 section 3.5): to be treated as refused.
     */
    boolean connectedToItself(int fd, Endpoint to) {
        MemorySegment name = pool.scratch;
        return Sockets.getsockname(fd, name) == 0
                && SocketAddress.port(name, 0) == to.port()
                && SocketAddress.low(name, 0) == to.address().low()
                && SocketAddress.high(name, 0) == to.address().high();
    }

    /** Tells the realserver whom it serves. A new connection takes so few bytes at once, or it is dead. */
    boolean sendHeader(int fd, StreamOrigin origin) {
        int length = ProxyHeader.put(
                pool.scratch,
                0,
                true,
                origin.v6,
                origin.high,
                origin.low,
                origin.port,
                origin.askedHigh,
                origin.askedLow,
                origin.askedPort);
        return StreamSockets.send(fd, pool.scratch, length) == length;
    }

    void starving(StreamConnection connection) {
        starving.add(connection);
    }

    void left() {
        live--;
        pool.room().leave();
    }
}
