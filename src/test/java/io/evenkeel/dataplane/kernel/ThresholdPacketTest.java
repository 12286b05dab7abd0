package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.dataplane.kernel.ProgramRig.Flow;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.model.Scheduling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Thresholds through the real program: who is full gets no new flows, and keeps those that it has. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class ThresholdPacketTest {
    private static final int SERVERS = 3;
    private static final Duration LIFE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static ProgramRig rig;
    private int port;

    @BeforeAll
    static void load() {
        rig = ProgramRig.load(directory, ProgramRig.ROOMY);
    }

    @AfterAll
    static void unload() {
        rig.close();
    }

    @BeforeEach
    void forget() {
        rig.reset();
        port = 1_024;
    }

    private static Serving serving(Scheduling scheduling, int upper, int lower) {
        return new Serving(0, "198.18.0.2:514").life(LIFE).by(scheduling).thresholds(upper, lower);
    }

    /** The slot of the realserver that a new client goes to; −1: nobody. What is explained is what happens. */
    private int sendNew() {
        Frame frame = new Frame().from("198.18.0.1:" + port++);
        Explained told = rig.explain(frame);
        TestRun run = rig.run(frame);
        if (run.answer() != ProgramRig.REDIRECT) {
            assertThat(told).isInstanceOf(Explained.Dropped.class);
            return -1;
        }
        int slot = run.packet()[5] - 1;
        assertThat(told)
                .isInstanceOfSatisfying(
                        Explained.Forwarded.class,
                        forwarded -> assertThat(forwarded.server()).isEqualTo(rig.number(0, slot)));
        return slot;
    }

    private static long carried(int server) {
        return rig.flows().stream()
                .filter(flow -> flow.owner() == rig.number(0, server))
                .count();
    }

    static Stream<Scheduling> spreading() {
        return Stream.of(
                new Scheduling.RoundRobin(),
                new Scheduling.WeightedRoundRobin(),
                new Scheduling.SourceHash(true, true),
                new Scheduling.Maglev(true, true),
                new Scheduling.LeastConnection(),
                new Scheduling.WeightedLeastConnection(),
                new Scheduling.ShortestExpectedDelay(),
                new Scheduling.NeverQueue(),
                new Scheduling.WeightedFailover(),
                new Scheduling.Overflow());
    }

    @ParameterizedTest
    @MethodSource("spreading")
    void everyoneFillsUpToItsThresholdAndThenClientsAreRefused(Scheduling scheduling) {
        rig.commit(serving(scheduling, 4, 0));
        for (int i = 0; i < 4 * SERVERS; i++)
            assertThat(sendNew()).as("client %d", i).isNotNegative();
        for (int i = 0; i < SERVERS; i++)
            assertThat(carried(i)).as("flows of %d", i).isEqualTo(4);
        assertThat(sendNew()).isEqualTo(-1);
        assertThat(rig.counters(0, SERVERS).drops()).containsExactly(Map.entry(DropReason.OVERLOADED, 1L));
        assertThat(rig.counters(0, SERVERS).imbalance()).isZero();
        assertThat(rig.run(new Frame().from("198.18.0.1:1024")).answer())
                .as("a flow that is there goes on")
                .isEqualTo(ProgramRig.REDIRECT);
    }

    /** Without its fallback a hash refuses the clients of who is full, and nobody else's. */
    @Test
    void aHashWithoutFallbackRefusesTheClientsOfWhoIsFull() {
        rig.commit(serving(new Scheduling.SourceHash(true, false), 2, 0));
        Set<Integer> full = new HashSet<>();
        int some = 0;
        int all = 0;
        for (int i = 0; i < 60; i++) {
            int slot = sendNew();
            if (slot >= 0) assertThat(full).doesNotContain(slot);
            else if (full.size() < SERVERS) some++;
            else all++;
            for (int server = 0; server < SERVERS; server++) if (carried(server) == 2) full.add(server);
        }
        assertThat(rig.flows()).hasSize(2 * SERVERS);
        assertThat(some).isPositive();
        assertThat(rig.counters(0, SERVERS).drops())
                .containsOnly(
                        Map.entry(DropReason.NO_REALSERVER, (long) some), Map.entry(DropReason.OVERLOADED, (long) all));
    }

    /** upper, lower; flows that remain when it returns: below lower, or below ¾ of upper. */
    static Stream<int[]> bounds() {
        return Stream.of(
                new int[] {4, 2, 1},
                new int[] {4, 1, 0},
                new int[] {4, 0, 2},
                new int[] {8, 0, 5},
                new int[] {3, 0, 2},
                new int[] {2, 0, 1},
                new int[] {1, 0, 0});
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void whoWasFullReturnsWhenItHasSunkBelowItsLowerThreshold(int[] bounds) {
        rig.commit(serving(new Scheduling.RoundRobin(), bounds[0], bounds[1]).weights(1));
        for (int i = 0; i < bounds[0]; i++) assertThat(sendNew()).isZero();
        for (int left = bounds[0]; left > bounds[2]; left--) {
            assertThat(sendNew()).as("with %d", left).isEqualTo(-1);
            Flow one = rig.flows().getFirst();
            rig.age(one, LIFE.plusSeconds(3));
            assertThat(rig.sweep()).isEqualTo(1);
        }
        assertThat(sendNew()).as("with %d", bounds[2]).isZero();
    }

    @Test
    void oneThatIsNotFullTakesWhatTheOthersCannot() {
        rig.commit(serving(new Scheduling.RoundRobin(), 0, 0));
        rig.commit(ProgramRig.withThresholds(
                serving(new Scheduling.RoundRobin(), 0, 0).build(), 2, 2, 0));
        int[] seen = new int[SERVERS];
        for (int i = 0; i < 20; i++) seen[sendNew()]++;
        assertThat(seen).containsExactly(2, 2, 16);
    }

    @Test
    void anotherTableCountsWithItsOwnThresholds() {
        rig.commit(serving(new Scheduling.RoundRobin(), 2, 0));
        for (int i = 0; i < 2 * SERVERS; i++) assertThat(sendNew()).isNotNegative();
        assertThat(sendNew()).isEqualTo(-1);
        rig.commit(serving(new Scheduling.RoundRobin(), 4, 0));
        for (int i = 0; i < 2 * SERVERS; i++) assertThat(sendNew()).as("higher").isNotNegative();
        assertThat(sendNew()).isEqualTo(-1);
        rig.commit(serving(new Scheduling.RoundRobin(), 0, 0));
        assertThat(sendNew()).as("none").isNotNegative();
        rig.commit(serving(new Scheduling.RoundRobin(), 3, 0));
        assertThat(sendNew()).as("lower than what they carry").isEqualTo(-1);
    }

    @Test
    void aFlowThatMovesCountsWhereItGoes() {
        rig.commit(serving(new Scheduling.RoundRobin(), 2, 0));
        for (int i = 0; i < 2 * SERVERS; i++) sendNew();
        rig.flip(new ServerFlip(0, 0, Usability.SHUT, 1));
        Flow of = rig.flows().stream()
                .filter(flow -> flow.owner() == rig.number(0, 0))
                .findFirst()
                .orElseThrow();
        assertThat(rig.run(new Frame().from("198.18.0.1:" + of.port())).answer())
                .isIn(ProgramRig.TX, ProgramRig.DROP);
        assertThat(rig.counters(0, SERVERS).drops()).containsExactly(Map.entry(DropReason.OVERLOADED, 1L));
    }

    @Test
    void whereNobodyWasFullTheReasonIsThatNobodyCanBeUsed() {
        rig.commit(serving(new Scheduling.SourceHash(true, false), 100, 0));
        rig.flip(new ServerFlip(0, 0, Usability.SHUT, 1));
        int refused = 0;
        for (int i = 0; i < 30; i++) if (sendNew() < 0) refused++;
        assertThat(refused).isPositive();
        assertThat(rig.counters(0, SERVERS).drops())
                .containsExactly(Map.entry(DropReason.NO_REALSERVER, (long) refused));
    }
}
