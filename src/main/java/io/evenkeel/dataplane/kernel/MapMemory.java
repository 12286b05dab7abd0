package io.evenkeel.dataplane.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The maps that Java writes, as memory that the program sees at once. Only the director's thread writes.
 *
 * @param control {@code ek_control}, and so on in the order of {@code maps.h}
 */
record MapMemory(
        MemorySegment control,
        MemorySegment servicePlaces,
        MemorySegment endpointPlaces,
        MemorySegment services,
        MemorySegment slots,
        MemorySegment deals,
        MemorySegment servers,
        MemorySegment nextHops) {}
