package io.evenkeel.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.Schedule.Eligibility;
import io.evenkeel.schedule.Schedule.LoadView;
import java.lang.management.ManagementFactory;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Picks stand on the packet's way: they must not allocate. */
class PickAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int PICKS = 100_000;
    private static final long NOISE_BYTES = 4_096;

    private static final Eligibility SECOND_IS_OUT = index -> index != 1;
    private static final LoadView LOAD = new LoadView() {
        @Override
        public long active(int index) {
            return index;
        }

        @Override
        public long inactive(int index) {
            return 3L - index;
        }

        @Override
        public long forwardedLately(int index) {
            return 7;
        }
    };

    private Object escaped = "";

    @Test
    void theMeasurementSeesOneAllocationAPick() {
        assertThat(allocatedBy(turn -> {
                    escaped = new long[] {turn};
                    return 0;
                }))
                .isGreaterThan(PICKS * 16L);
        assertThat(escaped).isNotNull();
    }

    @Test
    void rotationAllocatesNothing() {
        Rotation rotation = (Rotation) compile(new Scheduling.WeightedRoundRobin());
        assertThat(allocatedBy(turn -> rotation.pick(turn, SECOND_IS_OUT))).isLessThan(NOISE_BYTES);
    }

    @Test
    void slotTablesAllocateNothing() {
        SlotTable sh = (SlotTable) compile(new Scheduling.SourceHash(true, true));
        SlotTable mh = (SlotTable) compile(new Scheduling.Maglev(true, true));
        assertThat(allocatedBy(turn -> sh.pick(false, 0, turn, 1, 0, 0, SECOND_IS_OUT)))
                .isLessThan(NOISE_BYTES);
        assertThat(allocatedBy(turn -> mh.pick(true, turn, turn, 1, 0, 0, SECOND_IS_OUT)))
                .isLessThan(NOISE_BYTES);
    }

    @Test
    void leastPickAllocatesNothing() {
        LeastPick wlc = (LeastPick) compile(new Scheduling.WeightedLeastConnection());
        LeastPick nq = (LeastPick) compile(new Scheduling.NeverQueue());
        assertThat(allocatedBy(turn -> wlc.pick(LOAD, SECOND_IS_OUT, turn))).isLessThan(NOISE_BYTES);
        assertThat(allocatedBy(turn -> nq.pick(LOAD, SECOND_IS_OUT, turn))).isLessThan(NOISE_BYTES);
    }

    private static Schedule compile(Scheduling scheduling) {
        return Schedule.compile(scheduling, Candidates.weighing(5, 3, 2), true, false);
    }

    private static long allocatedBy(LongUnaryOperator pick) {
        long sum = 0;
        for (int turn = 0; turn < PICKS; turn++) sum += pick.applyAsLong(turn);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int turn = 0; turn < PICKS; turn++) sum += pick.applyAsLong(turn);
        long after = THREADS.getCurrentThreadAllocatedBytes();
        assertThat(sum).isNotEqualTo(Long.MIN_VALUE);
        return after - before;
    }
}
