package io.evenkeel.dataplane;

/**
 * The small write that a state change makes before any table is recomputed.
 *
 * @param serviceSlot which service
 * @param serverSlot which of its realservers
 * @param generation the realserver's generation from now on
 */
public record ServerFlip(int serviceSlot, int serverSlot, Usability usability, int generation) {}
