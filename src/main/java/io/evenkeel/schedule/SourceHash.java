package io.evenkeel.schedule;

import io.evenkeel.schedule.Schedule.Candidate;
import java.util.Arrays;
import java.util.List;

/** IPVS's sh and dh tables: 256 slots, filled by walking the newest realserver first. */
final class SourceHash {
    private SourceHash() {}

    /**
     * sh: each takes as many consecutive slots as its weight, over and over; one of weight 0 takes one slot.
     *
     * @param newestFirst indices of the candidates that are present
     */
    static char[] bySource(List<Candidate> candidates, int[] newestFirst) {
        char[] table = new char[Multiplicative.SLOTS];
        if (newestFirst.length == 0) Arrays.fill(table, SlotTable.EMPTY);
        int at = 0;
        int taken = 0;
        for (int slot = 0; slot < table.length && newestFirst.length > 0; slot++) {
            int candidate = newestFirst[at];
            table[slot] = (char) candidate;
            if (++taken < candidates.get(candidate).weight()) continue;
            taken = 0;
            at = (at + 1) % newestFirst.length;
        }
        return table;
    }

    /** dh: one slot each in turn, whatever the weights. */
    static char[] byDestination(int[] newestFirst) {
        char[] table = new char[Multiplicative.SLOTS];
        if (newestFirst.length == 0) Arrays.fill(table, SlotTable.EMPTY);
        for (int slot = 0; slot < table.length && newestFirst.length > 0; slot++) {
            table[slot] = (char) newestFirst[slot % newestFirst.length];
        }
        return table;
    }
}
