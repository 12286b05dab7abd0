package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeScheduleTest {
    private static final long MILLI = 1_000_000;

    private static NeighbourKey key(int i) {
        return new NeighbourKey(1, IpAddress.v4(0xc6120000 + i));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 100, Long.MIN_VALUE, -5})
    void probesComeInOrderOfTheirTimeWhereverTheClockBegins(long start) {
        ProbeSchedule schedule = new ProbeSchedule(start);
        schedule.first(key(2), start + 2 * MILLI);
        schedule.first(key(1), start + MILLI);
        assertThat(schedule.nanosUntilDue(start)).isEqualTo(MILLI);
        assertThat(schedule.take(start + MILLI - 1)).isNull();
        assertThat(schedule.take(start + 5 * MILLI)).isEqualTo(key(1));
        assertThat(schedule.take(start + 5 * MILLI)).isEqualTo(key(2));
        assertThat(schedule.take(start + 5 * MILLI)).isNull();
        assertThat(schedule.nanosUntilDue(start + 5 * MILLI)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theLastTimeThatWasSetCounts() {
        ProbeSchedule schedule = new ProbeSchedule(0);
        schedule.first(key(1), MILLI);
        schedule.first(key(1), 9 * MILLI);
        schedule.first(key(2), MILLI);
        schedule.remove(key(2));
        assertThat(schedule.take(2 * MILLI)).isNull();
        assertThat(schedule.take(9 * MILLI)).isEqualTo(key(1));
        assertThat(schedule.take(99 * MILLI)).isNull();
    }

    @Test
    void aBurstIsBoundAndThenTheRateIs() {
        ProbeSchedule schedule = new ProbeSchedule(0);
        int many = 3 * ProbeSchedule.BURST;
        for (int i = 0; i < many; i++) schedule.first(key(i), 0);
        assertThat(taken(schedule, 0)).isEqualTo(ProbeSchedule.BURST);
        assertThat(schedule.held()).isOne();
        assertThat(schedule.nanosUntilDue(0)).isEqualTo(1_000_000_000L / ProbeSchedule.PER_SECOND);
        assertThat(taken(schedule, 100 * MILLI)).isEqualTo(ProbeSchedule.PER_SECOND / 10);
        assertThat(taken(schedule, 60_000 * MILLI))
                .as("a rest allows no more than a burst")
                .isEqualTo(ProbeSchedule.BURST);
    }

    @Test
    void aThousandDeadNeighboursDoNotDelayANewOne() {
        ProbeSchedule schedule = new ProbeSchedule(0);
        for (int i = 0; i < 1_000; i++) schedule.again(key(i), 0);
        assertThat(taken(schedule, 0)).isEqualTo(ProbeSchedule.BURST - ProbeSchedule.RESERVED);
        schedule.first(key(5_000), 0);
        assertThat(schedule.nanosUntilDue(0)).isZero();
        assertThat(schedule.take(0)).isEqualTo(key(5_000));
        assertThat(schedule.take(0)).isNull();
        assertThat(schedule.nanosUntilDue(0)).isEqualTo(2_000_000_000L / ProbeSchedule.PER_SECOND);
    }

    @Test
    void settingAgainAndAgainDoesNotGrowIt() {
        ProbeSchedule schedule = new ProbeSchedule(0);
        for (int i = 0; i < 100_000; i++) schedule.first(key(1), 1_000 * MILLI + i);
        assertThat(schedule.queued()).isLessThan(2_000);
        assertThat(schedule.take(2_000 * MILLI)).isEqualTo(key(1));
        assertThat(schedule.take(2_000 * MILLI)).isNull();
    }

    private static int taken(ProbeSchedule schedule, long now) {
        int taken = 0;
        while (schedule.take(now) != null) taken++;
        return taken;
    }
}
