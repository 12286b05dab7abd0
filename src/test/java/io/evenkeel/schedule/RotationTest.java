package io.evenkeel.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.Schedule.Candidate;
import io.evenkeel.schedule.Schedule.Eligibility;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RotationTest {

    @Test
    void roundRobinFollowsTheFileAndIgnoresWeights() {
        Rotation rotation = rr(Candidates.weighing(7, 1, 3));
        assertThat(picks(rotation, 7, Candidates.ALL)).containsExactly(0, 1, 2, 0, 1, 2, 0);
    }

    @Test
    void whoHasNoWeightOrIsAbsentHasNoTurn() {
        List<Candidate> candidates = new ArrayList<>(Candidates.weighing(1, 0, 1, 1));
        candidates.set(2, new Candidate(Candidates.endpoint(2), 1, 1, false));
        assertThat(picks(rr(candidates), 4, Candidates.ALL)).containsExactly(0, 3, 0, 3);
    }

    @Test
    void nobodyWithWeightMeansNone() {
        assertThat(rr(Candidates.weighing(0, 0)).pick(5, Candidates.ALL)).isEqualTo(Schedule.NONE);
        assertThat(rr(List.of()).pick(0, Candidates.ALL)).isEqualTo(Schedule.NONE);
    }

    @Test
    void oneOfThreeUnusableLeavesExactHalves() {
        Rotation rotation = rr(Candidates.weighing(1, 1, 1));
        for (int unusable = 0; unusable < 3; unusable++) {
            long[] counts = counts(rotation, 3, 90_000, Candidates.allBut(unusable));
            for (int i = 0; i < 3; i++) assertThat(counts[i]).isEqualTo(i == unusable ? 0 : 45_000);
        }
    }

    @Test
    void severalUnusableLeaveExactPartsToTheRest() {
        long[] counts = counts(rr(Candidates.weighing(1, 1, 1, 1, 1)), 5, 5 * 3 * 100, Candidates.allBut(1, 2));
        assertThat(counts).containsExactly(500, 0, 0, 500, 500);
    }

    @Test
    void turnsOfAnUnusableOneAreDealtByWeight() {
        // 5:3:2 without the last is 5:3, exact after 8 periods of 10 turns
        long[] counts = counts(wrr(Candidates.weighing(5, 3, 2)), 3, 8 * 10, Candidates.allBut(2));
        assertThat(counts).containsExactly(50, 30, 0);
    }

    @Test
    void turnsOfAnUnusableOneDoNotComeInBursts() {
        Rotation rotation = wrr(Candidates.weighing(1000, 999, 998));
        long[] counts = counts(rotation, 3, 300, Candidates.allBut(2));
        assertThat(Math.abs(counts[0] - counts[1])).isLessThanOrEqualTo(6);
    }

    @Test
    void nobodyUsableMeansNone() {
        assertThat(rr(Candidates.weighing(1, 1)).pick(3, index -> false)).isEqualTo(Schedule.NONE);
    }

    @Test
    void weightTooSmallForASlotStillServesWhenNobodyElseCan() {
        Rotation rotation = wrr(Candidates.weighing(Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 1, 1));
        assertThat(rotation.exact()).isFalse();
        assertThat(counts(rotation, 4, 1_000, Candidates.allBut(0, 1))).containsExactly(0, 0, 500, 500);
    }

    @Test
    void turnsMayBeAsLargeAsTheyGet() {
        Rotation rotation = wrr(Candidates.weighing(5, 3, 2));
        for (long turn = Long.MAX_VALUE; turn > Long.MAX_VALUE - 100; turn--) {
            assertThat(rotation.pick(turn, Candidates.ALL)).isBetween(0, 2);
            assertThat(rotation.pick(turn, Candidates.allBut(0))).isBetween(1, 2);
        }
    }

    @Test
    void canonicalOrderDoesNotDependOnTheFile() {
        List<Candidate> forward = Candidates.weighing(5, 3, 2);
        List<Candidate> backward = forward.reversed();
        Schedule one = Schedule.compile(new Scheduling.WeightedRoundRobin(), forward, false, true);
        Schedule two = Schedule.compile(new Scheduling.WeightedRoundRobin(), backward, false, true);
        for (int turn = 0; turn < 20; turn++) {
            assertThat(forward.get(((Rotation) one).pick(turn, Candidates.ALL)))
                    .isEqualTo(backward.get(((Rotation) two).pick(turn, Candidates.ALL)));
        }
    }

    private static Rotation rr(List<Candidate> candidates) {
        return (Rotation) Schedule.compile(new Scheduling.RoundRobin(), candidates, true, false);
    }

    private static Rotation wrr(List<Candidate> candidates) {
        return (Rotation) Schedule.compile(new Scheduling.WeightedRoundRobin(), candidates, true, false);
    }

    private static List<Integer> picks(Rotation rotation, int turns, Eligibility eligibility) {
        List<Integer> picks = new ArrayList<>();
        for (int turn = 0; turn < turns; turn++) picks.add(rotation.pick(turn, eligibility));
        return picks;
    }

    private static long[] counts(Rotation rotation, int candidates, int turns, Eligibility eligibility) {
        long[] counts = new long[candidates];
        for (int turn = 0; turn < turns; turn++) counts[rotation.pick(turn, eligibility)]++;
        return counts;
    }
}
