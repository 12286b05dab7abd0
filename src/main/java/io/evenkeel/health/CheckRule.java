package io.evenkeel.health;

import io.evenkeel.model.Check;

/**
 * keepalived's retry and delay semantics with rise and fall, as a pure function of state, outcome and time.
 *
 * <p>A failure while up uses up retries, spaced by delayBeforeRetry; when they are spent the round has failed, and after
 * {@code fall} failed rounds the check is down. A pass while down counts towards {@code rise}. A failure while down has
 * no retry burst. Before the first decision one failed attempt decides (keepalived: retries are pre-consumed). A
 * worthless probe changes nothing and is repeated after delayLoop.
 */
public final class CheckRule {
    private CheckRule() {}

    /**
     * @param up what this check says now; at start {@code !alpha}
     * @param decided a first round has completed
     * @param retriesUsed within the present failing round
     * @param passes in a row, while down
     * @param failedRounds in a row, while up
     */
    public record State(boolean up, boolean decided, int retriesUsed, int passes, int failedRounds) {}

    /**
     * @param nextProbeInNanos from {@code now} to the next probe
     * @param changed {@code up} differs from before, or the first decision was made
     */
    public record Step(State state, long nextProbeInNanos, boolean changed) {}

    public static State start(Check.Timing timing) {
        return new State(!timing.alpha(), false, 0, 0, 0);
    }

    public static Step step(State state, ProbeOutcome outcome, Check.Timing timing) {
        throw new UnsupportedOperationException("health room: to be built");
    }
}
