package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.EventFd;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One worker: one thread {@code ek-plane-N}, one epoll, and everything that only this thread writes: flows, back ports,
 * counters, batches. Between two batches it performs what the director's thread has posted, publishes counters, and now
 * and then does what time demands.
 *
 * <p>{@link #post} may be called from any thread; everything else belongs to the worker's own, except that the
 * constructor runs on the director's.
 */
final class Reactor implements Runnable, StreamLoop {
    /** How often ticks come while there is anything that time can change. */
    static final long TICK_NANOS = 100_000_000L;

    static final long NOT_WATCHED = Long.MIN_VALUE;

    private static final int EVENTS = 64;
    private static final int TICK_MILLIS = (int) (TICK_NANOS / 1_000_000);
    private static final long WAKE = -1;
    private static final int NEVER = -1;
    private static final int LINKING_CALLS = 160; // more than the 127 uses after which a handle is specialised

    private final int index;
    private final Consumer<PlaneEvent> events;
    private final Arena arena = Arena.ofShared(); // built by one thread, used and closed by another
    private final Epoll epoll;
    private final EventFd wake;
    private final CounterPublisher paths = new CounterPublisher();
    private final ReceiveBatch receiveBatch;
    private final UnreachableEvidence evidence;
    private final SendGather gather;
    private final DatagramQueue queue;
    private final ReplyPorts ports;
    private final Flows flows;
    private final TransparentSockets transparentSockets = new TransparentSockets(this);
    private final MemorySegment headers = arena.allocate((long) ReceiveBatch.MESSAGES * ProxyHeader.V6_BYTES);
    private final StreamPool streams;
    private final @Nullable LiveService[] services = new LiveService[ForwardingTable.MAX_SERVICES];
    private final List<ServiceFront> fronts = new ArrayList<>();
    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Throwable died;

    private @Nullable Watcher[] watchers = new Watcher[64];
    private int[] watchGeneration = new int[64];
    private int[] freeWatches = new int[64];
    private int freeWatchCount;
    private int watchCount;

    private long nowNanos = System.nanoTime();
    private long tickNanos = nowNanos;
    private Command.@Nullable StopTaking stopping;
    private boolean ended;

    /** @param mostSegments see {@link SendGather} */
    Reactor(
            int index,
            ReplyPorts.Limit limit,
            StreamPool.Room streamRoom,
            Consumer<PlaneEvent> events,
            int mostSegments) {
        this.index = index;
        this.events = events;
        epoll = new Epoll(arena, EVENTS);
        wake = new EventFd();
        Libc.require(epoll.add(wake.fd(), Epoll.IN, WAKE), "epoll_ctl", "eventfd");
        linkRareCalls();
        receiveBatch = new ReceiveBatch(arena, paths);
        evidence = new UnreachableEvidence(arena, paths, events);
        gather = new SendGather(arena, paths, evidence, mostSegments);
        queue = new DatagramQueue(gather);
        ports = new ReplyPorts(this, limit, paths);
        flows = new Flows(ports);
        streams = new StreamPool(arena, streamRoom);
    }

    /**
     * Linking a call takes milliseconds and memory, and at its 128th use the JVM specialises it, which takes 64 KiB more:
     * better now than in the middle of traffic.
     */
    private void linkRareCalls() {
        for (int i = 0; i < LINKING_CALLS; i++) {
            long notASocket = Sockets.drops(wake.fd());
            int notReady = Sockets.poll(wake.fd(), Sockets.POLLIN, 0);
            assert notASocket == -1 && notReady == 0;
        }
    }

    int index() {
        return index;
    }

    CounterPublisher paths() {
        return paths;
    }

    ReceiveBatch receiveBatch() {
        return receiveBatch;
    }

    UnreachableEvidence evidence() {
        return evidence;
    }

    SendGather gather() {
        return gather;
    }

    DatagramQueue queue() {
        return queue;
    }

    ReplyPorts ports() {
        return ports;
    }

    Flows flows() {
        return flows;
    }

    TransparentSockets transparentSockets() {
        return transparentSockets;
    }

    /** Room for a PROXY header before each message of a batch. */
    MemorySegment headers() {
        return headers;
    }

    StreamPool streams() {
        return streams;
    }

    /** Tells the director. */
    void report(PlaneEvent event) {
        events.accept(event);
    }

    /** The clock as last read: at the latest when the batch in hand began. */
    @Override
    public long nowNanos() {
        return nowNanos;
    }

    void readClock() {
        nowNanos = System.nanoTime();
    }

    /** Gives the worker something to do between two batches. Any thread. */
    void post(Command command) {
        commands.add(command);
        wake.signal();
        Throwable cause = died;
        if (cause != null) failCommands(cause);
    }

    /**
     * Has {@code watcher} called when something happens on {@code fd}.
     *
     * @return what {@link #unwatch} wants
     */
    @Override
    public long watch(int fd, int interest, Watcher watcher) {
        int slot = freeWatchCount > 0 ? freeWatches[--freeWatchCount] : newWatch();
        watchers[slot] = watcher;
        long token = (long) watchGeneration[slot] << 32 | slot;
        Libc.require(epoll.add(fd, interest, token), "epoll_ctl", "descriptor " + fd);
        return token;
    }

    private int newWatch() {
        if (watchCount == watchers.length) {
            watchers = Arrays.copyOf(watchers, watchCount * 2);
            watchGeneration = Arrays.copyOf(watchGeneration, watchCount * 2);
            freeWatches = Arrays.copyOf(freeWatches, watchCount * 2);
        }
        return watchCount++;
    }

    /** Changes what a watch is for. */
    @Override
    public void rewatch(int fd, int interest, long token) {
        Libc.require(epoll.modify(fd, interest, token), "epoll_ctl", "descriptor " + fd);
    }

    /** Ends a watch: an event that has been fetched already is not delivered any more. */
    @Override
    public void unwatch(int fd, long token) {
        int slot = (int) token;
        watchers[slot] = null;
        watchGeneration[slot] = watchGeneration[slot] + 1 & Integer.MAX_VALUE; // never WAKE's sign
        freeWatches[freeWatchCount++] = slot;
        Libc.require(epoll.remove(fd), "epoll_ctl", "descriptor " + fd);
    }

    @Override
    public void run() {
        try {
            while (!ended) turn();
        } catch (Throwable bug) {
            died = bug;
            events.accept(new PlaneEvent.WorkerFailed(index, bug));
        } finally {
            close();
            if (died == null) died = new IllegalStateException("the socket plane is closed");
            failCommands(died);
        }
    }

    private void turn() {
        int ready = epoll.await(timeoutMillis());
        if (ready < 0 && ready != -Errno.EINTR) Libc.require(ready, "epoll_wait", "");
        readClock();
        for (int i = 0; i < ready; i++) {
            deliver(epoll.token(i), epoll.events(i));
            paths.publish();
            if (!commands.isEmpty()) performCommands();
        }
        if (nowNanos - tickNanos >= TICK_NANOS || stopping != null) tick();
        paths.publish();
    }

    private void deliver(long token, int happened) {
        if (token == WAKE) {
            wake.drain();
            return;
        }
        int slot = (int) token;
        Watcher watcher = watchers[slot];
        if (watcher != null && watchGeneration[slot] == (int) (token >>> 32)) watcher.ready(happened);
    }

    private int timeoutMillis() {
        if (stopping != null) return 10;
        return fronts.isEmpty() && !ports.any() ? NEVER : TICK_MILLIS;
    }

    private void tick() {
        tickNanos = nowNanos;
        flows.tick(nowNanos);
        ports.tick(nowNanos);
        for (int i = 0; i < fronts.size(); i++) fronts.get(i).tick(nowNanos);
        if (stopping != null && (nowNanos - stopping.deadlineNanos() >= 0 || !workUnderWay())) {
            Acknowledgement done = stopping.done();
            stopping = null;
            paths.publish();
            done.arrive();
        }
    }

    private boolean workUnderWay() {
        for (int i = 0; i < fronts.size(); i++) if (fronts.get(i).busy()) return true;
        return ports.expectReplies();
    }

    private void performCommands() {
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            switch (command) {
                case Command.Install install -> install(install);
                case Command.Flip flip -> flip(flip.flip());
                case Command.StopTaking stop -> stopTaking(stop);
                case Command.Explain explain -> explain(explain);
                case Command.End end -> ended = true;
            }
            paths.publish();
            if (!(command instanceof Command.StopTaking)) command.done().arrive();
        }
    }

    private void install(Command.Install install) {
        for (LiveService removed : install.removed()) {
            ServiceFront front = removed.fronts[index];
            front.retire();
            fronts.remove(front);
            if (services[removed.slot] == removed) services[removed.slot] = null;
        }
        for (PreparedService prepared : install.services()) {
            LiveService live = prepared.live();
            services[live.slot] = live;
            live.lanes[index].install(prepared.compiled(), prepared.mtus());
            live.fronts[index].adopt(prepared);
            if (!prepared.fresh()) continue;
            live.fronts[index].start();
            fronts.add(live.fronts[index]);
        }
    }

    private void flip(ServerFlip flip) {
        LiveService service = services[flip.serviceSlot()];
        if (service == null) return;
        service.lanes[index].flip(flip.serverSlot(), flip.usability(), flip.generation());
        service.fronts[index].flipped(nowNanos);
    }

    /** Whatever goes wrong here, traffic goes on: only who has asked hears of it. */
    private void explain(Command.Explain asked) {
        readClock();
        try {
            asked.inquiry().ask(index, services);
        } catch (RuntimeException bug) {
            asked.done().fail(bug);
        }
    }

    private void stopTaking(Command.StopTaking stop) {
        for (ServiceFront front : fronts) front.stopTaking();
        if (stopping != null) stopping.done().arrive(); // asked twice: the later deadline holds
        stopping = stop;
    }

    private void failCommands(Throwable cause) {
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            command.done().fail(cause);
        }
        if (stopping != null) stopping.done().fail(cause);
    }

    private void close() {
        for (ServiceFront front : fronts) front.close();
        ports.closeAll();
        transparentSockets.closeAll();
        streams.close();
        epoll.close();
        arena.close();
    }

    /** Closes what {@link #post} uses. After the thread has ended, by the one who started it. */
    void closeWake() {
        wake.close();
    }
}
