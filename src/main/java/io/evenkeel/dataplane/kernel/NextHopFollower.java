package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.EventFd;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkError;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.NetworkEvents;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps next hops fresh: hears what the kernel tells of links, addresses, neighbours and routes, asks again what that
 * touches, has unknown neighbours resolved and stale ones confirmed, and tells a listener what has changed.
 *
 * <p>Its sockets belong to the network namespace of the thread that opens it. {@link #run} belongs to thread ek-netlink;
 * {@link #follow}, {@link #stop} and {@link #counts} may be called from any; {@link #close} after {@code run} has
 * returned. Questions need no privilege, resolving neighbours needs CAP_NET_ADMIN.
 */
public final class NextHopFollower implements AutoCloseable {
    /** Most destinations that can be followed. */
    public static final int MAX_DESTINATIONS = 65_536;

    /** The kernel's queue of events for us; what does not fit is missed and all tables are read again. */
    static final int RECEIVE_BYTES = 4 << 20;

    private static final long MOST_NANOS = 10_000_000_000L;

    private final Arena arena = Arena.ofShared();
    private final ArrayDeque<Runnable> opened = new ArrayDeque<>();
    private final NetworkEvents events;
    private final RouteSocket questions;
    private final Epoll epoll;
    private final EventFd wake;
    private final Following following;
    private final AtomicReference<@Nullable Set<IpAddress>> wanted = new AtomicReference<>();
    private volatile FollowerCounts counts;
    private volatile boolean stopped;

    /** @throws SyscallException if the kernel refuses a socket */
    public NextHopFollower(NextHopListener listener) {
        this(listener, RECEIVE_BYTES);
    }

    NextHopFollower(NextHopListener listener, int receiveBytes) {
        opened.push(arena::close);
        try {
            // Events first: what changes while the tables are read is told afterwards.
            events = new NetworkEvents(receiveBytes);
            opened.push(events::close);
            questions = new RouteSocket();
            opened.push(questions::close);
            epoll = new Epoll(arena, 2);
            opened.push(epoll::close);
            wake = new EventFd();
            opened.push(wake::close);
            Libc.require(epoll.add(events.fd(), Epoll.IN, 0), "epoll_ctl", "netlink events");
            Libc.require(epoll.add(wake.fd(), Epoll.IN, 1), "epoll_ctl", "wake-up");
        } catch (SyscallException refused) {
            close();
            throw refused;
        }
        following = new Following(new Questions(questions), listener, System.nanoTime());
        counts = following.counts();
    }

    /**
     * Follows these destinations and no others. The listener hears of new ones first.
     *
     * @throws IllegalArgumentException if they are more than {@link #MAX_DESTINATIONS}
     */
    public void follow(Set<IpAddress> destinations) {
        if (destinations.size() > MAX_DESTINATIONS) {
            throw new IllegalArgumentException("more than " + MAX_DESTINATIONS + " destinations");
        }
        wanted.set(Set.copyOf(destinations));
        wake.signal();
    }

    /** Follows until {@link #stop}. */
    public void run() {
        while (!stopped) {
            long due = following.nanosUntilDue(System.nanoTime());
            int answer = epoll.await((int) ((Math.min(due, MOST_NANOS) + 999_999) / 1_000_000));
            if (answer != -Errno.EINTR) Libc.require(answer, "epoll_wait", "");
            wake.drain();
            long now = System.nanoTime();
            if (events.drain(change -> following.take(change, now))) following.missed(now);
            Set<IpAddress> destinations = wanted.getAndSet(null);
            if (destinations != null) following.want(destinations);
            if (following.work(now)) following.spent(now, System.nanoTime() - now);
            counts = following.counts();
        }
    }

    /** Makes {@link #run} return soon. */
    public void stop() {
        stopped = true;
        wake.signal();
    }

    /** As of the last turn of the loop. */
    public FollowerCounts counts() {
        return counts;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) opened.pop().run();
    }

    private record Questions(RouteSocket socket) implements Following.Kernel {
        @Override
        public NetlinkReply<Route> route(IpAddress destination) {
            return socket.route(NeighbourKey.numeric(destination));
        }

        @Override
        public NetlinkReply<Neighbour> neighbour(NeighbourKey key) {
            return socket.neighbour(key.ifindex(), NeighbourKey.numeric(key.address()));
        }

        @Override
        public Optional<NetlinkError> resolve(NeighbourKey key) {
            return socket.resolve(key.ifindex(), NeighbourKey.numeric(key.address()));
        }

        @Override
        public NetlinkReply<List<Link>> links() {
            return socket.links();
        }

        @Override
        public NetlinkReply<List<Address>> addresses() {
            return socket.addresses();
        }
    }
}
