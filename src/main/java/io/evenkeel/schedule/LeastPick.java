package io.evenkeel.schedule;

import io.evenkeel.model.Scheduling;
import java.util.List;
import java.util.stream.IntStream;

/**
 * lc, wlc, sed, nq, fo, ovf: pure picks over live load. Immutable; any thread may pick.
 *
 * <p>Load is counted as IPVS does: 256 for an active flow, 1 for an inactive one (sed, nq and ovf look at active flows
 * only, so that UDP flows weigh nothing there). Ties go round with the turn instead of always to the newest.
 *
 * <p>Under one-packet scheduling no flow lives long enough to be counted, and IPVS would send everything to one
 * realserver. lc, wlc, sed and nq then take {@link LoadView#forwardedLately}: what this worker has forwarded to the
 * candidate since it took up the present table, counted pick by pick (so that a realserver that comes back starts level
 * with the others). fo and ovf keep IPVS's meaning and order: sending all to one is what they are for.
 */
public final class LeastPick implements Schedule {
    private static final int ACTIVE_FLOW = 256; // load of an active flow, in inactive ones (IPVS)

    /** What is to be least, or most. */
    public enum Rule {
        /** Load. */
        LOAD,
        /** Load / weight. */
        LOAD_BY_WEIGHT,
        /** (Active + 1) / weight. */
        DELAY,
        /** Any idle one, else as DELAY. */
        IDLE,
        /** Most weight. */
        WEIGHT,
        /** Most weight among those with no more active flows than weight. */
        OVERFLOW
    }

    private final Rule rule;
    private final boolean onePacket;
    private final int[] order; // newest first
    private final long[] weight; // by candidate; 0 is never picked

    private LeastPick(Rule rule, boolean onePacket, int[] newestFirst, List<Candidate> candidates) {
        this.rule = rule;
        this.onePacket = onePacket;
        this.order = newestFirst;
        this.weight = candidates.stream()
                .mapToLong(candidate -> candidate.present() ? candidate.weight() : 0)
                .toArray();
    }

    static LeastPick of(Scheduling scheduling, boolean onePacket, List<Candidate> candidates, int[] newestFirst) {
        Rule rule = switch (scheduling) {
            case Scheduling.LeastConnection lc -> Rule.LOAD;
            case Scheduling.WeightedLeastConnection wlc -> Rule.LOAD_BY_WEIGHT;
            case Scheduling.ShortestExpectedDelay sed -> Rule.DELAY;
            case Scheduling.NeverQueue nq -> Rule.IDLE;
            case Scheduling.WeightedFailover fo -> Rule.WEIGHT;
            case Scheduling.Overflow ovf -> Rule.OVERFLOW;
            case Scheduling.RoundRobin rr -> throw new IllegalArgumentException("a rotation");
            case Scheduling.WeightedRoundRobin wrr -> throw new IllegalArgumentException("a rotation");
            case Scheduling.SourceHash sh -> throw new IllegalArgumentException("a slot table");
            case Scheduling.Maglev mh -> throw new IllegalArgumentException("a slot table");
            case Scheduling.DestinationHash dh -> throw new IllegalArgumentException("a slot table");
        };
        return new LeastPick(rule, onePacket, newestFirst, candidates);
    }

    public Rule rule() {
        return rule;
    }

    /** The candidates in the order in which equal ones are told apart: of fo and ovf the newest first. */
    public int[] order() {
        if (rule == Rule.WEIGHT || rule == Rule.OVERFLOW) return order.clone();
        return IntStream.range(0, weight.length).toArray();
    }

    /**
     * The candidate with the least load by the compiled rule; ties rotate with the turn (fo and ovf keep IPVS's order).
     *
     * @param turn ≥ 0, taken from the shared counter
     */
    public int pick(LoadView load, Eligibility eligibility, long turn) {
        return switch (rule) {
            case WEIGHT -> heaviest(load, eligibility, false);
            case OVERFLOW -> heaviest(load, eligibility, true);
            case LOAD, LOAD_BY_WEIGHT, DELAY -> least(load, eligibility, turn, false);
            case IDLE -> {
                int idle = least(load, eligibility, turn, true);
                yield idle != NONE ? idle : least(load, eligibility, turn, false);
            }
        };
    }

    private int heaviest(LoadView load, Eligibility eligibility, boolean untilFull) {
        int best = NONE;
        for (int candidate : order) {
            if (weight[candidate] == 0 || !eligibility.usable(candidate)) continue;
            if (untilFull && load.active(candidate) > weight[candidate]) continue;
            if (best == NONE || weight[candidate] > weight[best]) best = candidate;
        }
        return best;
    }

    /** @param idleOnly look only at candidates without any load, all of which are then equal */
    private int least(LoadView load, Eligibility eligibility, long turn, boolean idleOnly) {
        long bestLoad = 0;
        long bestWeight = 1;
        int ties = 0;
        for (int i = 0; i < weight.length; i++) {
            if (!considered(i, load, eligibility, idleOnly)) continue;
            long itsLoad = idleOnly ? 0 : load(load, i);
            long itsWeight = idleOnly ? 1 : divisor(i);
            int compared = ties == 0 ? -1 : compareProducts(itsLoad, bestWeight, bestLoad, itsWeight);
            if (compared > 0) continue;
            if (compared == 0) {
                ties++;
                continue;
            }
            ties = 1;
            bestLoad = itsLoad;
            bestWeight = itsWeight;
        }
        if (ties == 0) return NONE;
        long chosen = turn % ties;
        int last = NONE;
        for (int i = 0; i < weight.length; i++) {
            if (!considered(i, load, eligibility, idleOnly)) continue;
            if (!idleOnly && compareProducts(load(load, i), bestWeight, bestLoad, divisor(i)) != 0) continue;
            last = i;
            if (chosen-- == 0) return i;
        }
        return last;
    }

    private boolean considered(int candidate, LoadView load, Eligibility eligibility, boolean idleOnly) {
        if (weight[candidate] == 0 || !eligibility.usable(candidate)) return false;
        return !idleOnly || (onePacket ? load.forwardedLately(candidate) : load.active(candidate)) == 0;
    }

    private long load(LoadView load, int candidate) {
        boolean delay = rule == Rule.DELAY || rule == Rule.IDLE;
        if (onePacket) return load.forwardedLately(candidate) + (delay ? 1 : 0);
        return delay ? load.active(candidate) + 1 : ACTIVE_FLOW * load.active(candidate) + load.inactive(candidate);
    }

    private long divisor(int candidate) {
        return rule == Rule.LOAD ? 1 : weight[candidate];
    }

    /** Compares a·b with c·d, all ≥ 0, in 128 bits. */
    private static int compareProducts(long a, long b, long c, long d) {
        int byHigh = Long.compare(Math.multiplyHigh(a, b), Math.multiplyHigh(c, d));
        return byHigh != 0 ? byHigh : Long.compareUnsigned(a * b, c * d);
    }
}
