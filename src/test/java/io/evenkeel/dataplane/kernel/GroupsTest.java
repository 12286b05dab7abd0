package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GroupsTest {
    private static Serving service(int slot, int firstServer) {
        return new Serving(slot, "198.18.0." + (10 + slot) + ":514").firstServer(firstServer);
    }

    private static Groups groups(Groups before, Serving... services) {
        return before.of(ProgramRig.table(services));
    }

    @Test
    void servicesWithACommonEndpointAreOneGroupAndOthersAreAlone() {
        Groups groups = groups(Groups.NONE, service(0, 0), service(1, 10), service(2, 2), service(3, 20));
        assertThat(groups.of(0)).isEqualTo(groups.of(2));
        assertThat(Set.of(groups.of(0), groups.of(1), groups.of(3))).hasSize(3);
        assertThat(groups.shared(0)).isTrue();
        assertThat(groups.shared(2)).isTrue();
        assertThat(groups.shared(1)).isFalse();
    }

    @Test
    void aServiceBetweenTwoOthersBringsThemTogether() {
        Groups groups = groups(Groups.NONE, service(0, 0), service(1, 4), service(2, 2));
        assertThat(List.of(groups.of(1), groups.of(2))).containsOnly(groups.of(0));
    }

    @Test
    void whatDiffersInProtocolPortOrMethodIsNotShared() {
        Groups groups = groups(
                Groups.NONE,
                service(0, 0),
                service(1, 0).tcp(),
                service(2, 0).port(99),
                service(3, 0).direct(),
                service(4, 0).direct());
        Set<Integer> numbers = new HashSet<>();
        for (int slot = 0; slot < 5; slot++) {
            numbers.add(groups.of(slot));
            assertThat(groups.shared(slot)).isFalse();
        }
        assertThat(numbers).hasSize(5);
    }

    @Test
    void oneOnePacketServiceMakesItsWholeGroupAmbiguous() {
        Groups groups = groups(Groups.NONE, service(0, 0), service(1, 0).onePacket(), service(2, 10));
        assertThat(groups.onePacket(0)).isTrue();
        assertThat(groups.onePacket(1)).isTrue();
        assertThat(groups.onePacket(2)).isFalse();
    }

    @Test
    void aGroupKeepsItsNumberAsLongAsAnyOfItStays() {
        Groups one = groups(Groups.NONE, service(0, 0), service(1, 10), service(2, 20));
        Groups two = groups(one, service(2, 20), service(1, 10));
        assertThat(two.of(1)).isEqualTo(one.of(1));
        assertThat(two.of(2)).isEqualTo(one.of(2));
        assertThat(two.moved(one)).isEmpty();
        assertThatThrownBy(() -> two.of(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whoComesIntoAnotherGroupIsSaidToHaveMoved() {
        Groups apart = groups(Groups.NONE, service(0, 0), service(1, 10));
        Groups together = groups(apart, service(0, 0), service(1, 2));
        assertThat(together.of(0)).isEqualTo(apart.of(0));
        assertThat(together.moved(apart)).isEqualTo(Map.of(1, apart.of(1)));
        Groups again = groups(together, service(0, 0), service(1, 10));
        assertThat(again.of(0)).isEqualTo(together.of(0));
        assertThat(again.of(1)).isNotEqualTo(again.of(0));
        assertThat(again.moved(together)).isEqualTo(Map.of(1, together.of(1)));
    }

    @Test
    void numbersAreDistinctSmallAndStableWhateverTablesFollowEachOther() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Groups groups = Groups.NONE;
        for (int round = 0; round < 300; round++) {
            List<Serving> services = new ArrayList<>();
            int[] first = new int[12]; // realserver; −1: no such service now
            for (int slot = 0; slot < first.length; slot++) {
                first[slot] = random.nextInt(4) == 0 ? -1 : random.nextInt(40);
                if (first[slot] >= 0) services.add(service(slot, first[slot]));
            }
            Groups next = groups(groups, services.toArray(Serving[]::new));
            int[] leaders = leaders(first);
            for (int one = 0; one < first.length; one++) {
                if (first[one] < 0) continue;
                assertThat(next.of(one)).as("seed %d", seed).isBetween(1, first.length);
                for (int other = 0; other < first.length; other++) {
                    if (first[other] < 0) continue;
                    assertThat(next.of(one) == next.of(other))
                            .as("%d and %d, seed %d, round %d", one, other, seed, round)
                            .isEqualTo(leaders[one] == leaders[other]);
                }
            }
            groups = next;
        }
    }

    /** Three neighbouring realservers each: who overlaps, also by way of others, has one leader. */
    private static int[] leaders(int[] first) {
        int[] leaders = new int[first.length];
        for (int slot = 0; slot < first.length; slot++) leaders[slot] = slot;
        for (boolean changed = true; changed; ) {
            changed = false;
            for (int one = 0; one < first.length; one++) {
                for (int other = 0; other < first.length; other++) {
                    boolean overlap = first[one] >= 0 && first[other] >= 0 && Math.abs(first[one] - first[other]) < 3;
                    if (!overlap || leaders[one] <= leaders[other]) continue;
                    leaders[one] = leaders[other];
                    changed = true;
                }
            }
        }
        return leaders;
    }
}
