package io.evenkeel.director;

import io.evenkeel.dataplane.Usability;
import io.evenkeel.health.CheckRule;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * One realserver as it stands: verdict × operator × weight, and its place in the plane. A sorry server is one too; when
 * it is also one of the realservers there is one state for both.
 *
 * @param realserver it is listed as realserver
 * @param sorry it is the sorry server
 * @param repeats how often it was suspected lately
 * @param shownNanos when the shown state began
 */
record ServerState(
        RealServer config,
        boolean realserver,
        boolean sorry,
        Place place,
        Health health,
        Wish wish,
        Vain vain,
        Repeats repeats,
        long shownNanos) {

    /**
     * In the plane.
     *
     * @param generation bumped when it fails, is removed, or its drain time is over; never goes down
     */
    record Place(int slot, int generation, Usability usability) {
        Place bumped() {
            return new Place(slot, generation + 1, usability);
        }

        Place usable(Usability now) {
            return new Place(slot, generation, now);
        }
    }

    /**
     * What is known of it.
     *
     * @param suspect a passive sign that no probe has judged yet
     * @param suspectNanos when that began
     * @param failedNanos when it last failed
     * @param evidence the last one behind the verdict
     */
    record Health(
            List<CheckState> checks,
            boolean suspect,
            long suspectNanos,
            long failedNanos,
            String evidence,
            long evidenceNanos) {
        Health {
            checks = List.copyOf(checks);
        }
    }

    /** @param expired {@code drain_timeout} is over, so flows are moved */
    record Wish(OperatorIntent intent, long sinceNanos, boolean expired) {}

    /**
     * What was sent to it after its last passing probe, although it was dead.
     *
     * @param pending it has failed and the plane has not acknowledged yet
     * @param baseline forwarded when the last passing probe began
     * @param total over all its failures
     */
    record Vain(boolean pending, long baseline, long total) {}

    Endpoint endpoint() {
        return config.endpoint();
    }

    /** As far as its checks go, it may be used. */
    boolean alive() {
        for (CheckState check : health.checks) if (!check.rule().up()) return false;
        return true;
    }

    boolean draining() {
        return wish.intent == OperatorIntent.DRAINING;
    }

    Verdict verdict() {
        List<CheckRule.State> rules = new ArrayList<>(health.checks.size());
        for (CheckState check : health.checks) rules.add(check.rule());
        Verdict verdict = CheckRule.verdict(rules);
        return health.suspect && verdict != Verdict.FAILED ? Verdict.SUSPECT : verdict;
    }

    /** Configured weight and what dynamic checks add to it or take away, 0..2^31−1 (keepalived). */
    int effectiveWeight() {
        long weight = config.weight();
        for (CheckState check : health.checks) {
            if (check.weight().isPresent()) weight += check.weight().getAsInt() - (long) config.weight();
        }
        return Math.clamp(weight, 0, Integer.MAX_VALUE);
    }

    /** The weight shown: a sorry server has 1 while it serves. */
    int shownWeight() {
        if (realserver) return effectiveWeight();
        return place.usability == Usability.OPEN ? 1 : 0;
    }

    RealServerState shown() {
        return RealServerState.of(verdict(), wish.intent, shownWeight());
    }

    /**
     * What the plane may send to it: the one law that every table obeys.
     *
     * @param sorryServes quorum is lost and there is a sorry server
     */
    Usability usability(boolean sorryServes) {
        if (sorry && sorryServes) return Usability.OPEN;
        if (!realserver || !alive()) return Usability.SHUT;
        if (draining()) return wish.expired ? Usability.SHUT : Usability.HOLDING;
        if (sorryServes) return Usability.SHUT;
        if (effectiveWeight() == 0) return Usability.HOLDING;
        return health.suspect ? Usability.SUSPECT : Usability.OPEN;
    }

    ServerState with(Place next) {
        return new ServerState(config, realserver, sorry, next, health, wish, vain, repeats, shownNanos);
    }

    ServerState with(Wish next) {
        return new ServerState(config, realserver, sorry, place, health, next, vain, repeats, shownNanos);
    }

    ServerState with(Vain next) {
        return new ServerState(config, realserver, sorry, place, health, wish, next, repeats, shownNanos);
    }

    ServerState with(Repeats next) {
        return new ServerState(config, realserver, sorry, place, health, wish, vain, next, shownNanos);
    }

    ServerState with(Health next) {
        return new ServerState(config, realserver, sorry, place, next, wish, vain, repeats, shownNanos);
    }

    ServerState with(CheckState changed) {
        List<CheckState> checks = new ArrayList<>(health.checks);
        checks.replaceAll(check -> check.id() == changed.id() ? changed : check);
        return with(new Health(
                checks,
                health.suspect,
                health.suspectNanos,
                health.failedNanos,
                health.evidence,
                health.evidenceNanos));
    }

    ServerState seen(String evidence, long nowNanos) {
        return with(
                new Health(health.checks, health.suspect, health.suspectNanos, health.failedNanos, evidence, nowNanos));
    }

    ServerState suspected(boolean suspect, long nowNanos) {
        return with(new Health(
                health.checks, suspect, nowNanos, health.failedNanos, health.evidence, health.evidenceNanos));
    }

    ServerState failedAt(long nowNanos) {
        return with(
                new Health(health.checks, false, health.suspectNanos, nowNanos, health.evidence, health.evidenceNanos));
    }

    ServerState shownSince(long nowNanos) {
        return new ServerState(config, realserver, sorry, place, health, wish, vain, repeats, nowNanos);
    }

    /** Datagrams forwarded to it when it was last known to be alive. */
    long forwardedAtPass() {
        long least = Long.MAX_VALUE;
        for (CheckState check : health.checks) {
            if (!check.rule().up()) least = Math.min(least, check.forwardedAtPass());
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }
}
