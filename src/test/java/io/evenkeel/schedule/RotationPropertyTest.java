package io.evenkeel.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Scheduling;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promise of the rotation: every prefix is fair, every period exact, and rounding stays within its bound. */
class RotationPropertyTest {
    private static final int WEIGHT_SETS = 4_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "1,1,1",
                "5,3,2",
                "24,24,1,1,1",
                "11,3,1,7,1,3,3,11,1,8,1",
                "1,1,1,1,1,1,1,1,1,1000",
                "4095,1",
                "8191,1",
                "0,7,0,3",
                "100,200,300"
            })
    void everyPrefixIsLessThanOnePickFromItsShare(String weights) {
        check(Arrays.stream(weights.split(",")).mapToInt(Integer::parseInt).toArray());
    }

    @Test
    void everyPrefixOfThousandsOfWeightSetsIsLessThanOnePickFromItsShare() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int set = 0; set < WEIGHT_SETS; set++) {
            int[] weights = new int[random.nextInt(1, 16)];
            int most = 1 << random.nextInt(0, 9);
            for (int i = 0; i < weights.length; i++) weights[i] = random.nextInt(0, most + 1);
            check(weights);
        }
    }

    @Test
    void whatIsWrittenOutForLookingUpAgreesWithThePick() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int set = 0; set < WEIGHT_SETS; set++) {
            int[] weights = new int[random.nextInt(1, 16)];
            int most = 1 << random.nextInt(0, set % 50 == 0 ? 20 : 9); // beyond 8,192 some have no slot at all
            for (int i = 0; i < weights.length; i++) weights[i] = random.nextInt(0, most + 1);
            Rotation rotation = rotation(weights);
            long out = random.nextLong();
            Schedule.Eligibility some = index -> (out >>> index & 1) == 0;
            for (int i = 0; i < 200 && rotation.length() > 0; i++) {
                long turn = random.nextLong(1L << 40);
                assertThat(lookUp(rotation, turn, some)).isEqualTo(rotation.pick(turn, some));
            }
        }
    }

    /** As the kernel plane's program does it. */
    private static int lookUp(Rotation rotation, long turn, Schedule.Eligibility who) {
        char[] dealt = rotation.dealt(who);
        if (dealt.length == 0) return Schedule.NONE;
        int slot = (int) (turn % rotation.length());
        int candidate = rotation.candidateAt(slot);
        if (who.usable(candidate)) return candidate;
        long nth = turn / rotation.length() * rotation.slotsOf(candidate) + rotation.ordinalAt(slot);
        return dealt[(int) (nth % dealt.length)];
    }

    @Test
    void roundingStaysBelowOneIn8192ForAnyWeights() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int rounded = 0;
        for (int set = 0; set < 300; set++) {
            int[] weights = new int[random.nextInt(2, 200)];
            int most = 1 << random.nextInt(8, 31);
            for (int i = 0; i < weights.length; i++) weights[i] = random.nextInt(1, most);
            Rotation rotation = rotation(weights);
            if (rotation.exact()) continue;
            rounded++;
            long sum = Arrays.stream(weights).asLongStream().sum();
            long[] slots = slots(rotation, weights.length);
            for (int i = 0; i < weights.length; i++) {
                double error = Math.abs(slots[i] / (double) rotation.length() - weights[i] / (double) sum);
                assertThat(error).as("share of %s in %s", i, weights).isLessThan(1.0 / 8_192);
            }
        }
        assertThat(rounded).as("sets that needed rounding").isGreaterThan(100);
    }

    private static void check(int[] weights) {
        Rotation rotation = rotation(weights);
        long sum = Arrays.stream(weights).asLongStream().sum();
        if (sum == 0) {
            assertThat(rotation.length()).isZero();
            return;
        }
        int gcd = Arrays.stream(weights).reduce(0, (a, b) -> {
            while (b != 0) {
                int rest = a % b;
                a = b;
                b = rest;
            }
            return a;
        });
        assertThat(rotation.length()).isEqualTo((int) (sum / gcd));
        assertThat(rotation.exact()).isTrue();
        long[] picks = new long[weights.length];
        for (int turn = 0; turn < rotation.length(); turn++) {
            picks[rotation.pick(turn, Candidates.ALL)]++;
            for (int i = 0; i < weights.length; i++) {
                long error = picks[i] * sum - (turn + 1L) * weights[i]; // in units of 1/sum pick
                if (Math.abs(error) >= sum) {
                    throw new AssertionError("after " + (turn + 1) + " turns over " + Arrays.toString(weights)
                            + " candidate " + i + " is " + error / (double) sum + " picks from its share");
                }
            }
        }
        for (int i = 0; i < weights.length; i++) assertThat(picks[i]).isEqualTo(weights[i] / gcd);
    }

    private static long[] slots(Rotation rotation, int candidates) {
        long[] slots = new long[candidates];
        for (int slot = 0; slot < rotation.length(); slot++) slots[rotation.candidateAt(slot)]++;
        return slots;
    }

    private static Rotation rotation(int... weights) {
        return (Rotation)
                Schedule.compile(new Scheduling.WeightedRoundRobin(), Candidates.weighing(weights), false, false);
    }
}
