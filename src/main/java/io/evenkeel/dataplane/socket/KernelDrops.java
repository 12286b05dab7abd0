package io.evenkeel.dataplane.socket;

/**
 * What the kernel dropped on one socket before us, from the cumulative counts it tells: unsigned 32 bits that wrap.
 * SO_RXQ_OVFL tells the count at the time a datagram was queued, SO_MEMINFO the count of now, so an older one may come
 * after a newer; it then says nothing. Owned by one worker.
 */
final class KernelDrops {
    private int seen;

    /** How many more were dropped than was known before, ≥ 0. */
    int more(int cumulative) {
        int more = cumulative - seen;
        if (more <= 0) return 0;
        seen = cumulative;
        return more;
    }
}
