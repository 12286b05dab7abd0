package io.evenkeel.health;

import io.evenkeel.linux.Readiness;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Check;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Runs probes. Each {@link #start} ends in exactly one outcome, delivered on the probe's own virtual thread
 * {@code check/<service>/<realserver>}, never on the caller's. Any thread may call any method.
 *
 * <p>The director waits for an outcome before it starts the same check again, so probes in flight are bounded by the
 * checks of the configuration. That is held here: of equal checks under one label at most {@value #MOST_TWINS} run at
 * once (a file may repeat a check, and a reload may meet a probe of the old file); one more is worthless.
 */
public final class Probes implements AutoCloseable {

    static final ProbeOutcome.Worthless STOPPING = new ProbeOutcome.Worthless("ended because the director stops");

    /** Equal checks of one label in flight. */
    static final int MOST_TWINS = 4;

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(6);

    private final Readiness readiness = new Readiness("ek-probe");
    private final ChildSpawner spawner = new ChildSpawner();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Map<InFlight, Integer> inFlight = new HashMap<>(); // guarded by lock
    private int running; // guarded by lock
    private boolean closed; // guarded by lock

    private record InFlight(String label, Check check) {}

    /**
     * Starts one probe of {@code check}.
     *
     * @param label {@code service/realserver}, for thread names and logs
     * @param done receives the outcome; must not block
     */
    public void start(Check check, String label, Consumer<ProbeOutcome> done) {
        InFlight key = new InFlight(label, check);
        boolean admitted;
        String refusal = "";
        lock.lock();
        try {
            int twins = inFlight.getOrDefault(key, 0);
            admitted = !closed && twins < MOST_TWINS;
            if (!admitted && !closed) refusal = twins + " probes of this check are still running";
            if (admitted) {
                inFlight.put(key, twins + 1);
            }
            running++;
        } finally {
            lock.unlock();
        }
        ProbeOutcome refused = refusal.isEmpty() ? STOPPING : new ProbeOutcome.Worthless(refusal);
        Thread.ofVirtual().name("check/" + label).start(() -> {
            try {
                if (admitted) probe(check, done);
                else done.accept(refused);
            } finally {
                ended(key, admitted);
            }
        });
    }

    /** Probes whose outcome has not been delivered yet. */
    public int inFlight() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    private void probe(Check check, Consumer<ProbeOutcome> done) {
        ProbeOutcome outcome;
        try {
            outcome = Probe.of(check).run(new ProbeRun(readiness, spawner));
        } catch (SyscallException ours) {
            outcome = new ProbeOutcome.Worthless(String.valueOf(ours.getMessage()));
        } catch (RuntimeException | Error bug) {
            // The contract holds even now; the thread's handler hears of the bug.
            done.accept(new ProbeOutcome.Worthless("internal error: " + bug));
            throw bug;
        }
        done.accept(outcome);
    }

    private void ended(InFlight key, boolean admitted) {
        lock.lock();
        try {
            running--;
            if (admitted) inFlight.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
            if (running == 0) idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends every probe and every child process. Outcomes not yet delivered are delivered as worthless before this
     * returns. Not to be called from a {@code done}.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            readiness.cancelWaits();
            long left = CLOSE_PATIENCE.toNanos();
            while (running > 0 && left > 0) left = idle.awaitNanos(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        readiness.close();
        spawner.close();
    }
}
