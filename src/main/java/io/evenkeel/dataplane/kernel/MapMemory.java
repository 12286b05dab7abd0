package io.evenkeel.dataplane.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The maps that Java and the program share, as memory: what one writes the other sees at once. The director's thread
 * alone writes configuration; flows and loads are written by compare-and-swap and fetch-and-add; counters may be read by
 * any.
 *
 * @param control {@code ek_control}, and so on in the order of {@code maps.h}
 */
record MapMemory(
        MemorySegment control,
        MemorySegment interfaces,
        MemorySegment own,
        MemorySegment own6,
        MemorySegment servicePlaces,
        MemorySegment servicePlaces6,
        MemorySegment endpointPlaces,
        MemorySegment endpointPlaces6,
        MemorySegment services,
        MemorySegment slots,
        MemorySegment servers,
        MemorySegment loads,
        MemorySegment nextHops,
        MemorySegment flows,
        MemorySegment wideFlows,
        MemorySegment serviceCounts,
        MemorySegment serverCounts,
        MemorySegment passCounts,
        MemorySegment explained) {}
