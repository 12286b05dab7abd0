package io.evenkeel.health;

import io.evenkeel.model.Check;
import io.evenkeel.model.Verdict;
import java.time.Duration;
import java.util.Collection;

/**
 * keepalived's retry and delay semantics with rise and fall, as a pure function of state, outcome and time. Any thread.
 *
 * <p>A failure while up uses up retries, spaced by delay_before_retry; when they are spent the round has failed, and
 * after {@code fall} failed rounds in a row the check is down. Any pass while up ends the failing round and the count. A
 * pass while down counts towards {@code rise}; a failure while down starts that count again and has no retry burst.
 * Before the first verdict one failed attempt decides (keepalived: retries are pre-consumed), and so does one pass,
 * except under {@code alpha}, where the check is already down and has to rise. A worthless probe changes nothing and is
 * repeated after delay_loop.
 *
 * <p>delay_loop runs from the start of one probe to the start of the next (keepalived: so only for MISC_CHECK, else from
 * the end), hence a silent death is seen at most {@code fall × delay_loop + timeout} after the last good probe when
 * {@code retry} is 0 and {@code timeout ≤ delay_loop}. delay_before_retry runs from the failure, as in keepalived.
 */
public final class CheckRule {
    private CheckRule() {}

    /**
     * @param up whether the realserver may be used as far as this check goes; at start {@code !alpha}
     * @param decided a first verdict was reached
     * @param proven the last pass was an answer of the service itself
     * @param retriesUsed within the present failing round
     * @param passes in a row, while down
     * @param failedRounds in a row, while up
     */
    public record State(boolean up, boolean decided, boolean proven, int retriesUsed, int passes, int failedRounds) {

        /** {@code UNKNOWN} until decided, and while up without proof; else {@code UP} or {@code FAILED}. */
        public Verdict verdict() {
            if (!decided) return Verdict.UNKNOWN;
            if (!up) return Verdict.FAILED;
            return proven ? Verdict.UP : Verdict.UNKNOWN;
        }
    }

    /**
     * @param nextProbeInNanos from the evaluation to the start of the next probe, ≥ 0
     * @param changed {@code up} or the verdict differs from before
     */
    public record Step(State state, long nextProbeInNanos, boolean changed) {}

    public static State start(Check.Timing timing) {
        return new State(!timing.alpha(), false, false, 0, 0, 0);
    }

    /**
     * From start to the first probe: a random part of {@code warmup}.
     *
     * @param unit random, 0 ≤ unit < 1
     */
    public static long firstProbeInNanos(Check.Timing timing, double unit) {
        return (long) (nanos(timing.warmup()) * unit);
    }

    /**
     * The state after {@code outcome}.
     *
     * @param probeTookNanos from the start of the probe to now, ≥ 0
     */
    public static Step step(State state, ProbeOutcome outcome, Check.Timing timing, long probeTookNanos) {
        State next = switch (outcome) {
            case ProbeOutcome.Passed _ -> passed(state, timing, true);
            case ProbeOutcome.Unproven _ -> passed(state, timing, false);
            case ProbeOutcome.Failed _ -> failed(state, timing);
            case ProbeOutcome.Worthless _ -> state;
        };
        boolean retrying = outcome instanceof ProbeOutcome.Failed && next.retriesUsed > 0;
        long delay = retrying
                ? nanos(timing.delayBeforeRetry())
                : Math.max(0, nanos(timing.delayLoop()) - Math.max(0, probeTookNanos));
        boolean changed = next.up != state.up || next.verdict() != state.verdict();
        return new Step(next, delay, changed);
    }

    /**
     * What the checks of one realserver say together: failed if one is down; unknown until all have decided, and while
     * none has proof; else up. A realserver without checks is always up.
     */
    public static Verdict verdict(Collection<State> checks) {
        boolean undecided = false;
        boolean proven = checks.isEmpty();
        for (State check : checks) {
            if (check.verdict() == Verdict.FAILED) return Verdict.FAILED;
            undecided |= !check.decided;
            proven |= check.proven;
        }
        return undecided || !proven ? Verdict.UNKNOWN : Verdict.UP;
    }

    private static State passed(State state, Check.Timing timing, boolean proven) {
        if (state.up) return new State(true, true, proven, 0, 0, 0);
        int passes = state.passes + 1;
        if (passes >= timing.rise()) return new State(true, true, proven, 0, 0, 0);
        return new State(false, state.decided, false, 0, passes, 0);
    }

    private static State failed(State state, Check.Timing timing) {
        if (!state.up || !state.decided) return down();
        if (state.retriesUsed < timing.retry()) {
            return new State(true, true, state.proven, state.retriesUsed + 1, 0, state.failedRounds);
        }
        int rounds = state.failedRounds + 1;
        return rounds >= timing.fall() ? down() : new State(true, true, state.proven, 0, 0, rounds);
    }

    private static State down() {
        return new State(false, true, false, 0, 0, 0);
    }

    /** Saturating: a delay of centuries means never, not an overflow. */
    private static long nanos(Duration duration) {
        try {
            return Math.max(0, duration.toNanos());
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE / 2;
        }
    }
}
