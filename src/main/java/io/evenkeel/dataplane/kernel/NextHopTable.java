package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The ways to realservers, as the program reads them: each realserver has two places of its own, of which the one that is
 * not in use is written, and then named. Owned by the director's thread.
 */
final class NextHopTable {
    /** The place that says that the way is not known. */
    static final int UNKNOWN = 0;

    /** The place that says that it is this machine. */
    static final int LOCAL = 1;

    private static final int FIRST = 2;

    private static final long BYTES = Abi.NEXT_HOP.byteSize();
    private static final long INTERFACE = Abi.offset(Abi.NEXT_HOP, "interface");
    private static final long MTU = Abi.offset(Abi.NEXT_HOP, "mtu");
    private static final long DESTINATION = Abi.offset(Abi.NEXT_HOP, "destination");
    private static final long SOURCE = Abi.offset(Abi.NEXT_HOP, "source");
    private static final long FROM = Abi.offset(Abi.NEXT_HOP, "from");
    private static final int MAC_BYTES = 6;

    private final MemorySegment map;
    private final int[] used; // by realserver's number: the place in use, or UNKNOWN
    private final int[] last; // the place written last, also when the way is not known any more
    private final NextHop.@Nullable Resolved[] written; // and what was written there

    NextHopTable(MemorySegment map, MapSizes sizes) {
        this.map = map;
        used = new int[sizes.servers()];
        last = new int[sizes.servers()];
        written = new NextHop.Resolved[sizes.servers()];
    }

    /** The place in use for a realserver, by its number. */
    int of(int number) {
        return used[number];
    }

    /** This place is in use for a realserver, written by another process. */
    void inherit(int number, int place) {
        used[number] = place;
        last[number] = place;
    }

    /** The place in use was written by another process. */
    boolean inherited(int number) {
        return used[number] >= FIRST && written[number] == null;
    }

    /** Writes a way, unless it is the one in use, and answers its place, which is then the one in use. */
    int put(int number, NextHop.Resolved way) {
        if (used[number] >= FIRST && way.equals(written[number])) return used[number];
        int first = FIRST + 2 * number;
        int place = last[number] == first ? first + 1 : first;
        long at = place * BYTES;
        map.set(JAVA_INT, at + INTERFACE, way.ifindex());
        map.set(JAVA_INT, at + MTU, way.mtu());
        mac(at + DESTINATION, way.destinationMac());
        mac(at + SOURCE, way.sourceMac());
        for (int i = 0; i < 4; i++) {
            map.set(JAVA_INT, Abi.word(at + FROM, i), way.source() == null ? 0 : Abi.word(way.source(), i));
        }
        written[number] = way;
        used[number] = place;
        last[number] = place;
        return place;
    }

    private void mac(long at, long address) {
        for (int i = 0; i < MAC_BYTES; i++) map.set(JAVA_BYTE, at + i, (byte) (address >>> (8 * (MAC_BYTES - 1 - i))));
    }

    /** The realserver is this machine. */
    int local(int number) {
        used[number] = LOCAL;
        return LOCAL;
    }

    /** The way is not known any more. */
    int forget(int number) {
        used[number] = UNKNOWN;
        return UNKNOWN;
    }
}
