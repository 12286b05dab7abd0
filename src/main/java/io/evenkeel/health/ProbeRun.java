package io.evenkeel.health;

import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Readiness;
import java.time.Duration;

/**
 * One run of one probe: its clock, its waits, and the judgement of silence. Belongs to the probe's virtual thread.
 *
 * <p>There is one timeout for the whole probe. It starts when the first thing has left ({@link #startClock}), so that
 * no delay of ours before that is charged to the realserver.
 */
final class ProbeRun {
    private static final int LOOKS_PAST_DEADLINE = 16;

    private final Readiness readiness;
    private final Readiness.Waiter waiter;
    private final ChildSpawner spawner;
    private long startNanos;
    private long timeoutNanos;
    private long stallMark;
    private long stalledUntilTimeout;
    private boolean started;
    private int looksPastDeadline;
    private int lastWait = Readiness.EXPIRED;

    ProbeRun(Readiness readiness, ChildSpawner spawner) {
        this.readiness = readiness;
        this.spawner = spawner;
        waiter = readiness.newWaiter();
        startNanos = System.nanoTime();
    }

    /** Starts the one timeout; later calls change nothing. */
    void startClock(Duration timeout) {
        if (started) return;
        started = true;
        startNanos = System.nanoTime();
        timeoutNanos = timeout.toNanos();
        stallMark = stalledNanos();
    }

    /**
     * Waits for the descriptor until the timeout; if the answer is false, {@link #overdue} says what that means. What is
     * there when we look is taken even after the timeout, since only we may be late; but not for ever.
     */
    boolean ready(int fd, int interest) {
        if (System.nanoTime() - startNanos > timeoutNanos && ++looksPastDeadline > LOOKS_PAST_DEADLINE) {
            lastWait = Readiness.EXPIRED;
        } else {
            lastWait = waiter.await(fd, interest, startNanos + timeoutNanos);
        }
        if (lastWait > 0) return true;
        stalledUntilTimeout = stalledNanos() - stallMark;
        return false;
    }

    /** Waits regardless of timeout and of {@link Probes#close}: for cleaning up. True if it became ready in time. */
    boolean readyWithin(int fd, int interest, Duration patience) {
        return waiter.awaitUncancellable(fd, interest, System.nanoTime() + patience.toNanos()) > 0;
    }

    /**
     * What it means that {@link #ready} was false.
     *
     * @param what has not happened, e.g. {@code no answer}
     */
    ProbeOutcome overdue(String what) {
        return overdue(what, "");
    }

    /** @param then ends the evidence, e.g. {@code ; ended by SIGTERM} */
    ProbeOutcome overdue(String what, String then) {
        if (lastWait == Readiness.CANCELLED) return Probes.STOPPING;
        if (lastWait < 0) return new ProbeOutcome.Worthless("cannot wait for an answer: " + Errno.text(-lastWait));
        if (StallRule.ours(stalledUntilTimeout, timeoutNanos)) {
            return new ProbeOutcome.Worthless("%s in %s, but we ourselves stood still for %s%s"
                    .formatted(what, Evidence.duration(timeoutNanos), Evidence.duration(stalledUntilTimeout), then));
        }
        return new ProbeOutcome.Failed(what + " in " + Evidence.duration(timeoutNanos) + then);
    }

    /** False if the last wait ended for a reason other than the timeout. */
    boolean timedOut() {
        return lastWait == Readiness.EXPIRED;
    }

    /** Since {@link #startClock}, for evidence. */
    String took() {
        return Evidence.duration(System.nanoTime() - startNanos);
    }

    ChildSpawner spawner() {
        return spawner;
    }

    private long stalledNanos() {
        return readiness.stalledNanos() + waiter.resumedLateNanos();
    }
}
