package io.evenkeel.schedule;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Scheduling;
import java.util.Arrays;
import java.util.List;

/**
 * A scheduler compiled for one list of candidates: immutable, shared by all workers. Compiling is where the thinking is
 * done; picking is mechanical and allocates nothing. Every pick answers an index into the candidates, or
 * {@link #NONE}.
 */
public sealed interface Schedule permits Rotation, SlotTable, LeastPick {

    /** No candidate can be used. */
    int NONE = -1;

    /** Candidates of one schedule at most; a bound of the tables, far above what a service may have. */
    int MAX_CANDIDATES = 16_384;

    /**
     * One realserver as the compiler sees it. The index in the list is the index that picks answer.
     *
     * @param weight effective weight; 0 is IPVS's quiesced destination, which keeps its place in mh and takes one slot in sh
     * @param lastWeight the latest weight above 0, else 0 (IPVS's mh builds its table from it)
     * @param present false leaves it out of the table as if it were not configured (a failed one)
     */
    record Candidate(Endpoint endpoint, int weight, int lastWeight, boolean present) {}

    /** Who may be picked at this moment, by candidate index; a pure read of the worker's own state. */
    interface Eligibility {
        boolean usable(int index);
    }

    /** Live load by candidate index, as IPVS counts it. */
    interface LoadView {
        /** Flows in an active protocol state. UDP flows never are. */
        long active(int index);

        /** Flows that are not active. */
        long inactive(int index);

        /** Sum used for ties and for one-packet scheduling; see {@link LeastPick}. */
        long forwardedLately(int index);
    }

    /**
     * Compiles {@code scheduling} for the candidates in the file's order.
     *
     * @param onePacket under one-packet scheduling lc, wlc, sed and nq use what was forwarded lately
     * @param canonical sort candidates by endpoint first, so that the file's order does not matter (not IPVS-exact)
     */
    static Schedule compile(Scheduling scheduling, List<Candidate> candidates, boolean onePacket, boolean canonical) {
        if (candidates.size() > MAX_CANDIDATES) {
            throw new IllegalArgumentException(candidates.size() + " candidates, at most " + MAX_CANDIDATES);
        }
        int[] order = fileOrder(candidates, canonical);
        return switch (scheduling) {
            case Scheduling.RoundRobin rr -> Rotation.of(candidates, order, true);
            case Scheduling.WeightedRoundRobin wrr -> Rotation.of(candidates, order, false);
            case Scheduling.LeastConnection lc -> throw new UnsupportedOperationException("to be built");
            case Scheduling.WeightedLeastConnection wlc -> throw new UnsupportedOperationException("to be built");
            case Scheduling.ShortestExpectedDelay sed -> throw new UnsupportedOperationException("to be built");
            case Scheduling.NeverQueue nq -> throw new UnsupportedOperationException("to be built");
            case Scheduling.WeightedFailover fo -> throw new UnsupportedOperationException("to be built");
            case Scheduling.Overflow ovf -> throw new UnsupportedOperationException("to be built");
            case Scheduling.SourceHash sh -> throw new UnsupportedOperationException("to be built");
            case Scheduling.Maglev mh -> throw new UnsupportedOperationException("to be built");
            case Scheduling.DestinationHash dh -> throw new UnsupportedOperationException("to be built");
        };
    }

    private static int[] fileOrder(List<Candidate> candidates, boolean canonical) {
        Integer[] order = new Integer[candidates.size()];
        for (int i = 0; i < order.length; i++) order[i] = i;
        if (canonical) {
            Arrays.sort(
                    order,
                    (a, b) -> candidates
                            .get(a)
                            .endpoint()
                            .compareTo(candidates.get(b).endpoint()));
        }
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }
}
