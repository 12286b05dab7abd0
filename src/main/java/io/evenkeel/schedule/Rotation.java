package io.evenkeel.schedule;

import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * rr and wrr: a precomputed sequence; pick = turn mod length. Immutable; any thread may pick.
 *
 * <p>The sequence is earliest deadline first. Pick k of a realserver with share s may not come before slot
 * ⌊(k − 1) / s⌋ and is due before slot ⌈k / s⌉; serving the nearest deadline among those that may come keeps every
 * realserver less than one pick from its share at every prefix (the uniprocessor case of proportionate-fair
 * scheduling: Baruah, Cohen, Plaxton, Varvel, Algorithmica 15, 1996). Equal deadlines keep the order of the file.
 */
public final class Rotation implements Schedule {

    /**
     * Slots at most. Exact while Σ weights / gcd fits; beyond, the weights are rounded to this many slots by largest
     * remainder, which moves nobody by a whole slot: the share error is below 1 / 8,192.
     */
    public static final int MAX_LENGTH = 8_192;

    private final char[] sequence; // slot → candidate
    private final char[] ordinal; // slot → how many earlier slots have the same candidate
    private final int[] slots; // candidate → its slots in the sequence
    private final boolean[] weighted; // candidate → may be picked at all
    private final boolean exact;

    private Rotation(char[] sequence, int[] slots, boolean[] weighted, boolean exact) {
        this.sequence = sequence;
        this.ordinal = ordinals(sequence, slots.length);
        this.slots = slots;
        this.weighted = weighted;
        this.exact = exact;
    }

    /**
     * @param order the present candidates in the order that breaks ties
     * @param equal rr: every candidate with weight above 0 counts once
     */
    static Rotation of(List<Candidate> candidates, int[] order, boolean equal) {
        int n = candidates.size();
        long[] weights = new long[n];
        boolean[] weighted = new boolean[n];
        for (int i = 0; i < n; i++) {
            Candidate candidate = candidates.get(i);
            weighted[i] = candidate.present() && candidate.weight() > 0;
            if (weighted[i]) weights[i] = equal ? 1 : candidate.weight();
        }
        long gcd = 0;
        for (long weight : weights) gcd = gcd(gcd, weight);
        long sum = 0;
        for (int i = 0; i < n && gcd > 0; i++) sum += weights[i] /= gcd;
        boolean exact = sum <= MAX_LENGTH;
        int[] slots = exact ? toInts(weights) : largestRemainder(weights, sum, order);
        return new Rotation(earliestDeadlineFirst(slots, order), slots, weighted, exact);
    }

    /** Slots in the sequence, 0 when nobody has weight; at most {@link #MAX_LENGTH}. */
    public int length() {
        return sequence.length;
    }

    /** The candidate in {@code slot}, 0..length−1, whether or not it can be used. */
    public int candidateAt(int slot) {
        return sequence[slot];
    }

    /** How many earlier slots have the candidate of {@code slot}, 0..length−1. */
    public int ordinalAt(int slot) {
        return ordinal[slot];
    }

    /** Slots that the candidate has in the sequence. */
    public int slotsOf(int candidate) {
        return slots[candidate];
    }

    /**
     * Who is given the turns of those that cannot be used, written out for a plane that only looks up: the answer for
     * the n-th such turn of a candidate is element n mod length, where n = turn / {@link #length} × {@link #slotsOf} +
     * {@link #ordinalAt}. Agrees with {@link #pick}; empty when nobody can be used.
     */
    public char[] dealt(Eligibility eligibility) {
        char[] owners = new char[sequence.length];
        int usableSlots = 0;
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] == 0 || !eligibility.usable(i)) continue;
            Arrays.fill(owners, usableSlots, usableSlots += slots[i], (char) i);
        }
        if (usableSlots == 0) return slotless(eligibility);
        long stride = stride(usableSlots);
        char[] dealt = new char[usableSlots];
        for (int nth = 0; nth < dealt.length; nth++) dealt[nth] = owners[(int) (nth * stride % usableSlots)];
        return dealt;
    }

    private char[] slotless(Eligibility eligibility) {
        char[] usable = new char[weighted.length];
        int count = 0;
        for (int i = 0; i < weighted.length; i++) if (weighted[i] && eligibility.usable(i)) usable[count++] = (char) i;
        return Arrays.copyOf(usable, count);
    }

    /** False when the weights had to be rounded to fit {@link #MAX_LENGTH} slots. */
    public boolean exact() {
        return exact;
    }

    /**
     * The candidate of this turn. If it cannot be used, its turns are dealt to the usable candidates in proportion to
     * their slots, so that no neighbour gets a double share: under rr this is (turn / length) over the usable ones.
     *
     * @param turn ≥ 0, taken from the shared counter
     */
    public int pick(long turn, Eligibility eligibility) {
        if (sequence.length == 0) return NONE;
        int slot = (int) (turn % sequence.length);
        int candidate = sequence[slot];
        if (eligibility.usable(candidate)) return candidate;
        // How often this candidate was picked before: counts 0, 1, 2, … over the turns that are dealt out here.
        long nth = turn / sequence.length * slots[candidate] + ordinal[slot];
        return deal(nth, eligibility);
    }

    /** Each usable candidate gets its slots' worth of every Σ consecutive {@code nth}, well mixed by a coprime stride. */
    private int deal(long nth, Eligibility eligibility) {
        long usableSlots = 0;
        for (int i = 0; i < slots.length; i++) if (slots[i] > 0 && eligibility.usable(i)) usableSlots += slots[i];
        if (usableSlots == 0) return dealToSlotless(nth, eligibility);
        long position = nth % usableSlots * stride(usableSlots) % usableSlots;
        int last = NONE;
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] == 0 || !eligibility.usable(i)) continue;
            last = i;
            position -= slots[i];
            if (position < 0) return i;
        }
        return last; // somebody became unusable between the two loops
    }

    private static long stride(long usableSlots) {
        long stride = Math.max(1, usableSlots * 5 / 8); // near the golden section, which spreads best
        while (gcd(usableSlots, stride) != 1) stride++;
        return stride;
    }

    /** Candidates whose weight was rounded to no slot at all serve when nobody else can. */
    private int dealToSlotless(long nth, Eligibility eligibility) {
        int usable = 0;
        for (int i = 0; i < weighted.length; i++) if (weighted[i] && eligibility.usable(i)) usable++;
        if (usable == 0) return NONE;
        long position = nth % usable;
        int last = NONE;
        for (int i = 0; i < weighted.length; i++) {
            if (!weighted[i] || !eligibility.usable(i)) continue;
            last = i;
            if (position-- == 0) return i;
        }
        return last;
    }

    private static char[] earliestDeadlineFirst(int[] slots, int[] order) {
        long length = 0;
        for (int count : slots) length += count;
        PriorityQueue<Due> due = new PriorityQueue<>();
        PriorityQueue<Due> later = new PriorityQueue<>((a, b) -> Long.compare(a.release, b.release));
        for (int rank = 0; rank < order.length; rank++) {
            if (slots[order[rank]] > 0) due.add(Due.of(rank, 1, slots[order[rank]], length));
        }
        char[] sequence = new char[(int) length];
        for (int slot = 0; slot < length; slot++) {
            for (Due first = later.peek(); first != null && first.release <= slot; first = later.peek()) {
                due.add(later.remove());
            }
            Due next = due.remove(); // never empty: Σ shares is 1
            int candidate = order[next.rank];
            sequence[slot] = (char) candidate;
            if (next.pick < slots[candidate]) later.add(Due.of(next.rank, next.pick + 1, slots[candidate], length));
        }
        return sequence;
    }

    /** Pick number {@code pick} of a candidate: allowed from slot {@code release} on, due before slot {@code deadline}. */
    private record Due(int rank, long pick, long release, long deadline) implements Comparable<Due> {

        static Due of(int rank, long pick, long slots, long length) {
            return new Due(rank, pick, (pick - 1) * length / slots, (pick * length + slots - 1) / slots);
        }

        @Override
        public int compareTo(Due other) {
            int byDeadline = Long.compare(deadline, other.deadline);
            return byDeadline != 0 ? byDeadline : Integer.compare(rank, other.rank);
        }
    }

    /** {@link #MAX_LENGTH} slots in proportion to {@code weights}, each share rounded down or up. */
    private static int[] largestRemainder(long[] weights, long sum, int[] order) {
        int[] slots = new int[weights.length];
        int left = MAX_LENGTH;
        for (int i = 0; i < weights.length; i++) {
            slots[i] = (int) (weights[i] * MAX_LENGTH / sum);
            left -= slots[i];
        }
        Integer[] byRemainder = Arrays.stream(order).boxed().toArray(Integer[]::new);
        Arrays.sort(byRemainder, (a, b) -> Long.compare(weights[b] * MAX_LENGTH % sum, weights[a] * MAX_LENGTH % sum));
        for (int i = 0; i < left; i++) slots[byRemainder[i]]++;
        return slots;
    }

    private static char[] ordinals(char[] sequence, int candidates) {
        char[] seen = new char[candidates];
        char[] ordinal = new char[sequence.length];
        for (int slot = 0; slot < sequence.length; slot++) ordinal[slot] = seen[sequence[slot]]++;
        return ordinal;
    }

    private static int[] toInts(long[] values) {
        int[] ints = new int[values.length];
        for (int i = 0; i < values.length; i++) ints[i] = (int) values[i];
        return ints;
    }

    private static long gcd(long a, long b) {
        while (b != 0) {
            long rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    }
}
