package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.dataplane.kernel.ProgramRig.Flow;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP connections through the real program: states, timeouts, load, and what begins and ends a flow. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF})
class TcpPacketTest {
    private static final int NAT = 0;
    private static final int DIRECT = 1;
    private static final int SERVERS = 3;

    @TempDir
    static Path directory;

    private static ClientNet net;
    private static ProgramRig rig;

    @BeforeAll
    static void load() {
        net = new ClientNet();
        rig = ProgramRig.load(directory).in(net);
    }

    @AfterAll
    static void unload() {
        rig.close();
        net.close();
    }

    @BeforeEach
    void serve() {
        rig.reset();
        rig.commit(
                new Serving(NAT, "198.18.0.2:514").tcp(),
                new Serving(DIRECT, "198.18.0.3:514").tcp().direct());
    }

    private static Frame toVip(int service, int flags) {
        return new Frame().to("198.18.0." + (2 + service) + ":514").tcp(flags);
    }

    /** The answer of the realserver that a flow is bound to. */
    private static Frame answer(Flow flow, int flags) {
        for (int i = 0; i < SERVERS; i++) {
            if (rig.number(NAT, i) == flow.owner()) {
                return new Frame()
                        .from(Serving.endpoint(false, i, Serving.PORT))
                        .to("198.18.0.1:40000")
                        .tcp(flags);
            }
        }
        throw new AssertionError("nobody's: " + flow);
    }

    // Linux 6, ip_vs_proto_tcp: the next state by side and event, for each state in the order of FlowState.
    private static final List<String> STATES =
            List.of("NO", "ES", "SS", "SR", "FW", "TW", "CL", "CW", "LA", "LI", "SA");

    static Stream<Arguments> rows() {
        return Stream.of(
                Arguments.of("in", Frame.SYN, "SR ES ES SR SR SR SR SR SR SR SR"),
                Arguments.of("in", Frame.FIN, "CL CW SS TW TW TW CL CW LA LI TW"),
                Arguments.of("in", Frame.ACK, "ES ES SS ES FW TW CL CW CL LI ES"),
                Arguments.of("in", Frame.RST, "CL CL CL SR CL CL CL CL LA LI SR"),
                Arguments.of("out", Frame.SYN, "SS ES SS SR SS SS SS SS SS LI SR"),
                Arguments.of("out", Frame.FIN, "TW FW SS TW FW TW CL TW LA LI TW"),
                Arguments.of("out", Frame.ACK, "ES ES SS ES FW TW CL CW LA ES ES"),
                Arguments.of("out", Frame.RST, "CL CL SS CL CL TW CL CL CL CL CL"),
                Arguments.of("in-only", Frame.SYN, "SR ES ES SR SR SR SR SR SR SR SR"),
                Arguments.of("in-only", Frame.FIN, "CL FW SS TW FW TW CL CW LA LI TW"),
                Arguments.of("in-only", Frame.ACK, "ES ES SS ES FW TW CL CW CL LI ES"),
                Arguments.of("in-only", Frame.RST, "CL CL CL SR CL CL CL CL LA LI CL"),
                Arguments.of("in", 0, "CL CL CL CL CL CL CL CL CL CL CL"),
                Arguments.of("out", Frame.PSH, "CL CL CL CL CL CL CL CL CL CL CL"),
                // RST before SYN before FIN before ACK.
                Arguments.of("in", Frame.FIN | Frame.ACK, "CL CW SS TW TW TW CL CW LA LI TW"),
                Arguments.of("in", Frame.SYN | Frame.FIN | Frame.ACK, "SR ES ES SR SR SR SR SR SR SR SR"),
                Arguments.of("in", Frame.RST | Frame.SYN | Frame.ACK, "CL CL CL SR CL CL CL CL LA LI SR"),
                Arguments.of("out", Frame.SYN | Frame.ACK, "SS ES SS SR SS SS SS SS SS LI SR"),
                Arguments.of("out", Frame.RST | Frame.ACK, "CL CL SS CL CL TW CL CL CL CL CL"),
                Arguments.of("in-only", Frame.PSH | Frame.ACK, "ES ES SS ES FW TW CL CW CL LI ES"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rows")
    void everyCellOfTheStateTable(String side, int flags, String row) {
        String[] next = row.split(" ");
        int service = side.equals("in-only") ? DIRECT : NAT;
        for (int before = 0; before < STATES.size(); before++) {
            FlowState expected = numbered(STATES.indexOf(next[before]));
            rig.reset();
            assertThat(rig.run(toVip(service, Frame.SYN)).answer()).isEqualTo(ProgramRig.REDIRECT);
            FlowState state = numbered(before);
            Flow flow = rig.flow();
            assertThat(flow.state()).isEqualTo(FlowState.TCP_SYN_RECV);
            rig.state(flow, before);
            rig.load(flow.owner(), "active", state.active() ? 1 : 0);
            rig.load(flow.owner(), "inactive", state.active() ? 0 : 1);
            Frame frame = side.equals("out") ? answer(flow, flags) : toVip(service, flags);
            String what = side + " " + state + " → " + expected;
            assertThat(rig.run(frame).answer()).as(what).isEqualTo(ProgramRig.REDIRECT);
            Flow after = rig.flow();
            assertThat(after.state()).as(what).isEqualTo(expected);
            assertThat(after.answered()).as(what).isEqualTo(side.equals("out"));
            assertLoads(service);
        }
    }

    private static FlowState numbered(int number) {
        return FlowState.of(number).orElseThrow();
    }

    /** The load that the program keeps is what its flows say. */
    private static void assertLoads(int service) {
        for (int i = 0; i < SERVERS; i++) {
            int number = rig.number(service, i);
            long active = rig.flows().stream()
                    .filter(flow -> flow.owner() == number && flow.state().active())
                    .count();
            long all =
                    rig.flows().stream().filter(flow -> flow.owner() == number).count();
            assertThat(rig.load(number, "active")).as("active of %d", i).isEqualTo(active);
            assertThat(rig.load(number, "inactive")).as("inactive of %d", i).isEqualTo(all - active);
        }
    }

    @Test
    void aConnectionGoesThroughItsStatesAndEndsAsNoLoad() {
        List<FlowState> seen = new ArrayList<>();
        rig.run(toVip(NAT, Frame.SYN));
        seen.add(rig.flow().state());
        int owner = rig.flow().owner();
        for (int flags : new int[] {
            -Frame.SYN - Frame.ACK, Frame.ACK, -Frame.ACK, Frame.FIN | Frame.ACK, -Frame.FIN - Frame.ACK, Frame.ACK
        }) {
            TestRun run = rig.run(flags < 0 ? answer(rig.flow(), -flags) : toVip(NAT, flags));
            assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
            seen.add(rig.flow().state());
            assertThat(rig.flow().owner()).isEqualTo(owner);
            assertLoads(NAT);
        }
        assertThat(seen)
                .containsExactly(
                        FlowState.TCP_SYN_RECV,
                        FlowState.TCP_SYN_RECV,
                        FlowState.TCP_ESTABLISHED,
                        FlowState.TCP_ESTABLISHED,
                        FlowState.TCP_CLOSE_WAIT,
                        FlowState.TCP_TIME_WAIT,
                        FlowState.TCP_TIME_WAIT);
        rig.ageAll(Duration.ofSeconds(120 + 5));
        assertThat(rig.sweep()).isEqualTo(1);
        assertThat(rig.flows()).isEmpty();
        assertLoads(NAT);
        ServiceCounters counters = rig.counters(NAT, SERVERS);
        assertThat(counters.received()).isEqualTo(4);
        assertThat(counters.forwarded()).isEqualTo(4);
        assertThat(counters.replies()).isEqualTo(3);
        assertThat(counters.imbalance()).isZero();
    }

    /** Seconds after which nobody knows the connection any more, on both sides of the bound; 1 s is 4 ticks. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theProgramAndTheSweeperAgreeWhenAConnectionIsOver(int number) {
        FlowState state = numbered(number);
        int[] seconds = {2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120};
        assertThat(state.seconds()).isEqualTo(seconds[number]);
        for (boolean over : new boolean[] {false, true}) {
            rig.reset();
            rig.run(toVip(NAT, Frame.SYN));
            rig.state(rig.flow(), number);
            rig.load(rig.flow().owner(), "active", state.active() ? 1 : 0);
            rig.load(rig.flow().owner(), "inactive", state.active() ? 0 : 1);
            rig.age(rig.flow(), Duration.ofSeconds(seconds[number]).plusMillis(over ? 600 : -600));
            assertThat(rig.sweep()).isZero(); // it waits a little longer than the program
            TestRun run = rig.run(toVip(NAT, Frame.ACK));
            assertThat(run.answer()).as("%s", state).isEqualTo(over ? ProgramRig.PASS : ProgramRig.REDIRECT);
            assertThat(rig.passed(PassReason.NO_FLOW)).isEqualTo(over ? 1 : 0);
            rig.age(rig.flow(), Duration.ofSeconds(900 + 5));
            assertThat(rig.sweep()).isEqualTo(1);
            assertLoads(NAT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                Frame.ACK,
                Frame.FIN,
                Frame.FIN | Frame.ACK,
                Frame.RST,
                Frame.RST | Frame.SYN,
                Frame.PSH | Frame.ACK
            })
    void onlyASynBeginsAConnection(int flags) {
        Frame frame = toVip(NAT, flags);
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
        assertThat(run.packet()).isEqualTo(frame.bytes());
        assertThat(rig.passed(PassReason.NO_FLOW)).isEqualTo(1);
        assertThat(rig.flows()).isEmpty();
        assertThat(rig.counters(NAT, SERVERS).received()).isZero();
        assertThat(rig.explain(frame)).isEqualTo(new Explained.Passed(PassReason.NO_FLOW));
    }

    @ParameterizedTest
    @ValueSource(ints = {Frame.SYN, Frame.SYN | Frame.ACK, Frame.SYN | 0xc0})
    void everySynWithoutRstBeginsOne(int flags) {
        assertThat(rig.run(toVip(NAT, flags)).answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(rig.flow().state()).isEqualTo(FlowState.TCP_SYN_RECV);
    }

    /** By state: whether a SYN from the same port is scheduled anew; IPVS's conn_reuse_mode 1, and for DR also 2. */
    @ParameterizedTest
    @ValueSource(ints = {NAT, DIRECT})
    void aPortThatIsUsedAgainGetsANewTurnOnlyWhenTheConnectionWasAsGoodAsOver(int service) {
        for (int state = 0; state < STATES.size(); state++) {
            for (boolean answered : new boolean[] {false, true}) {
                rig.reset();
                rig.run(toVip(service, Frame.SYN));
                Flow flow = rig.flow();
                rig.state(flow, state | (answered ? FlowState.ANSWERED : 0));
                rig.load(flow.owner(), "active", numbered(state).active() ? 1 : 0);
                rig.load(flow.owner(), "inactive", numbered(state).active() ? 0 : 1);
                boolean anew = state == FlowState.TCP_TIME_WAIT.number()
                        || state == FlowState.TCP_CLOSE.number()
                        || (state == FlowState.TCP_FIN_WAIT.number() && !answered);
                assertThat(rig.run(toVip(service, Frame.SYN | Frame.ACK)).answer())
                        .isEqualTo(ProgramRig.REDIRECT);
                assertThat(rig.flow().owner()).as("SYN and ACK").isEqualTo(flow.owner());
                rig.state(rig.flow(), state | (answered ? FlowState.ANSWERED : 0));
                rig.load(flow.owner(), "active", numbered(state).active() ? 1 : 0);
                rig.load(flow.owner(), "inactive", numbered(state).active() ? 0 : 1);
                assertThat(rig.run(toVip(service, Frame.SYN)).answer()).isEqualTo(ProgramRig.REDIRECT);
                // Three realservers take turns, so the next turn is never the same one's.
                assertThat(rig.flow().owner() != flow.owner())
                        .as("%s, answered %s", numbered(state), answered)
                        .isEqualTo(anew);
                assertThat(rig.counters(service, SERVERS).flowsMoved()).isZero();
                assertLoads(service);
            }
        }
    }

    @Test
    void aConnectionOfAFailedRealserverMovesWithItsNextPacket() {
        rig.run(toVip(NAT, Frame.SYN));
        rig.run(toVip(NAT, Frame.ACK));
        Flow before = rig.flow();
        int slot = slotOf(before.owner());
        rig.flip(new ServerFlip(NAT, slot, Usability.SHUT, 1));
        assertThat(rig.run(toVip(NAT, Frame.ACK)).answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(rig.flow().owner()).isNotEqualTo(before.owner());
        assertThat(rig.counters(NAT, SERVERS).flowsMoved()).isEqualTo(1);
        assertLoads(NAT);
        rig.flip(new ServerFlip(NAT, slot, Usability.OPEN, 1));
        Flow moved = rig.flow();
        rig.run(toVip(NAT, Frame.ACK));
        assertThat(rig.flow().owner()).as("it does not return").isEqualTo(moved.owner());
        assertThat(rig.counters(NAT, SERVERS).flowsMoved()).isEqualTo(1);
    }

    private static int slotOf(int owner) {
        for (int i = 0; i < SERVERS; i++) if (rig.number(NAT, i) == owner) return i;
        throw new AssertionError("nobody's: " + owner);
    }

    @Test
    void everyByteOfAForwardedSegmentAndItsAnswerIsAsItShouldBe() {
        for (Frame frame : List.of(
                toVip(NAT, Frame.SYN).tcpOptions(5).payload(new byte[0]),
                toVip(NAT, Frame.ACK | Frame.PSH).options(3).trafficClass(0xb9),
                toVip(NAT, Frame.ACK).payload(new byte[] {1}).trailer(5))) {
            TestRun run = rig.run(frame);
            int slot = slotOf(rig.flow().owner());
            assertThat(run.packet())
                    .isEqualTo(frame.hopped(ProgramRig.mac(slot))
                            .to(Serving.endpoint(false, slot, Serving.PORT))
                            .bytes());
            Frame answer = answer(rig.flow(), Frame.ACK).tcpOptions(3).hops(33);
            TestRun back = rig.run(answer);
            assertThat(back.answer()).isEqualTo(ProgramRig.REDIRECT);
            assertThat(back.packet())
                    .isEqualTo(answer.copy()
                            .from("198.18.0.2:514")
                            .hops(32)
                            .macs(ClientNet.clientMac(1), ClientNet.SOURCE_MAC)
                            .bytes());
        }
    }

    @Test
    void aHeaderThatContradictsThePacketIsMalformed() {
        rig.run(toVip(NAT, Frame.SYN));
        for (int offset : new int[] {0, 4, 12, 15}) {
            Frame frame = toVip(NAT, Frame.ACK).dataOffset(offset).payload(new byte[7 * 4 - 1]);
            TestRun run = rig.run(frame);
            assertThat(run.answer()).as("offset %d", offset).isEqualTo(ProgramRig.DROP);
            assertThat(run.packet()).isEqualTo(frame.bytes());
        }
        assertThat(rig.counters(NAT, SERVERS).drops())
                .containsExactly(java.util.Map.entry(io.evenkeel.dataplane.DropReason.MALFORMED, 4L));
        assertThat(rig.run(toVip(NAT, Frame.ACK).dataOffset(12).payload(new byte[7 * 4]))
                        .answer())
                .isEqualTo(ProgramRig.REDIRECT);
    }
}
