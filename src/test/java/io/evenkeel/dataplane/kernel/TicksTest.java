package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TicksTest {
    private static final int WRAP = 1 << 24;

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1", // rounded up: nothing lives shorter than was asked for
        "268435456, 1",
        "268435457, 2",
        "1000000000, 4",
        "2000000000, 8",
        "300000000000, 1118",
    })
    void aDurationIsRoundedUpToTicks(long nanos, int ticks) {
        assertThat(Ticks.of(nanos)).isEqualTo(ticks);
    }

    @Test
    void whatIsLongerThanCanBeToldIsAsLongAsCanBeTold() {
        int most = Ticks.of(Duration.ofDays(400).toNanos());
        assertThat(most).isLessThan(WRAP - 16);
        assertThat(Ticks.of(Duration.ofDays(53).toNanos())).isEqualTo(most);
        assertThat(Ticks.of(Duration.ofDays(52).toNanos())).isLessThan(most);
        assertThat(Ticks.of(Long.MAX_VALUE)).isEqualTo(most);
    }

    @ParameterizedTest
    @CsvSource({
        "100, 100, 0",
        "100, 99, 1",
        "100, 104, 0", // another processor's clock is a little ahead
        "100, 116, 0",
        "100, 117, 16777199",
        "5, 16777210, 11", // across the wrap
        "16777215, 3, 0",
        "0, 1, 0"
    })
    void anAgeCountsAcrossTheWrapAndIsNeverNegative(int now, int then, int age) {
        assertThat(Ticks.age(now, then)).isEqualTo(age);
    }

    @Test
    void theTickOfATimeWraps() {
        assertThat(Ticks.at(0)).isZero();
        assertThat(Ticks.at((1L << 28) - 1)).isZero();
        assertThat(Ticks.at(1L << 28)).isEqualTo(1);
        assertThat(Ticks.at(((long) WRAP << 28) + (5L << 28))).isEqualTo(5);
    }
}
