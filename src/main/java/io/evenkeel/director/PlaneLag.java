package io.evenkeel.director;

import java.util.ArrayList;
import java.util.List;

/**
 * How long changes of verdicts and wishes take from being handled to the moment when every worker has acknowledged the
 * table that carries them (and so the flip that went before it). Pure; any thread.
 *
 * @param waiting a change is in no table yet
 * @param sinceNanos when the first such change was handled
 * @param underWay tables that are not acknowledged yet, each with its first change; at most {@link
 *     TableRule#MAX_IN_FLIGHT}
 * @param lastNanos of the last table that was acknowledged; 0 before the first
 * @param worstNanos since start
 */
record PlaneLag(boolean waiting, long sinceNanos, List<Carried> underWay, long lastNanos, long worstNanos) {

    static final PlaneLag NONE = new PlaneLag(false, 0, List.of(), 0, 0);

    /** A table, and when the first of the changes in it was handled. */
    record Carried(long version, long sinceNanos) {}

    PlaneLag {
        underWay = List.copyOf(underWay);
    }

    PlaneLag changed(long nowNanos) {
        return waiting ? this : new PlaneLag(true, nowNanos, underWay, lastNanos, worstNanos);
    }

    /** What changed is nothing that a plane sees. */
    PlaneLag unseen() {
        return new PlaneLag(false, 0, underWay, lastNanos, worstNanos);
    }

    PlaneLag carriedBy(long version) {
        if (!waiting) return this;
        List<Carried> more = new ArrayList<>(underWay);
        more.add(new Carried(version, sinceNanos));
        return new PlaneLag(false, 0, more, lastNanos, worstNanos);
    }

    PlaneLag acknowledged(long version, long nowNanos) {
        List<Carried> left = new ArrayList<>();
        long last = lastNanos;
        long worst = worstNanos;
        for (Carried table : underWay) {
            if (table.version > version) {
                left.add(table);
                continue;
            }
            last = nowNanos - table.sinceNanos;
            worst = Math.max(worst, last);
        }
        return new PlaneLag(waiting, sinceNanos, left, last, worst);
    }

    /** Every change has been acknowledged. */
    boolean settled() {
        return !waiting && underWay.isEmpty();
    }
}
