package io.evenkeel.director;

import io.evenkeel.health.CheckRule;
import io.evenkeel.model.Check;
import java.util.OptionalInt;

/**
 * One check of one realserver, as it stands.
 *
 * @param run how many probes were started
 * @param running a probe is under way
 * @param startedNanos when the last probe was started
 * @param again a probe under way does not count as an answer to a suspicion: probe once more right after it
 * @param forwardedAtPass datagrams forwarded to the realserver when its last passing probe began
 * @param weight what a dynamic check asked for last
 * @param evidence of the last outcome
 * @param evidenceNanos when it was seen
 */
record CheckState(
        long id,
        Check check,
        CheckRule.State rule,
        int run,
        boolean running,
        long startedNanos,
        boolean again,
        long forwardedAtPass,
        OptionalInt weight,
        String evidence,
        long evidenceNanos) {

    static final String NOT_PROBED = "not probed yet";

    /**
     * A check that has not run.
     *
     * @param up what holds until it has decided
     * @param forwarded datagrams forwarded to the realserver so far
     */
    static CheckState fresh(long id, Check check, boolean up, long forwarded, long nowNanos) {
        CheckRule.State start = new CheckRule.State(up, false, false, 0, 0, 0);
        return new CheckState(
                id, check, start, 0, false, nowNanos, false, forwarded, OptionalInt.empty(), NOT_PROBED, nowNanos);
    }

    /** What holds is what another process had decided, but this one has no proof of it. */
    CheckState inherited(String seen) {
        CheckRule.State decided = new CheckRule.State(rule.up(), true, false, 0, 0, 0);
        return new CheckState(
                id, check, decided, run, running, startedNanos, again, forwardedAtPass, weight, seen, evidenceNanos);
    }

    CheckState started(long nowNanos) {
        return new CheckState(
                id, check, rule, run + 1, true, nowNanos, false, forwardedAtPass, weight, evidence, evidenceNanos);
    }

    CheckState probeAgain() {
        return new CheckState(
                id, check, rule, run, running, startedNanos, true, forwardedAtPass, weight, evidence, evidenceNanos);
    }

    CheckState ended(CheckRule.State next, long forwarded, OptionalInt asked, String seen, long nowNanos) {
        return new CheckState(id, check, next, run, false, startedNanos, false, forwarded, asked, seen, nowNanos);
    }

    /** In the middle of a round that may end in failure. */
    boolean failing() {
        return rule.up() && (rule.retriesUsed() > 0 || rule.failedRounds() > 0);
    }
}
