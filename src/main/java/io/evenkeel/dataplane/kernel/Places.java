package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * The bucket tables in which the program finds services and realservers by address, port and protocol: one cache line a
 * lookup, two for IPv6, no chains, a table for each family. A seed is chosen under which no bucket overflows. Pure; any thread.
 */
final class Places {
    /** At most this share of the places is filled, so that a seed is found soon. */
    private static final int ROOM_PER_PLACE = 4;

    private static final int SEEDS_TRIED = 1_000;
    private static final long MIX_1 = 0x9e3779b97f4a7c15L;
    private static final long MIX_2 = 0xd6e8feb86659fd93L;
    private static final long BUCKET_BYTES = Abi.BUCKET4.byteSize();

    private Places() {}

    /**
     * What stands somewhere.
     *
     * @param protocol as IP numbers it, above 0
     * @param at what the lookup answers
     */
    record Place(Endpoint endpoint, int protocol, int at) {}

    /**
     * The tables of one kind, which share their mask and seed.
     *
     * @param narrow IPv4's
     * @param wide IPv6's
     * @param mask buckets − 1, of one half
     */
    record Tables(MemorySegment narrow, MemorySegment wide, int mask) {}

    /** Buckets for so many places, a power of two. */
    static int buckets(int places) {
        int wanted = Math.max(1, places * ROOM_PER_PLACE / Abi.PLACES_PER_BUCKET);
        return Integer.highestOneBit(wanted * 2 - 1);
    }

    /** The program's hash ({@code ek_hash}); the bucket is its low bits. */
    static int hash(long seed, IpAddress address, int port, int protocol) {
        long wirePort = Short.toUnsignedLong(Abi.wire((short) port));
        long mix = (word(address, 0) << 24 | wirePort << 8 | protocol) ^ seed;
        mix *= MIX_1;
        mix ^= mix >>> 32;
        if (address.v6()) {
            mix ^= word(address, 1) << 32 | word(address, 2);
            mix *= MIX_1;
            mix ^= mix >>> 32;
            mix ^= word(address, 3);
            mix *= MIX_1; // neighbours differ in this word alone
            mix ^= mix >>> 32;
        }
        mix *= MIX_2;
        return (int) (mix >>> 32);
    }

    private static long word(IpAddress address, int index) {
        return Integer.toUnsignedLong(Abi.word(address, index));
    }

    private static int bucket(Place place, long seed, int mask) {
        Endpoint endpoint = place.endpoint;
        return hash(seed, endpoint.address(), endpoint.port(), place.protocol) & mask;
    }

    /**
     * A seed under which all tables, which share it, have no bucket with more than it holds; empty if none of many does:
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
        byte[] narrow = new byte[mask + 1];
        byte[] wide = new byte[mask + 1];
        for (Place place : places) {
            int bucket = bucket(place, seed, mask);
            byte[] used = place.endpoint.address().v6() ? wide : narrow;
            if (++used[bucket] > Abi.PLACES_PER_BUCKET) return false;
        }
        return true;
    }

    /** Writes the places into a half of the tables. The seed must fit. */
    static void write(Tables tables, int half, long seed, List<Place> places) {
        long first = half * (tables.mask + 1L);
        long buckets = tables.mask + 1L;
        tables.narrow.asSlice(first * BUCKET_BYTES, buckets * BUCKET_BYTES).fill((byte) 0);
        tables.wide.asSlice(first * BUCKET6_BYTES, buckets * BUCKET6_BYTES).fill((byte) 0);
        byte[] narrow = new byte[tables.mask + 1];
        byte[] wide = new byte[tables.mask + 1];
        for (Place place : places) {
            int bucket = bucket(place, seed, tables.mask);
            long at = first + bucket;
            if (place.endpoint.address().v6()) {
                put6(tables.wide, at * BUCKET6_BYTES + wide[bucket]++ * PLACE6_BYTES, place);
            } else {
                put4(tables.narrow, at * BUCKET_BYTES + narrow[bucket]++ * PLACE_BYTES, place);
            }
        }
    }

    /** Every place in a half of the tables. */
    static List<Place> read(Tables tables, int half) {
        List<Place> places = new ArrayList<>();
        long first = half * (tables.mask + 1L);
        long end = first + tables.mask + 1L;
        for (long at = first * BUCKET_BYTES; at < end * BUCKET_BYTES; at += PLACE_BYTES) {
            int protocol = Byte.toUnsignedInt(tables.narrow.get(JAVA_BYTE, at + PROTOCOL));
            if (protocol == 0) continue;
            int port = port(tables.narrow.get(JAVA_SHORT, at + PORT));
            Endpoint endpoint = new Endpoint(Abi.address(tables.narrow, at + ADDRESS, false), port);
            places.add(new Place(endpoint, protocol, tables.narrow.get(JAVA_INT, at + AT)));
        }
        for (long at = first * BUCKET6_BYTES; at < end * BUCKET6_BYTES; at += PLACE6_BYTES) {
            int protocol = Byte.toUnsignedInt(tables.wide.get(JAVA_BYTE, at + PROTOCOL6));
            if (protocol == 0) continue;
            int port = port(tables.wide.get(JAVA_SHORT, at + PORT6));
            Endpoint endpoint = new Endpoint(Abi.address(tables.wide, at + ADDRESS6, true), port);
            places.add(new Place(endpoint, protocol, tables.wide.get(JAVA_INT, at + AT6)));
        }
        return List.copyOf(places);
    }

    private static int port(short wire) {
        return Short.toUnsignedInt(Abi.wire(wire));
    }

    private static void put4(MemorySegment map, long offset, Place place) {
        map.set(JAVA_INT, offset + ADDRESS, Abi.word(place.endpoint.address(), 0));
        map.set(JAVA_SHORT, offset + PORT, Abi.wire((short) place.endpoint.port()));
        map.set(JAVA_BYTE, offset + PROTOCOL, (byte) place.protocol);
        map.set(JAVA_INT, offset + AT, place.at);
    }

    private static void put6(MemorySegment map, long offset, Place place) {
        Abi.put(map, offset + ADDRESS6, place.endpoint.address());
        map.set(JAVA_SHORT, offset + PORT6, Abi.wire((short) place.endpoint.port()));
        map.set(JAVA_BYTE, offset + PROTOCOL6, (byte) place.protocol);
        map.set(JAVA_INT, offset + AT6, place.at);
    }

    private static final long PLACE_BYTES = Abi.PLACE4.byteSize();
    private static final long PLACE6_BYTES = Abi.PLACE6.byteSize();
    private static final long ADDRESS = Abi.offset(Abi.PLACE4, "address");
    private static final long PORT = Abi.offset(Abi.PLACE4, "port");
    private static final long PROTOCOL = Abi.offset(Abi.PLACE4, "protocol");
    private static final long AT = Abi.offset(Abi.PLACE4, "at");
    private static final long BUCKET6_BYTES = Abi.BUCKET6.byteSize();
    private static final long ADDRESS6 = Abi.offset(Abi.PLACE6, "address");
    private static final long PORT6 = Abi.offset(Abi.PLACE6, "port");
    private static final long PROTOCOL6 = Abi.offset(Abi.PLACE6, "protocol");
    private static final long AT6 = Abi.offset(Abi.PLACE6, "at");
}
