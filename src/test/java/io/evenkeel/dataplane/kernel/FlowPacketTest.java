package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tracked flows through the real program: they stick, end, move, and are counted as their realservers' load. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class FlowPacketTest {
    private static final int SERVERS = 3;
    private static final Duration LIFE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static ProgramRig rig;

    @BeforeAll
    static void load() {
        rig = ProgramRig.load(directory);
    }

    @AfterAll
    static void unload() {
        rig.close();
    }

    @BeforeEach
    void serve() {
        rig.reset();
        rig.commit(
                new Serving(0, "198.18.0.2:514").life(LIFE),
                new Serving(1, "[2001:db8::2]:514").life(LIFE),
                new Serving(2, "198.18.0.3:514").tcp());
        for (int service = 0; service < 3; service++) {
            for (int i = 0; i < SERVERS; i++) rig.flip(new ServerFlip(service, i, Usability.OPEN, 0));
        }
    }

    private static Frame frame(int service, int port) {
        return switch (service) {
            case 0 -> new Frame().from("198.18.0.1:" + port);
            case 1 -> Frame.v6().from("[2001:db8::1]:" + port);
            default ->
                new Frame().from("198.18.0.1:" + port).to("198.18.0.3:514").tcp(Frame.SYN);
        };
    }

    /** The slot of the realserver that it goes to; −1: it is not forwarded. */
    private static int send(int service, int port) {
        TestRun run = rig.run(frame(service, port));
        if (run.answer() != ProgramRig.REDIRECT) return -1;
        return run.packet()[5] - 1; // the MAC address of the way
    }

    private static int slotOf(int service, Flow flow) {
        for (int i = 0; i < SERVERS; i++) if (rig.number(service, i) == flow.owner()) return i;
        throw new AssertionError("nobody's: " + flow);
    }

    private static void assertLoadsAreTheFlows() {
        for (int service = 0; service < 3; service++) {
            for (int i = 0; i < SERVERS; i++) {
                int number = rig.number(service, i);
                List<Flow> its = rig.flows().stream()
                        .filter(flow -> flow.owner() == number && flow.state() != FlowState.NOTE)
                        .toList();
                long active = its.stream().filter(flow -> flow.state().active()).count();
                assertThat(rig.load(number, "active"))
                        .as("active of %d/%d", service, i)
                        .isEqualTo(active);
                assertThat(rig.load(number, "inactive"))
                        .as("inactive of %d/%d", service, i)
                        .isEqualTo(its.size() - active);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFlowStaysWithItsRealserver(int service) {
        int first = send(service, 40_000);
        for (int i = 0; i < 10; i++) assertThat(send(service, 40_000)).isEqualTo(first);
        Flow flow = rig.flow();
        assertThat(flow.state()).isEqualTo(FlowState.UDP);
        assertThat(flow.port()).isEqualTo(40_000);
        assertThat(flow.wide()).isEqualTo(service == 1);
        assertThat(slotOf(service, flow)).isEqualTo(first);
        assertThat(send(service, 40_001)).as("another port is another flow").isEqualTo((first + 1) % SERVERS);
        assertThat(rig.flows()).hasSize(2);
        assertLoadsAreTheFlows();
        ServiceCounters counters = rig.counters(service, SERVERS);
        assertThat(counters.received()).isEqualTo(12);
        assertThat(counters.imbalance()).isZero();
        assertThat(counters.flowsMoved()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFlowThatIdledTooLongBeginsAnew(int service) {
        int first = send(service, 40_000);
        rig.ageAll(LIFE.minusMillis(600));
        assertThat(send(service, 40_000)).isEqualTo(first);
        assertThat(Ticks.age(Ticks.at(System.nanoTime()), rig.flow().last()))
                .as("renewed")
                .isLessThan(3);
        rig.ageAll(LIFE.plusMillis(600));
        assertThat(send(service, 40_000)).isEqualTo((first + 1) % SERVERS);
        assertThat(rig.counters(service, SERVERS).flowsMoved())
                .as("it ended by itself")
                .isZero();
        rig.flow();
        assertLoadsAreTheFlows();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void theFlowOfAFailedRealserverMovesOnItsNextPacketAndStays(int service) {
        int first = send(service, 40_000);
        rig.flip(new ServerFlip(service, first, Usability.SHUT, 1));
        int second = send(service, 40_000);
        assertThat(second).isNotEqualTo(first).isNotNegative();
        assertThat(rig.counters(service, SERVERS).flowsMoved()).isEqualTo(1);
        rig.flip(new ServerFlip(service, first, Usability.OPEN, 1));
        assertThat(send(service, 40_000)).isEqualTo(second);
        assertThat(rig.counters(service, SERVERS).flowsMoved()).isEqualTo(1);
        assertLoadsAreTheFlows();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFlowOfAnOlderGenerationMovesEvenWhenItsRealserverIsBack(int service) {
        int first = send(service, 40_000);
        rig.flip(new ServerFlip(service, first, Usability.SHUT, 1));
        rig.flip(new ServerFlip(service, first, Usability.OPEN, 1));
        int generation = rig.flow().generation();
        send(service, 40_000);
        assertThat(rig.counters(service, SERVERS).flowsMoved()).isEqualTo(1);
        if (slotOf(service, rig.flow()) == first)
            assertThat(rig.flow().generation()).isNotEqualTo(generation);
        int now = slotOf(service, rig.flow());
        for (int i = 0; i < 5; i++) assertThat(send(service, 40_000)).isEqualTo(now);
        assertLoadsAreTheFlows();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void oneThatIsHeldKeepsItsFlowsAndGetsNoNewOnes(int service) {
        int first = send(service, 40_000);
        rig.flip(new ServerFlip(service, first, Usability.HOLDING, 0));
        for (int i = 1; i <= 4; i++) { // more might not fit into the few buckets of this table
            assertThat(send(service, 40_000)).isEqualTo(first);
            assertThat(send(service, 40_000 + i)).isNotEqualTo(first).isNotNegative();
        }
        assertThat(rig.counters(service, SERVERS).flowsMoved()).isZero();
    }

    @Test
    void aSuspectKeepsItsFlows() {
        int first = send(0, 40_000);
        rig.flip(new ServerFlip(0, first, Usability.SUSPECT, 0));
        assertThat(send(0, 40_000)).isEqualTo(first);
        for (int i = 1; i < 6; i++) assertThat(send(0, 40_000 + i)).isNotEqualTo(first);
    }

    @Test
    void aFlowWithNobodyToGoToIsDroppedAndFindsTheNextWhoComes() {
        int first = send(0, 40_000);
        for (int i = 0; i < SERVERS; i++) rig.flip(new ServerFlip(0, i, Usability.SHUT, 1));
        assertThat(send(0, 40_000)).isEqualTo(-1);
        assertThat(rig.counters(0, SERVERS).drops()).containsExactly(Map.entry(DropReason.NO_REALSERVER, 1L));
        rig.flip(new ServerFlip(0, first, Usability.OPEN, 1));
        assertThat(send(0, 40_000)).isEqualTo(first);
        assertThat(rig.counters(0, SERVERS).flowsMoved()).isEqualTo(1);
        assertLoadsAreTheFlows();
    }

    @Test
    void aFlowWhoseWayIsLostStaysWhereItIs() {
        int first = send(0, 40_000);
        rig.forgetWay(rig.number(0, first));
        assertThat(send(0, 40_000)).isEqualTo(-1);
        assertThat(rig.counters(0, SERVERS).drops()).containsExactly(Map.entry(DropReason.NO_ROUTE, 1L));
        assertThat(slotOf(0, rig.flow())).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFullTableIsADropWithThatReasonAndTakesNoLoad(int service) {
        int sent = 0;
        while (rig.counters(service, SERVERS).drops().isEmpty()) {
            send(service, 1_024 + sent++);
            assertThat(sent).isLessThan(10_000);
        }
        assertThat(rig.counters(service, SERVERS).drops()).containsExactly(Map.entry(DropReason.FLOW_TABLE_FULL, 1L));
        int full = 1_024 + sent - 1;
        assertThat(rig.counters(service, SERVERS).imbalance()).isZero();
        assertThat(rig.flows()).hasSize(sent - 1);
        assertLoadsAreTheFlows();
        assertThat(rig.explain(frame(service, full)))
                .as("explained too")
                .satisfies(ProgramRig.dropped(service, DropReason.FLOW_TABLE_FULL));
        rig.ageAll(LIFE.plusSeconds(1));
        assertThat(send(service, full)).as("the place of one that is over").isNotNegative();
        assertLoadsAreTheFlows();
    }

    @Test
    void halfOpenConnectionsGiveWayToNewcomersAndEstablishedOnesDoNot() {
        int places = rig.sizes().flows();
        for (int i = 0; i < 4 * places; i++) assertThat(send(2, 1_024 + i)).isNotNegative();
        assertThat(rig.flows()).allMatch(flow -> flow.state() == FlowState.TCP_SYN_RECV);
        assertLoadsAreTheFlows();
        for (Flow flow : rig.flows()) rig.run(frame(2, flow.port()).tcp(Frame.ACK));
        assertThat(rig.flows()).allMatch(flow -> flow.state() == FlowState.TCP_ESTABLISHED);
        List<Flow> before = rig.flows();
        int refused = 0;
        for (int i = 0; i < 4 * places; i++) if (send(2, 30_000 + i) < 0) refused++;
        assertThat(rig.counters(2, SERVERS).drops())
                .containsExactly(Map.entry(DropReason.FLOW_TABLE_FULL, (long) refused));
        assertThat(refused).isPositive();
        assertThat(rig.flows())
                .extracting(Flow::port)
                .containsAll(before.stream().map(Flow::port).toList());
        assertLoadsAreTheFlows();
    }

    @Test
    void oneThatIsOverGivesWayBeforeOneThatIsHalfOpen() {
        for (int i = 0; i < 6 * rig.sizes().flows(); i++) send(2, 1_024 + i);
        List<Flow> full = rig.flows();
        assertThat(full).hasSizeGreaterThan(rig.sizes().flows() / 2);
        for (int nth = 0; nth < 4; nth++) {
            for (Flow flow : rig.flows()) {
                boolean over = flow.at() / Abi.FLOW.byteSize() % 4 == nth;
                if (over) rig.age(flow, Duration.ofSeconds(62));
                else rig.state(flow, FlowState.TCP_SYN_RECV.number());
            }
            List<Integer> live = rig.flows().stream()
                    .filter(flow -> Ticks.age(Ticks.at(System.nanoTime()), flow.last()) < 8)
                    .map(Flow::port)
                    .toList();
            assertThat(send(2, 50_000 + nth)).isNotNegative();
            assertThat(rig.flows()).extracting(Flow::port).as("place %d", nth).containsAll(live);
        }
        assertLoadsAreTheFlows();
    }

    @Test
    void anotherTableKeepsFlowsAndTheirRealservers() {
        int first = send(0, 40_000);
        rig.commit(new Serving(0, "198.18.0.2:514").life(LIFE).weights(5, 2, 1, 9));
        for (int i = 0; i < 5; i++) assertThat(send(0, 40_000)).isEqualTo(first);
        assertThat(rig.counters(0, SERVERS).flowsMoved()).isZero();
    }

    @Test
    void theFlowOfARealserverThatLeftTheTableMoves() {
        rig.commit(new Serving(0, "198.18.0.2:514").life(LIFE).weights(0, 0, 1));
        assertThat(send(0, 40_000)).isEqualTo(2);
        int owner = rig.flow().owner();
        rig.commit(new Serving(0, "198.18.0.2:514").life(LIFE).weights(1, 1));
        assertThat(send(0, 40_000)).isBetween(0, 1);
        assertThat(rig.flow().owner()).isNotEqualTo(owner);
        assertThat(rig.counters(0, SERVERS).flowsMoved()).isEqualTo(1);
        for (int i = 0; i < 2; i++) {
            boolean its = rig.number(0, i) == rig.flow().owner();
            assertThat(rig.load(rig.number(0, i), "inactive")).isEqualTo(its ? 1 : 0);
        }
        assertThat(rig.load(owner, "inactive"))
                .as("what the one that left carries")
                .isZero();
    }

    @Test
    void aServiceThatBecomesOnePacketTakesItsFlowsOffTheLoad() {
        for (int port = 0; port < 6; port++) send(0, 40_000 + port);
        // Another service with the same realservers: clients are noted.
        rig.commit(
                new Serving(0, "198.18.0.2:514").life(LIFE).onePacket(),
                new Serving(3, "198.18.0.4:514").life(LIFE).onePacket());
        for (int port = 0; port < 6; port++) assertThat(send(0, 40_000 + port)).isNotNegative();
        assertThat(rig.flows()).hasSize(6).allMatch(flow -> flow.state() == FlowState.NOTE && flow.owner() == 0);
        for (int i = 0; i < SERVERS; i++)
            assertThat(rig.load(rig.number(0, i), "inactive")).isZero();
        rig.commit(new Serving(0, "198.18.0.2:514").life(LIFE));
        for (int port = 0; port < 6; port++) assertThat(send(0, 40_000 + port)).isNotNegative();
        assertThat(rig.flows()).hasSize(6).allMatch(flow -> flow.state() == FlowState.UDP);
        assertThat(rig.counters(0, SERVERS).flowsMoved())
                .as("a note is no flow that moves")
                .isZero();
    }

    /** Two CPUs begin, renew, move and end flows at once while a third thread sweeps. */
    @Test
    void loadsAreRightWhateverTwoProcessorsDoAtOnce() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        rig.commit(
                new Serving(0, "198.18.0.2:514").life(LIFE).by(new Scheduling.WeightedLeastConnection()),
                new Serving(1, "[2001:db8::2]:514").life(LIFE),
                new Serving(2, "198.18.0.3:514").tcp());
        List<Thread> threads = new ArrayList<>();
        CountDownLatch ready = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            threads.add(Thread.ofPlatform().start(() -> {
                ready.countDown();
                for (int n = 0; n < 20_000; n++) {
                    Frame frame = frame(random.nextInt(3), 40_000 + random.nextInt(64)); // more than there is room for
                    if (random.nextInt(3) > 0 && frame.toString().startsWith("tcp")) {
                        frame.tcp(1 << random.nextInt(5));
                    }
                    rig.run(frame);
                }
            }));
        }
        ready.await();
        SplittableRandom random = new SplittableRandom(seed - 1);
        for (int generation = 1; threads.stream().anyMatch(Thread::isAlive); generation++) {
            int service = random.nextInt(3);
            int server = random.nextInt(SERVERS);
            rig.flip(new ServerFlip(service, server, Usability.SHUT, generation));
            Thread.sleep(1);
            rig.flip(new ServerFlip(service, server, Usability.OPEN, generation));
            rig.ageSome(random, Duration.ofSeconds(1_000));
            rig.sweep();
        }
        for (Thread thread : threads) thread.join();
        assertLoadsAreTheFlows();
        rig.ageAll(Duration.ofSeconds(1_000));
        rig.sweep();
        assertThat(rig.flows()).isEmpty();
        assertLoadsAreTheFlows();
        for (int service = 0; service < 3; service++) {
            assertThat(rig.counters(service, SERVERS).imbalance()).isZero();
        }
    }
}
