package io.evenkeel.linux;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Waiting for descriptors without blocking the waiter in native code: one platform thread sits in epoll_wait(2), and
 * virtual threads park until it finds their descriptor ready or their deadline past.
 *
 * <p>It never confuses its own lateness with the world's. A wait expires only after a look at the descriptor that began
 * after the deadline, and {@link #stalledNanos} counts by how much the thread was woken later than it had asked for
 * (garbage collection, SIGSTOP, a busy machine). While somebody waits it wakes at least every 20 ms for that purpose.
 *
 * <p>Every method may be called from any thread; a {@link Waiter} belongs to one thread at a time.
 */
public final class Readiness implements AutoCloseable {

    /** The deadline passed and the descriptor was still not ready. */
    public static final int EXPIRED = 0;

    /** {@link #cancelWaits} or {@link #close} ended the wait. */
    public static final int CANCELLED = Integer.MIN_VALUE;

    /** Lateness up to this is what a busy machine does to every thread, not a stall. */
    public static final long GRAIN_NANOS = 50_000_000;

    private static final long TICK_NANOS = 20_000_000;
    private static final int EVENTS_PER_WAIT = 256;
    private static final long WAKE_TOKEN = -1;

    private final Arena arena = Arena.ofShared();
    private final Epoll epoll;
    private final EventFd wake;
    private final Thread loop;
    private final Queue<Waiter> arrivals = new ConcurrentLinkedQueue<>();
    private final Object wakeGuard = new Object();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean cancelling;
    private volatile boolean running = true;
    private final AtomicLong stalled = new AtomicLong();

    // The loop's own.
    private final Map<Long, Waiter> waiting = new HashMap<>();
    private final PriorityQueue<Waiter> byDeadline = new PriorityQueue<>(Waiter::earlier);
    private long lastToken;

    /**
     * Starts the loop.
     *
     * @param threadName of the platform thread
     * @throws SyscallException if the kernel gives no epoll instance or eventfd
     */
    public Readiness(String threadName) {
        epoll = new Epoll(arena, EVENTS_PER_WAIT);
        wake = new EventFd();
        Libc.require(epoll.add(wake.fd(), Epoll.IN, WAKE_TOKEN), "epoll_ctl", "eventfd");
        loop = Thread.ofPlatform().daemon().name(threadName).start(this::run);
    }

    /** The sum of what the loop was late by more than the grain while somebody waited; only grows. */
    public long stalledNanos() {
        return stalled.get();
    }

    /** One who waits. */
    public Waiter newWaiter() {
        return new Waiter();
    }

    /** Ends all waits but the uncancellable ones, also those still to come. */
    public void cancelWaits() {
        cancelling = true;
        wakeLoop();
    }

    /** Ends every wait and the loop. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) return;
        cancelling = true;
        synchronized (wakeGuard) {
            running = false;
            wake.signal();
        }
        boolean interrupted = false;
        while (loop.isAlive()) {
            try {
                loop.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        wake.close();
        epoll.close();
        arena.close();
    }

    /** Waits of one thread, one after the other. */
    public final class Waiter {
        private int fd;
        private int interest;
        private long deadline;
        private boolean cancellable;
        private long token;
        private Thread thread = Thread.currentThread();
        private long completedNanos;
        private long resumedLate;
        private volatile boolean done;
        private int result;

        private Waiter() {}

        /**
         * Parks until the descriptor is ready.
         *
         * @param fd a descriptor that epoll can watch, or −1 to wait for the deadline only
         * @param interest {@link Epoll#IN}, {@link Epoll#OUT}
         * @param deadlineNanos of {@link System#nanoTime}
         * @return what happened as {@link Epoll} events, {@link #EXPIRED}, {@link #CANCELLED}, or {@code -errno} if the
         *     descriptor cannot be watched
         */
        public int await(int fd, int interest, long deadlineNanos) {
            return await(fd, interest, deadlineNanos, true);
        }

        /** As {@link #await}, but only {@link Readiness#close} ends it early: for reaping what must not be left. */
        public int awaitUncancellable(int fd, int interest, long deadlineNanos) {
            return await(fd, interest, deadlineNanos, false);
        }

        private int await(int fd, int interest, long deadlineNanos, boolean cancellable) {
            this.fd = fd;
            this.interest = interest;
            this.deadline = deadlineNanos;
            this.cancellable = cancellable;
            thread = Thread.currentThread();
            done = false;
            arrivals.add(this);
            wakeLoop();
            boolean interrupted = false;
            while (!done) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted(); // kept for the caller; a wait ends by cancelWaits
            }
            if (interrupted) Thread.currentThread().interrupt();
            long late = System.nanoTime() - completedNanos;
            if (late > GRAIN_NANOS) resumedLate += late;
            return result;
        }

        /** The sum of what this thread resumed late by more than the grain: our own delay, not the peer's. */
        public long resumedLateNanos() {
            return resumedLate;
        }

        private int earlier(Waiter other) {
            return Long.signum(deadline - other.deadline);
        }

        private void complete(int how) {
            result = how;
            completedNanos = System.nanoTime();
            Thread parked = thread; // read before done: afterwards the waiter may already wait anew
            done = true;
            LockSupport.unpark(parked);
        }
    }

    private void wakeLoop() {
        synchronized (wakeGuard) {
            if (running) wake.signal(); // never after close: the descriptor may be somebody else's by then
        }
        if (!running) drainArrivals(); // the loop may have looked for the last time
    }

    private void drainArrivals() {
        for (Waiter waiter = arrivals.poll(); waiter != null; waiter = arrivals.poll()) waiter.complete(CANCELLED);
    }

    private void run() {
        try {
            long before = System.nanoTime();
            while (running) before = turn(before);
        } finally {
            running = false;
            waiting.values().forEach(waiter -> waiter.complete(CANCELLED));
            waiting.clear();
            drainArrivals();
        }
    }

    /** One wait and what follows from it. Answers when its processing ended. */
    private long turn(long previousEnd) {
        admit();
        if (cancelling) cancelAll();
        long before = System.nanoTime();
        boolean watched = !waiting.isEmpty();
        if (watched) countStall(before - previousEnd);
        long sleep = watched ? sleepNanos(before) : -1;
        int count = epoll.await(watched ? (int) ((sleep + 999_999) / 1_000_000) : -1);
        long after = System.nanoTime();
        if (watched) countStall(after - before - sleep - 1_000_000);
        if (count < 0) {
            if (count == -Errno.EINTR) return after;
            throw new SyscallException("epoll_wait", -count, loop.getName());
        }
        for (int i = 0; i < count; i++) deliver(epoll.token(i), epoll.events(i));
        if (count < EVENTS_PER_WAIT) expire(before); // this wait looked at everything after that moment
        return after;
    }

    private void countStall(long late) {
        if (late > GRAIN_NANOS) stalled.addAndGet(late);
    }

    private long sleepNanos(long now) {
        Waiter first = byDeadline.peek();
        if (first == null) return TICK_NANOS;
        return Math.clamp(first.deadline - now, 0, TICK_NANOS);
    }

    private void admit() {
        for (Waiter waiter = arrivals.poll(); waiter != null; waiter = arrivals.poll()) {
            waiter.token = ++lastToken;
            int armed = waiter.fd < 0 ? 0 : arm(waiter);
            if (armed < 0) {
                waiter.complete(armed);
                continue;
            }
            waiting.put(waiter.token, waiter);
            byDeadline.add(waiter);
        }
    }

    private int arm(Waiter waiter) {
        int interest = waiter.interest | Epoll.ONESHOT;
        int added = epoll.add(waiter.fd, interest, waiter.token);
        return added == -Errno.EEXIST ? epoll.modify(waiter.fd, interest, waiter.token) : added;
    }

    private void deliver(long token, int events) {
        if (token == WAKE_TOKEN) {
            wake.drain();
            return;
        }
        Waiter waiter = waiting.remove(token);
        if (waiter == null) return; // it expired before; its descriptor was armed still
        byDeadline.remove(waiter);
        waiter.complete(events);
    }

    private void expire(long lookedAfter) {
        for (Waiter first = byDeadline.peek(); first != null; first = byDeadline.peek()) {
            if (first.deadline - lookedAfter > 0) return;
            byDeadline.remove();
            waiting.remove(first.token);
            first.complete(EXPIRED);
        }
    }

    private void cancelAll() {
        for (Waiter waiter : byDeadline.toArray(new Waiter[0])) {
            if (!waiter.cancellable) continue;
            byDeadline.remove(waiter);
            waiting.remove(waiter.token);
            waiter.complete(CANCELLED);
        }
    }
}
