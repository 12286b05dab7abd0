package io.evenkeel.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.Schedule.Eligibility;
import io.evenkeel.schedule.Schedule.LoadView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LeastPickTest {
    private static final Scheduling LC = new Scheduling.LeastConnection();
    private static final Scheduling WLC = new Scheduling.WeightedLeastConnection();
    private static final Scheduling SED = new Scheduling.ShortestExpectedDelay();
    private static final Scheduling NQ = new Scheduling.NeverQueue();
    private static final Scheduling FO = new Scheduling.WeightedFailover();
    private static final Scheduling OVF = new Scheduling.Overflow();

    /** Flows and datagrams by candidate, as a worker counts them. */
    private static final class Loads implements LoadView {
        final long[] active = new long[8];
        final long[] inactive = new long[8];
        final long[] forwarded = new long[8];

        @Override
        public long active(int index) {
            return active[index];
        }

        @Override
        public long inactive(int index) {
            return inactive[index];
        }

        @Override
        public long forwardedLately(int index) {
            return forwarded[index];
        }
    }

    static List<Scheduling> connectionCounting() {
        return List.of(LC, WLC, SED, NQ);
    }

    @Test
    void anActiveFlowWeighsAs256InactiveOnes() {
        Loads loads = new Loads();
        loads.active[0] = 1;
        loads.inactive[1] = 255;
        assertThat(pick(LC, loads, 0, 1, 1)).isEqualTo(1);
        loads.inactive[1] = 257;
        assertThat(pick(LC, loads, 0, 1, 1)).isEqualTo(0);
    }

    @Test
    void wlcDividesByWeightAndLcDoesNot() {
        Loads loads = new Loads();
        loads.active[0] = 5;
        loads.active[1] = 3;
        assertThat(pick(LC, loads, 0, 10, 1)).isEqualTo(1);
        assertThat(pick(WLC, loads, 0, 10, 1)).isEqualTo(0);
    }

    @Test
    void ratiosAreComparedExactly() {
        Loads loads = new Loads();
        loads.active[0] = Long.MAX_VALUE / 512;
        loads.active[1] = Long.MAX_VALUE / 512;
        loads.inactive[1] = 1;
        int weight = Integer.MAX_VALUE;
        for (int turn = 0; turn < 4; turn++)
            assertThat(pick(WLC, loads, turn, weight, weight)).isEqualTo(0);
    }

    @ParameterizedTest
    @MethodSource("connectionCounting")
    void tiesGoRound(Scheduling scheduling) {
        List<Integer> picks = new ArrayList<>();
        for (int turn = 0; turn < 6; turn++) picks.add(pick(scheduling, new Loads(), turn, 2, 2, 2));
        assertThat(picks).containsExactly(0, 1, 2, 0, 1, 2);
    }

    @Test
    void sedPrefersTheHeavyWhileAllAreIdle() {
        assertThat(pick(SED, new Loads(), 0, 1, 2, 3)).isEqualTo(2);
    }

    @Test
    void nqTakesAnIdleOneBeforeAFasterOne() {
        Loads loads = new Loads();
        loads.active[0] = 1;
        assertThat(pick(SED, loads, 0, 100, 1)).isEqualTo(0);
        assertThat(pick(NQ, loads, 0, 100, 1)).isEqualTo(1);
        loads.active[1] = 1;
        assertThat(pick(NQ, loads, 0, 100, 1)).isEqualTo(0);
    }

    @Test
    void foTakesTheHeaviestAndAmongEqualsTheNewest() {
        for (int turn = 0; turn < 3; turn++) {
            assertThat(pick(FO, new Loads(), turn, 2, 3, 3)).isEqualTo(2);
        }
        assertThat(schedule(FO, false, 2, 3, 3).pick(new Loads(), Candidates.allBut(2), 0))
                .isEqualTo(1);
    }

    @Test
    void ovfSpillsOverWhenMoreFlowsThanWeightAreActive() {
        // an IPVS kernel: weights 2, 3, 1 and TCP SYNs went to 2 2 2 2 1 1 1 3 3 - - -
        Loads loads = new Loads();
        List<Integer> picks = new ArrayList<>();
        for (int turn = 0; turn < 12; turn++) {
            int pick = pick(OVF, loads, turn, 2, 3, 1);
            if (pick != Schedule.NONE) loads.active[pick]++;
            picks.add(pick);
        }
        assertThat(picks).containsExactly(1, 1, 1, 1, 0, 0, 0, 2, 2, -1, -1, -1);
    }

    @ParameterizedTest
    @MethodSource("connectionCounting")
    void onePacketSharesFollowEqualWeights(Scheduling scheduling) {
        long[] counts = deal(scheduling, 30_000, Candidates.ALL, 1, 1, 1);
        for (long count : counts) assertThat(count).isCloseTo(10_000, within(100L));
    }

    @Test
    void onePacketSharesFollowWeights() {
        for (Scheduling scheduling : List.of(WLC, SED, NQ)) {
            long[] counts = deal(scheduling, 30_000, Candidates.ALL, 5, 3, 2);
            assertThat(counts[0]).isCloseTo(15_000, within(150L));
            assertThat(counts[1]).isCloseTo(9_000, within(90L));
            assertThat(counts[2]).isCloseTo(6_000, within(60L));
        }
    }

    @Test
    void onePacketKeepsFoAndOvfOnOne() {
        assertThat(deal(FO, 100, Candidates.ALL, 1, 2, 1)).containsExactly(0, 100, 0);
        assertThat(deal(OVF, 100, Candidates.ALL, 1, 2, 1)).containsExactly(0, 100, 0);
    }

    @Test
    void whoHasNoWeightOrCannotBeUsedIsNotPicked() {
        for (Scheduling scheduling : List.of(LC, WLC, SED, NQ, FO, OVF)) {
            LeastPick schedule = schedule(scheduling, false, 0, 1, 1);
            for (int turn = 0; turn < 6; turn++) {
                assertThat(schedule.pick(new Loads(), Candidates.allBut(2), turn))
                        .isEqualTo(1);
            }
            assertThat(schedule.pick(new Loads(), index -> false, 0)).isEqualTo(Schedule.NONE);
        }
    }

    private static int pick(Scheduling scheduling, Loads loads, long turn, int... weights) {
        return schedule(scheduling, false, weights).pick(loads, Candidates.ALL, turn);
    }

    private static long[] deal(Scheduling scheduling, int turns, Eligibility eligibility, int... weights) {
        LeastPick schedule = schedule(scheduling, true, weights);
        Loads loads = new Loads();
        long[] counts = new long[weights.length];
        for (int turn = 0; turn < turns; turn++) {
            int pick = schedule.pick(loads, eligibility, turn);
            loads.forwarded[pick]++;
            counts[pick]++;
        }
        return counts;
    }

    private static LeastPick schedule(Scheduling scheduling, boolean onePacket, int... weights) {
        return (LeastPick) Schedule.compile(scheduling, Candidates.weighing(weights), onePacket, false);
    }
}
