package io.evenkeel.schedule;

/** lc, wlc, sed, nq, fo, ovf: pure picks over live load. */
public final class LeastPick implements Schedule {

    /**
     * The candidate with the least load by the compiled rule; ties rotate with the turn (fo and ovf keep IPVS's order).
     *
     * @param turn ≥ 0, taken from the shared counter
     */
    public int pick(LoadView load, Eligibility eligibility, long turn) {
        throw new UnsupportedOperationException("schedule room: to be built");
    }
}
