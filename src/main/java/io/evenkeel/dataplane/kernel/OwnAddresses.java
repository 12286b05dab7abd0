package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.model.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.HashSet;
import java.util.Set;

/**
 * The director's own addresses, as the program reads them: a packet to one of them is never taken for a reply to a
 * client. One whose first word is 0 is none, so that word is written last and removed first. Owned by the director's
 * thread.
 */
final class OwnAddresses {
    private static final VarHandle WORD = JAVA_INT.varHandle();

    private static final long ADDRESS6_BYTES = 4L * Integer.BYTES;

    private final MapMemory maps;
    private final int mask;
    private final long seed;

    OwnAddresses(MapMemory maps, MapSizes sizes) {
        this.maps = maps;
        mask = sizes.ownBuckets() - 1;
        seed = maps.control().get(JAVA_LONG, Abi.offset(Abi.CONTROL, "own_seed"));
    }

    /** False if there is no room: then the director's own probes to a realserver may be taken for a client's. */
    boolean add(IpAddress address) {
        if (find(address) >= 0) return true;
        long at = free(address);
        if (at < 0) return false;
        MemorySegment map = map(address);
        for (int i = words(address) - 1; i > 0; i--) map.set(JAVA_INT, Abi.word(at, i), Abi.word(address, i));
        WORD.setRelease(map, at, Abi.word(address, 0));
        return true;
    }

    /** All that stand in the map, whoever wrote them. */
    Set<IpAddress> all() {
        Set<IpAddress> all = new HashSet<>();
        for (long at = 0; at < maps.own().byteSize(); at += Integer.BYTES) {
            if (maps.own().get(JAVA_INT, at) != 0) all.add(Abi.address(maps.own(), at, false));
        }
        for (long at = 0; at < maps.own6().byteSize(); at += ADDRESS6_BYTES) {
            if (maps.own6().get(JAVA_INT, at) != 0) all.add(Abi.address(maps.own6(), at, true));
        }
        return all;
    }

    void remove(IpAddress address) {
        long at = find(address);
        if (at >= 0) WORD.setRelease(map(address), at, 0);
    }

    private MemorySegment map(IpAddress address) {
        return address.v6() ? maps.own6() : maps.own();
    }

    private static int words(IpAddress address) {
        return address.v6() ? 4 : 1;
    }

    /** Where the address stands, or −1. */
    private long find(IpAddress address) {
        for (int i = 0; i < places(address); i++) {
            boolean same = true;
            for (int word = 0; word < words(address); word++) {
                same &= map(address).get(JAVA_INT, Abi.word(place(address, i), word)) == Abi.word(address, word);
            }
            if (same) return place(address, i);
        }
        return -1;
    }

    /** A free place for the address, or −1. */
    private long free(IpAddress address) {
        for (int i = 0; i < places(address); i++) {
            if (map(address).get(JAVA_INT, place(address, i)) == 0) return place(address, i);
        }
        return -1;
    }

    private static int places(IpAddress address) {
        return address.v6() ? Abi.OWN_PER_BUCKET6 : Abi.OWN_PER_BUCKET;
    }

    private long place(IpAddress address, int nth) {
        long bucket = Places.hash(seed, address, 0, 0) & mask;
        return bucket * (address.v6() ? Abi.OWN6 : Abi.OWN4).byteSize() + (long) nth * words(address) * Integer.BYTES;
    }
}
