package io.evenkeel.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.lab.ScenarioRow.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class MeasurementsTest {
    private final List<ScenarioRow> rows = new ArrayList<>();
    private final Measurements measurements = new Measurements("S0", rows::add);
    private int attempts;

    @Test
    void figuresWithinTheirBoundsHold() throws Exception {
        measurements.run("socket", "loopback", "a", figures -> {
            figures.exactly("x", 3, 3);
            figures.atMost("y", 10, 10);
            figures.atLeast("z", 10, 10);
            figures.between("w", 1, 2, 2);
        });
        assertThat(rows).singleElement().extracting(ScenarioRow::outcome).isEqualTo(Outcome.HELD);
    }

    @Test
    void oneFigureOutOfBoundsFailsTheTestAndSaysWhich() {
        assertThatThrownBy(() -> measurements.run("socket", "loopback", "a", figures -> {
                    figures.exactly("fine", 3, 3);
                    figures.atMost("lost", 1_800, 1_801);
                }))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("lost 1801 (<= 1800)");
        assertThat(rows).singleElement().extracting(ScenarioRow::outcome).isEqualTo(Outcome.FAILED);
    }

    @Test
    void aFailureDuringAStallIsRepeatedAtMostTwiceAndCounted() {
        AtomicLong clock = new AtomicLong();
        long step = (Measurements.STALL_MILLIS + 3) * 1_000_000;
        Measurements stalling = new Measurements("S0", rows::add, () -> Canary.start(() -> clock.addAndGet(step)));
        assertThatThrownBy(() -> stalling.run("socket", "loopback", "a", figures -> {
                    attempts++;
                    Thread.sleep(50);
                    figures.exactly("x", 0, 1);
                }))
                .isInstanceOf(AssertionFailedError.class);
        assertThat(attempts).isEqualTo(1 + Measurements.MAX_RETRIES);
        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.outcome()).isEqualTo(Outcome.VOID);
            assertThat(row.attempts()).isEqualTo(3);
        });
    }

    @Test
    void aSkipLeavesARowWithItsReason() {
        assertThatThrownBy(() -> measurements.run("socket", "lab", "a", _ -> {
                    throw new TestAbortedException("needs uid 0");
                }))
                .isInstanceOf(TestAbortedException.class);
        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.outcome()).isEqualTo(Outcome.SKIPPED);
            assertThat(row.reason()).isEqualTo("needs uid 0");
        });
    }

    @Test
    void anErrorInTheRigIsAFailureNotAVoid() {
        assertThatThrownBy(() -> measurements.run("socket", "lab", "a", _ -> {
                    throw new java.io.IOException("no such device");
                }))
                .hasMessageContaining("no such device");
        assertThat(rows).singleElement().extracting(ScenarioRow::outcome).isEqualTo(Outcome.FAILED);
    }
}
