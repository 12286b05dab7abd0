package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.model.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The director's own IPv4 addresses, as the program reads them: a packet to one of them is never taken for a reply to a
 * client. Each is written and removed by one word. Owned by the director's thread.
 */
final class OwnAddresses {
    private static final VarHandle WORD = JAVA_INT.varHandle();
    private static final long BUCKET_BYTES = Abi.OWN4.byteSize();

    private final MemorySegment map;
    private final int mask;
    private final long seed;

    OwnAddresses(MapMemory maps, MapSizes sizes) {
        map = maps.own();
        mask = sizes.ownBuckets() - 1;
        seed = maps.control().get(JAVA_LONG, Abi.offset(Abi.CONTROL, "own_seed"));
    }

    /** False if there is no room: then the director's own probes to a realserver may be taken for a client's. */
    boolean add(IpAddress address) {
        int word = Abi.wire((int) address.low());
        return replace(address, word, word) || replace(address, 0, word); // it may be there already
    }

    void remove(IpAddress address) {
        replace(address, Abi.wire((int) address.low()), 0);
    }

    private boolean replace(IpAddress address, int from, int to) {
        long bucket = (Places.hash(seed, (int) address.low(), 0, 0) & mask) * BUCKET_BYTES;
        for (int i = 0; i < Abi.OWN_PER_BUCKET; i++) {
            long at = bucket + i * 4L;
            if (map.get(JAVA_INT, at) != from) continue;
            WORD.setRelease(map, at, to);
            return true;
        }
        return false;
    }
}
