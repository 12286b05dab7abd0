package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small rules of the plane that are pure. */
class BoundsTest {

    @ParameterizedTest
    @CsvSource({"28232, 0, 25408", "28232, 1, 25408", "28232, 2, 50816", "1000, 0, 900", "65535, 60000, 2147483647"})
    void backPortsLeaveATenthOfThePortsOfEachAddress(int range, int addresses, int expected) {
        assertThat(ReplyPorts.mostWithin(range, addresses)).isEqualTo(expected);
    }

    @Test
    void kernelDropsAreCountedOnceAndAcrossTheWrap() {
        KernelDrops drops = new KernelDrops();
        assertThat(drops.more(0)).isZero();
        assertThat(drops.more(5)).isEqualTo(5);
        assertThat(drops.more(3)).as("an older reading").isZero();
        assertThat(drops.more(7)).isEqualTo(2);
        KernelDrops wrapping = new KernelDrops();
        assertThat(wrapping.more(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(wrapping.more(-2)).isEqualTo(Integer.MAX_VALUE);
        assertThat(wrapping.more(3)).isEqualTo(5);
    }

    @Test
    void theUpperThresholdHoldsUntilTheLowerIsPassed() {
        ServerLoad load = new ServerLoad();
        load.thresholds(List.of(server(0, 4, 2), server(1, 8, 0), server(2, 0, 0)));
        for (int i = 0; i < 4; i++) load.begin(0);
        assertThat(load.overloaded(0)).isTrue();
        load.end(0);
        load.end(0);
        assertThat(load.overloaded(0)).as("2 flows are not below 2").isTrue();
        load.end(0);
        assertThat(load.overloaded(0)).isFalse();

        for (int i = 0; i < 8; i++) load.begin(1);
        assertThat(load.overloaded(1)).isTrue();
        load.end(1);
        load.end(1);
        assertThat(load.overloaded(1)).as("6 of 8 are not below three quarters").isTrue();
        load.end(1);
        assertThat(load.overloaded(1)).isFalse();

        for (int i = 0; i < 100; i++) load.begin(2);
        assertThat(load.overloaded(2)).as("no threshold").isFalse();
        load.thresholds(List.of(server(2, 50, 0)));
        assertThat(load.overloaded(2)).as("one comes with a table").isTrue();
        load.thresholds(List.of(server(2, 0, 0)));
        assertThat(load.overloaded(2)).isFalse();
    }

    private static ForwardedServer server(int slot, int upper, int lower) {
        return new ForwardedServer(
                slot, Endpoint.of("192.0.2.1:53"), new Forwarding.Nat(), 1, Usability.OPEN, 1, upper, lower);
    }
}
