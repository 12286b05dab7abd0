package io.evenkeel.schedule;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Scheduling;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

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
     * @param draining its weight is 0 by the operator's wish: clients that a hash sends to it take the fallback walk
     */
    record Candidate(Endpoint endpoint, int weight, int lastWeight, boolean present, boolean draining) {

        /** One that is not draining. */
        public Candidate(Endpoint endpoint, int weight, int lastWeight, boolean present) {
            this(endpoint, weight, lastWeight, present, false);
        }
    }

    /** Who may be picked at this moment, by candidate index; a pure read of the worker's own state. */
    interface Eligibility {
        boolean usable(int index);

        /**
         * It may be picked when this packet has no other choice: a suspect one, while others are up. Without it a hash
         * scheduler that knows no fallback would drop the clients of a suspect realserver.
         */
        default boolean tolerable(int index) {
            return usable(index);
        }
    }

    /** Live load by candidate index, as IPVS counts it. */
    interface LoadView {
        /** Flows in an active protocol state. UDP flows never are. */
        long active(int index);

        /** Flows that are not active. */
        long inactive(int index);

        /** Datagrams forwarded since the worker took up the present table, counted pick by pick; see {@link LeastPick}. */
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
        int[] order = presentInOrder(candidates, canonical);
        int[] newestFirst = reversed(order); // IPVS adds each destination at the head of its list
        return switch (scheduling) {
            case Scheduling.RoundRobin rr -> Rotation.of(candidates, order, true);
            case Scheduling.WeightedRoundRobin wrr -> Rotation.of(candidates, order, false);
            case Scheduling.SourceHash sh -> SlotTable.of(sh, candidates, newestFirst);
            case Scheduling.Maglev mh -> SlotTable.of(mh, candidates, newestFirst);
            case Scheduling.DestinationHash dh -> SlotTable.ofDestinations(candidates, newestFirst);
            case Scheduling.LeastConnection lc -> LeastPick.of(lc, onePacket, candidates, newestFirst);
            case Scheduling.WeightedLeastConnection wlc -> LeastPick.of(wlc, onePacket, candidates, newestFirst);
            case Scheduling.ShortestExpectedDelay sed -> LeastPick.of(sed, onePacket, candidates, newestFirst);
            case Scheduling.NeverQueue nq -> LeastPick.of(nq, onePacket, candidates, newestFirst);
            case Scheduling.WeightedFailover fo -> LeastPick.of(fo, onePacket, candidates, newestFirst);
            case Scheduling.Overflow ovf -> LeastPick.of(ovf, onePacket, candidates, newestFirst);
        };
    }

    private static int[] presentInOrder(List<Candidate> candidates, boolean canonical) {
        Comparator<Integer> byEndpoint =
                Comparator.comparing(index -> candidates.get(index).endpoint());
        var present = IntStream.range(0, candidates.size())
                .filter(index -> candidates.get(index).present())
                .boxed();
        return (canonical ? present.sorted(byEndpoint) : present)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static int[] reversed(int[] order) {
        int[] reversed = Arrays.copyOf(order, order.length);
        for (int i = 0; i < reversed.length; i++) reversed[i] = order[order.length - 1 - i];
        return reversed;
    }
}
