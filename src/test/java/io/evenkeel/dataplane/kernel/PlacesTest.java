package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.kernel.Places.Place;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bucket tables as they are written; that the program finds what stands there, packets prove. */
class PlacesTest {
    private static final int UDP = 17;

    private static IpAddress address(boolean v6, SplittableRandom random) {
        return v6 ? IpAddress.v6(random.nextLong(), random.nextLong()) : IpAddress.v4(random.nextInt());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyPlaceStandsInTheBucketOfItsHashInItsHalfAndNowhereElse(boolean v6) {
        long random = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + random);
        SplittableRandom seeds = new SplittableRandom(random);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            places.add(new Place(new Endpoint(address(v6, seeds), seeds.nextInt(1, 65_536)), UDP, i));
        }
        int mask = Places.buckets(places.size()) - 1;
        long seed = Places.seed(places, mask, List.of(), 0, random).orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment narrow = arena.allocate(2L * (mask + 1) * Abi.BUCKET4.byteSize());
            MemorySegment wide = arena.allocate(2L * (mask + 1) * Abi.BUCKET6.byteSize());
            Places.write(new Places.Tables(narrow, wide, mask), 1, seed, places);
            MemorySegment used = v6 ? wide : narrow;
            long bucketBytes = (v6 ? Abi.BUCKET6 : Abi.BUCKET4).byteSize();
            long placeBytes = (v6 ? Abi.PLACE6 : Abi.PLACE4).byteSize();
            Set<Integer> found = new HashSet<>();
            for (long at = 0; at < used.byteSize(); at += placeBytes) {
                long protocol =
                        used.get(ValueLayout.JAVA_BYTE, at + Abi.offset(v6 ? Abi.PLACE6 : Abi.PLACE4, "protocol"));
                if (protocol == 0) continue;
                int nth = used.get(ValueLayout.JAVA_INT, at + Abi.offset(v6 ? Abi.PLACE6 : Abi.PLACE4, "at"));
                Endpoint endpoint = places.get(nth).endpoint();
                int bucket = Places.hash(seed, endpoint.address(), endpoint.port(), UDP) & mask;
                assertThat(at / bucketBytes).as("bucket of %s", endpoint).isEqualTo(mask + 1 + bucket);
                assertThat(found.add(nth)).isTrue();
            }
            assertThat(found).hasSize(places.size());
            MemorySegment other = v6 ? narrow : wide;
            for (long at = 0; at < other.byteSize(); at += 8) {
                assertThat(other.get(ValueLayout.JAVA_LONG, at)).isZero();
            }
        }
    }

    /** All of an IPv6 address counts, or neighbours in one of its words would all fall into one bucket. */
    @Test
    void everyBitOfAddressPortAndProtocolChangesTheHash() {
        IpAddress address = IpAddress.of("2001:db8:1:2:3:4:5:6");
        int hash = Places.hash(42, address, 514, UDP);
        Set<Integer> seen = new HashSet<>(Set.of(hash));
        for (int bit = 0; bit < 64; bit++) {
            seen.add(Places.hash(42, IpAddress.v6(address.high() ^ 1L << bit, address.low()), 514, UDP));
            seen.add(Places.hash(42, IpAddress.v6(address.high(), address.low() ^ 1L << bit), 514, UDP));
        }
        for (int bit = 0; bit < 16; bit++) seen.add(Places.hash(42, address, 514 ^ 1 << bit, UDP));
        for (int bit = 0; bit < 8; bit++) seen.add(Places.hash(42, address, 514, UDP ^ 1 << bit));
        assertThat(seen).hasSize(1 + 128 + 16 + 8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void aSeedThatSpreadsIsFoundForAFullTableOfNeighbours(int kind) {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 1_024; i++) {
            IpAddress address = switch (kind) {
                case 0 -> IpAddress.v6(0x2001_0db8_0000_0000L, i + 1);
                case 1 -> IpAddress.v6(0x2001_0db8_0000_0000L + i, 1);
                case 2 -> IpAddress.v6(0x2001_0db8_0000_0000L, (long) i << 32 | 1);
                case 3 -> IpAddress.v4(198 << 24 | 18 << 16 | i);
                default -> IpAddress.v6(0x2001_0db8_0000_0000L, 1);
            };
            places.add(new Place(new Endpoint(address, kind == 4 ? 1_000 + i : 514), UDP, i));
        }
        assertThat(Places.seed(places, Places.buckets(1_024) - 1, List.of(), 0, 1))
                .isPresent();
    }

    @Test
    void theSamePlaceMoreOftenThanABucketHoldsFindsNoSeed() {
        Place place = new Place(Endpoint.of("[2001:db8::1]:514"), UDP, 0);
        assertThat(Places.seed(List.of(place, place, place, place), 7, List.of(), 0, 1))
                .isPresent();
        assertThat(Places.seed(List.of(place, place, place, place, place), 7, List.of(), 0, 1))
                .isEmpty();
    }
}
