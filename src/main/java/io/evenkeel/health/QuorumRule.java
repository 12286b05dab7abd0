package io.evenkeel.health;

/** Quorum and hysteresis by keepalived's formulas, as a pure function. Any thread. */
public final class QuorumRule {
    private QuorumRule() {}

    /** At start: up iff {@code liveWeight >= quorum + hysteresis}. */
    public static boolean atStart(long liveWeight, int quorum, int hysteresis) {
        return liveWeight >= (long) quorum + hysteresis;
    }

    /**
     * The quorum after {@code liveWeight} (Σ effective weight of live realservers) has become what it is: gained when it
     * was lost and {@code liveWeight >= quorum + hysteresis}; lost when it was up and {@code liveWeight == 0} or
     * {@code liveWeight < quorum - hysteresis}.
     *
     * @param quorum ≥ 1
     * @param hysteresis 0..quorum−1
     */
    public static boolean next(boolean up, long liveWeight, int quorum, int hysteresis) {
        if (!up) return atStart(liveWeight, quorum, hysteresis);
        return liveWeight != 0 && liveWeight >= (long) quorum - hysteresis;
    }
}
