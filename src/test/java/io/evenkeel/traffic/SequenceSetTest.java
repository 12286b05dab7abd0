package io.evenkeel.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SequenceSetTest {

    @Test
    void agreesWithASetOfNumbers() {
        long seed = 20_261_121;
        SplittableRandom random = new SplittableRandom(seed);
        Set<Long> expected = new HashSet<>();
        SequenceSet set = new SequenceSet();
        for (int i = 0; i < 5_000; i++) {
            long n = random.nextLong(0, 20_000);
            assertThat(set.add(n)).as("seed %d, number %d", seed, n).isEqualTo(expected.add(n));
        }
        assertThat(set.size()).isEqualTo(expected.size());
        for (long n = -1; n < 20_100; n++) assertThat(set.contains(n)).isEqualTo(expected.contains(n));
        long between = expected.stream().filter(n -> n >= 100 && n < 7_777).count();
        assertThat(set.count(100, 7_777)).isEqualTo(between);
    }

    @Test
    void numbersOutOfRangeAreCountedNotKept() {
        SequenceSet set = new SequenceSet();
        assertThat(set.add(SequenceSet.MAX_SEQUENCES)).isFalse();
        assertThat(set.add(-1)).isFalse();
        assertThat(set.size()).isZero();
        assertThat(set.outOfRange()).isEqualTo(2);
    }

    @Test
    void aUnionCountsWhatWasInBoth() {
        SequenceSet left = new SequenceSet();
        SequenceSet right = new SequenceSet();
        for (long n = 0; n < 1_000; n++) left.add(n);
        for (long n = 900; n < 5_000; n++) right.add(n);
        assertThat(left.addAll(right)).isEqualTo(100);
        assertThat(left.size()).isEqualTo(5_000);
        assertThat(right.size()).isEqualTo(4_100);
    }

    @Test
    void aCopyDoesNotFollowItsOriginal() {
        SequenceSet original = new SequenceSet();
        original.add(1);
        SequenceSet copy = new SequenceSet(original);
        original.add(2);
        assertThat(copy.contains(2)).isFalse();
        assertThat(copy.size()).isEqualTo(1);
    }
}
