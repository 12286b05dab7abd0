package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Sockets;

/**
 * What the kernel dropped on one socket before us, from the cumulative counts it tells: unsigned 32 bits that wrap.
 *
 * <p>SO_RXQ_OVFL comes with each datagram and tells the count at the time that one was queued. What was dropped behind
 * the last one is asked for by SO_MEMINFO as soon as nothing has come for a tick. An older count may thus follow a newer;
 * it then says nothing. Owned by one worker.
 */
final class KernelDrops {
    private int seen;
    private boolean received; // since the last tick
    private boolean tailUnknown;

    /** Something was received. */
    void received() {
        received = true;
    }

    /** How many more were dropped than was known before, ≥ 0. */
    int more(int cumulative) {
        int more = cumulative - seen;
        if (more <= 0) return 0;
        seen = cumulative;
        return more;
    }

    /** A tick: how many more were dropped on {@code fd}, ≥ 0; asks only once after something came. */
    int moreAtTick(int fd) {
        if (received) {
            received = false;
            tailUnknown = true;
            return 0;
        }
        if (!tailUnknown) return 0;
        tailUnknown = false;
        long cumulative = Sockets.drops(fd);
        return cumulative < 0 ? 0 : more((int) cumulative);
    }
}
