package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.model.Forwarding.Encapsulation;
import io.evenkeel.model.IpAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tunnel, of and in either family, octet by octet. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class TunnelPacketTest {
    private static final int ETHERNET = 14;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int GUE_PORT = 6080;

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
    void forget() {
        rig.reset();
    }

    static Stream<Arguments> tunnels() {
        return Arrays.stream(Encapsulation.values())
                .flatMap(kind -> Stream.of(false, true)
                        .flatMap(outer6 -> Stream.of(false, true).map(inner6 -> Arguments.of(kind, outer6, inner6))));
    }

    private static Frame inner(boolean v6) {
        return v6 ? Frame.v6() : new Frame().fragment(DONT_FRAGMENT);
    }

    private static void serve(Encapsulation kind, boolean outer6, boolean inner6) {
        rig.forgetWays(); // the source of the one before is of the other family perhaps
        rig.commit(new Serving(0, inner6 ? "[2001:db8::2]:514" : "198.18.0.2:514")
                .onePacket()
                .weights(1)
                .tunnel(kind, GUE_PORT, outer6));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void thePacketTravelsWholeInsideAnother(Encapsulation kind, boolean outer6, boolean inner6) {
        serve(kind, outer6, inner6);
        Frame frame = inner(inner6).trafficClass(0x2a);
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
        byte[] packet = run.packet();
        byte[] expected = expected(kind, outer6, inner6, frame, packet, 0x2a);
        assertThat(packet).isEqualTo(expected);
        assertThat(rig.counters(0, 1).forwarded()).isEqualTo(1);
        assertThat(rig.counters(0, 1).imbalance()).isZero();
    }

    /** Two things are free to the sender, and taken from what it sent: GUE's source port and IPv6's flow label. */
    private static byte[] expected(
            Encapsulation kind, boolean outer6, boolean inner6, Frame frame, byte[] sent, int trafficClass) {
        byte[] inside = frame.copy().hops(63).bytes();
        int innerLength = inside.length - ETHERNET;
        int outer = outer6 ? 40 : 20;
        int shim = kind == Encapsulation.GRE ? 4 : kind == Encapsulation.GUE ? 12 : 0;
        ByteBuffer packet = ByteBuffer.allocate(ETHERNET + outer + shim + innerLength);
        packet.put(Frame.mac(ProgramRig.mac(0))).put(Frame.mac(ProgramRig.OUT_MAC));
        packet.putShort((short) (outer6 ? 0x86dd : 0x0800));
        int protocol = kind == Encapsulation.GRE ? 47 : kind == Encapsulation.GUE ? 17 : inner6 ? 41 : 4;
        if (outer6) {
            int label = ByteBuffer.wrap(sent).getInt(ETHERNET) & 0xfffff;
            packet.putInt(6 << 28 | trafficClass << 20 | label);
            packet.putShort((short) (shim + innerLength));
            packet.put((byte) protocol).put((byte) 63);
            packet.put(IpAddress.of(ProgramRig.OWN6).toBytes());
        } else {
            packet.put((byte) 0x45).put((byte) trafficClass).putShort((short) (outer + shim + innerLength));
            short id = inner6 ? ByteBuffer.wrap(sent).getShort(ETHERNET + 4) : 0;
            packet.putShort(id).putShort((short) (inner6 ? 0 : DONT_FRAGMENT));
            packet.put((byte) 63).put((byte) protocol).putShort((short) 0);
            packet.put(IpAddress.of(ProgramRig.OWN).toBytes());
        }
        packet.put(Serving.endpoint(outer6, 0, 1).address().toBytes());
        if (!outer6) packet.putShort(ETHERNET + 10, Checksum.of(packet.array(), ETHERNET, outer, 0));
        if (kind == Encapsulation.GRE) packet.putShort((short) 0).putShort((short) (inner6 ? 0x86dd : 0x0800));
        if (kind == Encapsulation.GUE) {
            short source = ByteBuffer.wrap(sent).getShort(ETHERNET + outer);
            assertThat(Short.toUnsignedInt(source)).isGreaterThanOrEqualTo(0xc000);
            packet.putShort(source).putShort((short) GUE_PORT).putShort((short) (12 + innerLength));
            packet.putShort((short) 0)
                    .put((byte) 0)
                    .put((byte) (inner6 ? 41 : 4))
                    .putShort((short) 0);
        }
        packet.put(inside, ETHERNET, innerLength);
        return packet.array();
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void theShortestDatagramTravelsToo(Encapsulation kind, boolean outer6, boolean inner6) {
        serve(kind, outer6, inner6);
        Frame frame = inner(inner6).payload(new byte[0]);
        byte[] packet = rig.run(frame).packet();
        assertThat(packet).isEqualTo(expected(kind, outer6, inner6, frame, packet, 0));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void congestionThatWasMetIsNotSaidTwice(Encapsulation kind, boolean outer6, boolean inner6) {
        serve(kind, outer6, inner6);
        Frame frame = inner(inner6).trafficClass(0x2b);
        byte[] packet = rig.run(frame).packet();
        assertThat(packet).isEqualTo(expected(kind, outer6, inner6, frame, packet, 0x2a));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void whatDoesNotFitWithTheOuterHeadersIsTooBig(Encapsulation kind, boolean outer6, boolean inner6) {
        serve(kind, outer6, inner6);
        int shim = kind == Encapsulation.GRE ? 4 : kind == Encapsulation.GUE ? 12 : 0;
        int room = 1_500 - (outer6 ? 40 : 20) - shim - (inner6 ? 40 : 20) - 8;
        assertThat(rig.run(inner(inner6).payload(new byte[room])).answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(rig.run(inner(inner6).payload(new byte[room + 1])).answer())
                .as("told")
                .isEqualTo(IcmpPacketTest.TX);
        assertThat(rig.counters(0, 1).drops()).containsExactly(Map.entry(DropReason.TOO_BIG, 1L));
        assertThat(rig.counters(0, 1).imbalance()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneFlowKeepsItsSourcePortAndOthersHaveOthers(boolean inner6) {
        serve(Encapsulation.GUE, false, inner6);
        long ports = Stream.iterate(0, i -> i + 1)
                .limit(64)
                .map(i -> {
                    String client = (inner6 ? "[2001:db8::1]:" : "198.18.0.1:") + (40_000 + i);
                    byte[] first = rig.run(inner(inner6).from(client)).packet();
                    byte[] again = rig.run(inner(inner6).from(client)).packet();
                    int port = ByteBuffer.wrap(first).getShort(ETHERNET + 20);
                    assertThat(ByteBuffer.wrap(again).getShort(ETHERNET + 20)).isEqualTo((short) port);
                    return port;
                })
                .distinct()
                .count();
        assertThat(ports).isGreaterThan(48);
    }
}
