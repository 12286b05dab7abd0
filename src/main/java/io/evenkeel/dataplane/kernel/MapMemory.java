package io.evenkeel.dataplane.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The maps that Java and the program share, as memory: what one writes the other sees at once. The director's thread
 * alone writes configuration; counters may be read by any.
 *
 * @param control {@code ek_control}, and so on in the order of {@code maps.h}
 */
record MapMemory(
        MemorySegment control,
        MemorySegment interfaces,
        MemorySegment own,
        MemorySegment servicePlaces,
        MemorySegment endpointPlaces,
        MemorySegment services,
        MemorySegment slots,
        MemorySegment servers,
        MemorySegment nextHops,
        MemorySegment serviceCounts,
        MemorySegment serverCounts,
        MemorySegment passCounts,
        MemorySegment explained) {}
