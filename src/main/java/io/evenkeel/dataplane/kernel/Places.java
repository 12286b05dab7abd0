package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * The bucket tables in which the program finds services and realservers by address, port and protocol: one cache line a
 * lookup, no chains. A seed is chosen under which no bucket overflows. Pure; any thread.
 */
final class Places {
    /** At most this share of the places is filled, so that a seed is found soon. */
    private static final int ROOM_PER_PLACE = 4;

    private static final int SEEDS_TRIED = 1_000;
    private static final long MIX_1 = 0x9e3779b97f4a7c15L;
    private static final long MIX_2 = 0xd6e8feb86659fd93L;
    private static final long BUCKET_BYTES = Abi.BUCKET4.byteSize();
    private static final long PLACE_BYTES = Abi.PLACE4.byteSize();

    private Places() {}

    /**
     * What stands somewhere.
     *
     * @param address IPv4, host order
     * @param protocol as IP numbers it, above 0
     * @param at what the lookup answers
     */
    record Place(int address, int port, int protocol, int at) {}

    /** Buckets for so many places, a power of two. */
    static int buckets(int places) {
        int wanted = Math.max(1, places * ROOM_PER_PLACE / Abi.PLACES_PER_BUCKET);
        return Integer.highestOneBit(wanted * 2 - 1);
    }

    /** The program's hash ({@code ek_hash}); the bucket is its low bits. */
    static int hash(long seed, int address, int port, int protocol) {
        long wireAddress = Integer.toUnsignedLong(Abi.wire(address));
        long wirePort = Short.toUnsignedLong(Abi.wire((short) port));
        long mix = (wireAddress << 24 | wirePort << 8 | protocol) ^ seed;
        mix *= MIX_1;
        mix ^= mix >>> 32;
        mix *= MIX_2;
        return (int) (mix >>> 32);
    }

    /**
     * A seed under which both tables, which share it, have no bucket with more than it holds; empty if none of many does:
     * then there are too many for the tables, or the same one twice.
     */
    static OptionalLong seed(
            List<Place> services, int serviceMask, List<Place> endpoints, int endpointMask, long random) {
        SplittableRandom seeds = new SplittableRandom(random);
        for (int i = 0; i < SEEDS_TRIED; i++) {
            long seed = seeds.nextLong();
            if (fits(services, serviceMask, seed) && fits(endpoints, endpointMask, seed)) return OptionalLong.of(seed);
        }
        return OptionalLong.empty();
    }

    private static boolean fits(List<Place> places, int mask, long seed) {
        byte[] used = new byte[mask + 1];
        for (Place place : places) {
            int bucket = hash(seed, place.address, place.port, place.protocol) & mask;
            if (++used[bucket] > Abi.PLACES_PER_BUCKET) return false;
        }
        return true;
    }

    /** Writes a table into its half, which begins at bucket {@code first} of {@code map}. The seed must fit. */
    static void write(MemorySegment map, int first, int mask, long seed, List<Place> places) {
        map.asSlice(first * BUCKET_BYTES, (mask + 1L) * BUCKET_BYTES).fill((byte) 0);
        byte[] used = new byte[mask + 1];
        for (Place place : places) {
            int bucket = hash(seed, place.address, place.port, place.protocol) & mask;
            put(map, (first + bucket) * BUCKET_BYTES + used[bucket]++ * PLACE_BYTES, place);
        }
    }

    private static void put(MemorySegment map, long offset, Place place) {
        map.set(JAVA_INT, offset + ADDRESS, Abi.wire(place.address));
        map.set(JAVA_SHORT, offset + PORT, Abi.wire((short) place.port));
        map.set(JAVA_BYTE, offset + PROTOCOL, (byte) place.protocol);
        map.set(JAVA_INT, offset + AT, place.at);
    }

    private static final long ADDRESS = Abi.offset(Abi.PLACE4, "address");
    private static final long PORT = Abi.offset(Abi.PLACE4, "port");
    private static final long PROTOCOL = Abi.offset(Abi.PLACE4, "protocol");
    private static final long AT = Abi.offset(Abi.PLACE4, "at");
}
