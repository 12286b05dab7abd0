package io.evenkeel.schedule;

import io.evenkeel.schedule.Schedule.Candidate;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/**
 * IPVS's mh: a Maglev table (Eisenbud et al., NSDI 2016) of 4,093 slots. Each realserver walks its own permutation of
 * the slots and claims free ones, as many a turn as its scaled weight.
 */
final class Maglev {
    /** The prime that IPVS takes by default (table index 12). */
    static final int SLOTS = 4_093;

    private static final long KEY_OFFSET = 2_654_435_761L;
    private static final long KEY_SKIP = 2_654_446_892L;
    private static final int WEIGHT_BITS =
            6; // half the table index: heavier weights are shifted down to this many bits

    private Maglev() {}

    /** The slot of a client, 0..{@link #SLOTS}−1. */
    static int slot(int offset, int port, int address) {
        return Integer.remainderUnsigned(SipHash.of(offset + port + address, KEY_OFFSET), SLOTS);
    }

    /** @param newestFirst indices of the candidates that are present */
    static char[] table(List<Candidate> candidates, int[] newestFirst) {
        char[] table = new char[SLOTS];
        Arrays.fill(table, SlotTable.EMPTY);
        int[] turns = turns(candidates, newestFirst);
        if (Arrays.stream(turns).sum() == 0) return table;
        int[] position = new int[newestFirst.length];
        int[] skip = new int[newestFirst.length];
        for (int i = 0; i < newestFirst.length; i++) {
            Candidate candidate = candidates.get(newestFirst[i]);
            int address = address(candidate);
            int port = candidate.endpoint().port();
            position[i] = slot(0, port, address);
            skip[i] = Integer.remainderUnsigned(SipHash.of(port + address, KEY_SKIP), SLOTS - 1) + 1;
        }
        for (int free = SLOTS; free > 0; ) {
            for (int i = 0; i < newestFirst.length; i++) {
                for (int turn = 0; turn < turns[i] && free > 0; turn++) {
                    while (table[position[i]] != SlotTable.EMPTY) position[i] = (position[i] + skip[i]) % SLOTS;
                    table[position[i]] = (char) newestFirst[i];
                    free--;
                }
            }
        }
        return table;
    }

    /** Slots claimed in one go: last weight by its greatest common divisor, shifted down, at least 1 if it has any. */
    private static int[] turns(List<Candidate> candidates, int[] newestFirst) {
        BigInteger gcd = BigInteger.ZERO;
        int heaviest = 0;
        for (int index : newestFirst) {
            gcd = gcd.gcd(BigInteger.valueOf(candidates.get(index).lastWeight()));
            heaviest = Math.max(heaviest, candidates.get(index).lastWeight());
        }
        int[] turns = new int[newestFirst.length];
        if (heaviest == 0) return turns;
        int divisor = gcd.intValueExact();
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(heaviest / divisor);
        int shift = Math.max(0, bits - WEIGHT_BITS);
        for (int i = 0; i < turns.length; i++) {
            int weight = candidates.get(newestFirst[i]).lastWeight();
            if (weight > 0) turns[i] = Math.max(1, (weight / divisor) >> shift);
        }
        return turns;
    }

    private static int address(Candidate candidate) {
        var address = candidate.endpoint().address();
        return Multiplicative.fold(address.v6(), address.high(), address.low());
    }
}
