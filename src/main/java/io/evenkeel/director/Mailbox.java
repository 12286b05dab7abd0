package io.evenkeel.director;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the director. Any thread may post; ek-director takes. Acknowledgements are always accepted: there is
 * one for each commit, flip or stop that was begun, so they are bounded by what the director itself did.
 */
final class Mailbox {
    /** Events that may wait, acknowledgements apart. More are dropped and counted. */
    static final int CAPACITY = 16_384;

    private record Mail(Event event, boolean counted) {}

    private final BlockingQueue<Mail> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    /** False when it is full: then the event is dropped. */
    boolean offer(Event event) {
        if (waiting.incrementAndGet() > CAPACITY) {
            waiting.decrementAndGet();
            dropped.increment();
            return false;
        }
        queue.add(new Mail(event, true));
        return true;
    }

    void acknowledge(Event event) {
        queue.add(new Mail(event, false));
    }

    /** The next event, or null when none came in time. */
    @Nullable
    Event take(long nanos) throws InterruptedException {
        return opened(nanos > 0 ? queue.poll(nanos, TimeUnit.NANOSECONDS) : queue.poll());
    }

    private @Nullable Event opened(@Nullable Mail mail) {
        if (mail == null) return null;
        if (mail.counted) waiting.decrementAndGet();
        return mail.event;
    }

    /** Events dropped because it was full. */
    long dropped() {
        return dropped.sum();
    }
}
