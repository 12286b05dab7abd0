package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.model.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One worker's back ports: opened on demand within a limit shared by all workers, kept open, reused oldest first. A port
 * whose flow ended while a reply may still come rests before it serves another. Owned by one worker, except
 * {@link Limit}.
 */
final class ReplyPorts {
    /** How long a freed port rests. */
    static final long REST_NANOS = 5_000_000_000L;

    /** After a port could not be opened, the next attempt waits. */
    private static final long OPEN_AGAIN_NANOS = 1_000_000_000L;

    /** How many ports all workers together may hold, and what they are bound to. Set by the director's thread. */
    static final class Limit {
        private final AtomicInteger open = new AtomicInteger();
        private volatile int most;
        private volatile List<IpAddress> addresses = List.of();

        void set(int itsMost, List<IpAddress> itsAddresses) {
            most = itsMost;
            addresses = List.copyOf(itsAddresses);
        }

        private boolean take() {
            if (open.incrementAndGet() <= most) return true;
            open.decrementAndGet();
            return false;
        }
    }

    /**
     * Back ports that the machine's ports allow; {@link DescriptorBudget} says how many its descriptors do.
     *
     * @param portRange ports in ip_local_port_range
     * @param addresses source addresses, each with a range of its own; 0 counts as one
     */
    static int mostWithin(int portRange, int addresses) {
        return (int) Math.min(Integer.MAX_VALUE, portRange * 9L / 10 * Math.max(1, addresses));
    }

    /** Free ports of one family, oldest first. */
    private static final class Queue {
        private @Nullable ReplyPort first;
        private @Nullable ReplyPort last;
        private int size;

        void add(ReplyPort port) {
            port.nextFree = null;
            if (last == null) first = port;
            else last.nextFree = port;
            last = port;
            size++;
        }

        @Nullable
        ReplyPort poll() {
            ReplyPort port = first;
            if (port == null) return null;
            first = port.nextFree;
            if (first == null) last = null;
            size--;
            return port;
        }
    }

    private final Reactor reactor;
    private final Limit limit;
    private final CounterPublisher paths;
    private final List<ReplyPort> all = new ArrayList<>();
    private final Queue[] idle = {new Queue(), new Queue()};
    private final Queue[] resting = {new Queue(), new Queue()};
    private int nextAddress;
    private boolean openFailed;
    private long openAgainNanos;

    ReplyPorts(Reactor reactor, Limit limit, CounterPublisher paths) {
        this.reactor = reactor;
        this.limit = limit;
        this.paths = paths;
    }

    /** A port that can serve a flow of {@code lane} to realservers of the family, or null when every one is taken. */
    @Nullable
    ReplyPort take(ServiceLane lane, boolean v6, long nowNanos) {
        rested(v6, nowNanos);
        ReplyPort port = idle[family(v6)].poll();
        return port != null ? port : open(lane, v6, nowNanos);
    }

    private void rested(boolean v6, long nowNanos) {
        Queue queue = resting[family(v6)];
        for (ReplyPort port = queue.first; port != null && nowNanos - port.usableNanos >= 0; port = queue.first) {
            queue.poll();
            paths.count(PathCounter.REPLY_PORTS_RESTING, -1);
            idle[family(v6)].add(port);
        }
    }

    private @Nullable ReplyPort open(ServiceLane lane, boolean v6, long nowNanos) {
        if (openFailed && nowNanos - openAgainNanos < 0) return null;
        if (!limit.take()) return null;
        int fd = DatagramSockets.towardsRealservers(v6, address(v6));
        openFailed = fd < 0;
        if (openFailed) {
            openAgainNanos = nowNanos + OPEN_AGAIN_NANOS;
            limit.open.decrementAndGet();
            return null;
        }
        ReplyPort port = new ReplyPort(reactor, fd, v6, lane);
        port.start();
        all.add(port);
        paths.count(PathCounter.REPLY_PORTS_OPEN, 1);
        return port;
    }

    /** The next of the configured source addresses of a family, or null to let the kernel choose. */
    @Nullable
    IpAddress address(boolean v6) {
        List<IpAddress> addresses = limit.addresses;
        for (int i = 0; i < addresses.size(); i++) {
            IpAddress address = addresses.get(Math.floorMod(nextAddress++, addresses.size()));
            if (address.v6() == v6) return address;
        }
        return null;
    }

    /** The port's flow has ended. */
    void giveBack(ReplyPort port, long nowNanos) {
        boolean mayStillCome = port.release();
        if (!mayStillCome) {
            idle[family(port.v6)].add(port);
            return;
        }
        port.usableNanos = nowNanos + REST_NANOS;
        resting[family(port.v6)].add(port);
        paths.count(PathCounter.REPLY_PORTS_RESTING, 1);
    }

    private static int family(boolean v6) {
        return v6 ? 1 : 0;
    }

    /** Some flow waits for a reply. */
    boolean expectReplies() {
        for (int i = 0; i < all.size(); i++) if (all.get(i).expectsReply()) return true;
        return false;
    }

    /** What is due now and then: rested ports, ports beyond a limit that has shrunk, kernel drops. */
    void tick(long nowNanos) {
        rested(false, nowNanos);
        rested(true, nowNanos);
        for (int i = 0; i < all.size(); i++) all.get(i).tick();
        for (Queue queue : idle) {
            while (limit.open.get() > limit.most && queue.size > 0) close(queue.poll());
        }
    }

    private void close(@Nullable ReplyPort port) {
        if (port == null) return;
        port.close();
        all.remove(port);
        limit.open.decrementAndGet();
        paths.count(PathCounter.REPLY_PORTS_OPEN, -1);
    }

    boolean any() {
        return !all.isEmpty();
    }

    void closeAll() {
        for (ReplyPort port : all) {
            port.close();
            limit.open.decrementAndGet();
        }
        all.clear();
    }
}
