package io.evenkeel.schedule;

/** rr and wrr: a precomputed sequence; pick = turn mod length. */
public final class Rotation implements Schedule {

    /** Slots in the sequence, 0 when nobody has weight; at most 4,096. */
    public int length() {
        throw new UnsupportedOperationException("schedule room: to be built");
    }

    /**
     * The candidate of this turn. If it cannot be used, the turn is re-picked by (turn / length) over the usable
     * candidates of the rotation, so that no neighbour gets a double share.
     *
     * @param turn ≥ 0, taken from the shared counter
     */
    public int pick(long turn, Eligibility eligibility) {
        throw new UnsupportedOperationException("schedule room: to be built");
    }
}
