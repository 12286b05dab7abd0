package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads the counters that the programs keep, one lane a CPU. Lanes are read one after another while packets pass, so a sum
 * is of one moment only when traffic has stopped; no lane ever runs backwards. Any thread.
 */
final class KernelCounts {
    private final BpfMap counts;

    KernelCounts(BpfMap counts) {
        this.counts = counts;
    }

    /**
     * One counter over all CPUs since the map was made.
     *
     * @param packets frames, as the program saw them
     * @param datagrams what they were on the wire: an aggregate of n segments counts n
     */
    record Count(long packets, long datagrams) {}

    /** @throws SyscallException if the map cannot be read */
    Count read(Hook hook, KernelVerdict verdict) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(ValueLayout.JAVA_INT);
            key.set(ValueLayout.JAVA_INT, 0, hook.number() * KernelVerdict.COUNT + verdict.number());
            MemorySegment lanes = arena.allocate(counts.elementBytes(), 8);
            int result = counts.lookup(key, lanes);
            if (result < 0) throw new SyscallException("read counter", -result, hook + " " + verdict);
            long packets = 0;
            long datagrams = 0;
            for (long lane = 0; lane < lanes.byteSize(); lane += counts.laneBytes()) {
                packets += lanes.get(ValueLayout.JAVA_LONG, lane + SharedLayout.COUNT_PACKETS);
                datagrams += lanes.get(ValueLayout.JAVA_LONG, lane + SharedLayout.COUNT_DATAGRAMS);
            }
            return new Count(packets, datagrams);
        }
    }
}
