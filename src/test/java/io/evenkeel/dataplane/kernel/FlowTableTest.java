package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.kernel.ProgramRig.Flow;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The flow table from Java's side: what is freed, and what goes along when services come to share realservers. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class FlowTableTest {
    private static final int SERVERS = 3;
    private static final int FLOWS = 24;
    private static final Duration LIFE = Duration.ofSeconds(30);
    private static final MapSizes SIZES = new MapSizes(16, 64, 32_768, 1_024, 1_024);

    @TempDir
    static Path directory;

    private static ProgramRig rig;

    @BeforeAll
    static void load() {
        rig = ProgramRig.load(directory, SIZES);
    }

    @AfterAll
    static void unload() {
        rig.close();
    }

    /** Two services with realservers of their own; to begin with they share nothing. */
    @BeforeEach
    void serve() {
        rig.reset();
        rig.commit(new Serving[0]); // so that groups are numbered anew
        rig.commit(apart(false, 0), apart(false, 1), apart(true, 2), apart(true, 3));
    }

    private static Serving apart(boolean v6, int slot) {
        return new Serving(slot, vip(v6, slot)).life(LIFE).firstServer(10 * (slot % 2));
    }

    private static String vip(boolean v6, int slot) {
        return (v6 ? "[2001:db8::" + (2 + slot) + "]" : "198.18.0." + (2 + slot)) + ":514";
    }

    private static Frame frame(boolean v6, int slot, int port) {
        return (v6 ? Frame.v6() : new Frame())
                .from((v6 ? "[2001:db8::1]:" : "198.18.0.1:") + port)
                .to(vip(v6, slot));
    }

    private static int send(boolean v6, int slot, int port) {
        assertThat(rig.run(frame(v6, slot, port)).answer()).isEqualTo(ProgramRig.REDIRECT);
        Flow its = rig.flows().stream()
                .filter(flow -> flow.wide() == v6 && flow.port() == port)
                .filter(flow -> owner(slot, flow) >= 0)
                .findFirst()
                .orElseThrow();
        return owner(slot, its);
    }

    private static int owner(int slot, Flow flow) {
        for (int i = 0; i < SERVERS; i++) if (rig.number(slot, i) == flow.owner()) return i;
        return -1;
    }

    private static void assertLoads(int slot) {
        for (int i = 0; i < SERVERS; i++) {
            int number = rig.number(slot, i);
            long its =
                    rig.flows().stream().filter(flow -> flow.owner() == number).count();
            assertThat(rig.load(number, "active")).isZero();
            assertThat(rig.load(number, "inactive"))
                    .as("%d of service %d", i, slot)
                    .isEqualTo(its);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSweeperFreesWhatIsOverALittleAfterTheProgramForgetsIt(boolean v6) {
        int slot = v6 ? 2 : 0;
        for (int i = 0; i < FLOWS; i++) send(v6, slot, 40_000 + i);
        List<Flow> flows = rig.flows();
        for (int i = 0; i < FLOWS; i++) {
            rig.age(flows.get(i), LIFE.plusMillis(i % 2 == 0 ? 1_500 : 3_000)); // the margin is 8 ticks, 2.1 s
        }
        assertThat(rig.sweep()).isEqualTo(FLOWS / 2);
        assertThat(rig.flows()).hasSize(FLOWS / 2);
        assertLoads(slot);
        rig.ageAll(LIFE.plusSeconds(3));
        assertThat(rig.sweep()).isEqualTo(FLOWS / 2);
        assertThat(rig.table().count()).isZero();
        assertLoads(slot);
    }

    @Test
    void sweepingInPartsReachesEveryPlaceOnce() {
        for (int i = 0; i < FLOWS; i++) {
            send(false, 0, 40_000 + i);
            send(true, 2, 40_000 + i);
        }
        rig.ageAll(LIFE.plusSeconds(3));
        int freed = 0;
        for (int part = 0; part < 7; part++) freed += rig.table().sweep(part, 7, Ticks.at(System.nanoTime()));
        assertThat(freed).isEqualTo(2 * FLOWS);
        assertThat(rig.table().count()).isZero();
    }

    @Test
    void theFlowsOfARemovedServiceAreFreed() {
        for (int i = 0; i < FLOWS; i++) send(false, 0, 40_000 + i);
        rig.commit(apart(false, 1));
        rig.ageAll(Duration.ofSeconds(290));
        rig.sweep();
        assertThat(rig.table().count()).as("nobody says how long they may idle").isEqualTo(FLOWS);
        rig.ageAll(Duration.ofSeconds(303));
        rig.sweep();
        assertThat(rig.table().count()).isZero();
        assertLoads(0);
    }

    /** Services that come together, and part again; with another service between, whose number one of them takes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void flowsGoAlongWhenTheirServiceComesIntoAnotherGroup(boolean v6) {
        int one = v6 ? 2 : 0;
        int two = one + 1;
        Map<Integer, Integer> before = new HashMap<>();
        for (int i = 0; i < FLOWS; i++) {
            before.put(40_000 + i, send(v6, one, 40_000 + i));
            before.put(50_000 + i, send(v6, two, 50_000 + i));
        }
        // A fourth realserver that both have: they are one group now.
        rig.commit(apart(v6, one).also(30), apart(v6, two).also(30));
        assertNothingMoved(v6, one, two, before);
        rig.commit(apart(v6, one), apart(v6, two));
        assertNothingMoved(v6, one, two, before);
    }

    private static void assertNothingMoved(boolean v6, int one, int two, Map<Integer, Integer> before) {
        assertThat(rig.flows()).hasSize(2 * FLOWS);
        assertLoads(one);
        assertLoads(two);
        for (int i = 0; i < FLOWS; i++) {
            assertThat(send(v6, one, 40_000 + i)).isEqualTo(before.get(40_000 + i));
            assertThat(send(v6, two, 50_000 + i)).isEqualTo(before.get(50_000 + i));
        }
        assertThat(rig.flows()).hasSize(2 * FLOWS);
        assertThat(rig.counters(one, SERVERS).flowsMoved()).isZero();
        assertThat(rig.counters(two, SERVERS).flowsMoved()).isZero();
    }

    /** Packets go on while flows are copied: what they make of the old place must not stay in the load. */
    @Test
    void aFlowThatIsRenewedWhileItIsCopiedCountsOnce() {
        for (int i = 0; i < FLOWS; i++) send(false, 1, 50_000 + i);
        Groups apart = Groups.NONE.of(ProgramRig.table(apart(false, 0), apart(false, 1)));
        Groups other = Groups.NONE.of(ProgramRig.table(apart(false, 1), apart(false, 0)));
        assertThat(other.of(1)).isNotEqualTo(rig.flows().getFirst().group());
        Map<Integer, Integer> from = Map.of(1, rig.flows().getFirst().group());
        assertThat(apart.of(1)).isEqualTo(from.get(1));
        FlowTable.Move move = rig.table().move(from, other);
        assertThat(rig.table().count()).isEqualTo(2 * FLOWS);
        rig.ageAll(Duration.ofSeconds(5)); // half of them are renewed before the table is in force
        for (int i = 0; i < FLOWS; i += 2) send(false, 1, 50_000 + i);
        move.finish();
        assertThat(rig.flows()).hasSize(FLOWS).allMatch(flow -> flow.group() == other.of(1));
        assertLoads(1);
        rig.ageAll(LIFE.plusSeconds(5));
        rig.sweep();
        assertThat(rig.table().count()).isZero();
        assertLoads(1);
    }

    @Test
    void aFlowThatEndsWhileItIsCopiedCountsNotAtAll() {
        for (int i = 0; i < FLOWS; i++) send(false, 1, 50_000 + i);
        Groups other = Groups.NONE.of(ProgramRig.table(apart(false, 1), apart(false, 0)));
        FlowTable.Move move = rig.table().move(Map.of(1, rig.flows().getFirst().group()), other);
        rig.ageAll(LIFE.plusSeconds(5));
        rig.sweep();
        move.finish();
        assertThat(rig.table().count()).isZero();
        assertLoads(1);
    }

    /** One processor changes the states of the few connections that another pushes out of a table with a single bucket. */
    @Test
    void aConnectionThatIsPushedOutWhileItsStateChangesLeavesNoLoad() throws Exception {
        try (ProgramRig tiny = ProgramRig.load(directory, new MapSizes(16, 64, 32_768, 4, 2))) {
            tiny.commit(new Serving(0, vip(false, 0)).tcp().weights(1));
            Thread pushing = Thread.ofPlatform().start(() -> {
                for (int n = 0; n < 60_000; n++) {
                    tiny.run(frame(false, 0, 40_000 + n % 16).tcp(Frame.SYN));
                }
            });
            for (int n = 0; pushing.isAlive(); n++) {
                tiny.run(frame(false, 0, 40_000 + n % 16).tcp(n / 16 % 2 == 0 ? Frame.FIN : Frame.RST));
            }
            pushing.join();
            long active =
                    tiny.flows().stream().filter(flow -> flow.state().active()).count();
            assertThat(tiny.load(tiny.number(0, 0), "active")).isEqualTo(active);
            assertThat(tiny.load(tiny.number(0, 0), "inactive"))
                    .isEqualTo(tiny.flows().size() - active);
        }
    }
}
