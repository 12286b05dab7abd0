package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Direct routing through the real program, and what is delivered to this machine itself. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class DirectRoutingPacketTest {
    private static final int SERVERS = 3;

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
                new Serving(0, "198.18.0.2:514").onePacket().direct(),
                new Serving(1, "[2001:db8::2]:514").onePacket().direct(),
                new Serving(2, "198.18.0.2:514").tcp().direct(),
                new Serving(3, "[2001:db8::2]:514").tcp().direct());
    }

    private static int service(Frame frame) {
        String text = frame.toString();
        return (text.startsWith("tcp") ? 2 : 0) + (text.contains("2001") ? 1 : 0);
    }

    static Stream<Frame> frames() {
        return Stream.of(
                new Frame(),
                new Frame().withoutChecksum().options(10).trafficClass(0xff).hops(2),
                new Frame().hops(255).trailer(9),
                Frame.v6(),
                Frame.v6().hops(2).trafficClass(0x5a),
                Frame.v6().withoutChecksum().extension(Frame.HOP_BY_HOP, 1).extension(Frame.DESTINATION_OPTIONS, 3),
                new Frame().tcp(Frame.SYN).tcpOptions(5).payload(new byte[0]),
                Frame.v6().tcp(Frame.SYN).extension(Frame.DESTINATION_OPTIONS, 1));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void onlyMacAddressesAndTheHopCountChange(Frame frame) {
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
        int slot = run.packet()[5] - 1;
        assertThat(run.packet()).isEqualTo(frame.hopped(ProgramRig.mac(slot)).bytes());
        ServiceCounters counters = rig.counters(service(frame), SERVERS);
        assertThat(counters.forwarded()).isEqualTo(1);
        assertThat(counters.imbalance()).isZero();
    }

    /** Even a wrong one: it is the realserver's to judge. */
    @Test
    void aWrongChecksumStaysAsItIs() {
        byte[] bytes = new Frame().bytes();
        bytes[14 + 20 + 6] ^= 0x55;
        byte[] expected = new Frame().hopped(ProgramRig.mac(0)).bytes();
        expected[14 + 20 + 6] ^= 0x55;
        rig.commit(new Serving(0, "198.18.0.2:514").onePacket().direct().weights(1));
        assertThat(rig.run(bytes).packet()).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void whatIsThisMachinesOwnPassesUpUntouchedAndIsCountedLocal(Frame frame) {
        int service = service(frame);
        for (int i = 0; i < SERVERS; i++) rig.here(rig.number(service, i));
        assertThat(rig.explained(frame)).isEqualTo(5); // EK_DELIVERED
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
        assertThat(run.packet()).isEqualTo(frame.bytes());
        ServiceCounters counters = rig.counters(service, SERVERS);
        assertThat(counters.received()).isEqualTo(1);
        assertThat(counters.local()).isEqualTo(1);
        assertThat(counters.forwarded()).isZero();
        assertThat(counters.imbalance()).isZero();
        for (PassReason each : PassReason.values())
            assertThat(rig.passed(each)).as("%s", each).isZero();
        assertThat(rig.flows()).hasSize(service < 2 ? 0 : 1);
    }

    @Test
    void aNatRealserverOnThisMachineIsNoRoute() {
        rig.commit(new Serving(0, "198.18.0.2:514").onePacket().weights(1));
        rig.here(rig.number(0, 0));
        assertThat(rig.explain(new Frame())).satisfies(ProgramRig.dropped(0, DropReason.NO_ROUTE));
        assertThat(rig.run(new Frame()).answer()).isEqualTo(ProgramRig.DROP);
        assertThat(rig.counters(0, SERVERS).drops()).containsExactly(Map.entry(DropReason.NO_ROUTE, 1L));
    }

    /** It may answer other clients past us, or talk to anybody: nothing of it is a reply of ours. */
    @Test
    void whatADirectRealserverSendsIsNoneOfOurs() {
        Frame frame = new Frame().from(Serving.endpoint(false, 0, Serving.PORT)).to("198.18.0.1:40000");
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
        assertThat(run.packet()).isEqualTo(frame.bytes());
        assertThat(rig.passed(PassReason.NO_SERVICE)).isEqualTo(1);
    }

    @Test
    void directRealserversThatAreSharedTieNothingTogether() {
        Frame other = new Frame().to("198.18.0.3:514");
        rig.commit(new Serving(0, "198.18.0.2:514").direct(), new Serving(4, "198.18.0.3:514").direct());
        assertThat(rig.run(new Frame()).answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(rig.run(other).answer()).as("from the same port").isEqualTo(ProgramRig.REDIRECT);
        assertThat(rig.flows()).hasSize(2);
    }
}
