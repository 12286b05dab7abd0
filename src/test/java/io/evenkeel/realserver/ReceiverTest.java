package io.evenkeel.realserver;

import static io.evenkeel.realserver.Wrapped.TYPE_4;
import static io.evenkeel.realserver.Wrapped.TYPE_6;
import static io.evenkeel.realserver.Wrapped.datagram;
import static io.evenkeel.realserver.Wrapped.ethernet;
import static io.evenkeel.realserver.Wrapped.frame;
import static io.evenkeel.realserver.Wrapped.gre;
import static io.evenkeel.realserver.Wrapped.greWithChecksum;
import static io.evenkeel.realserver.Wrapped.gue;
import static io.evenkeel.realserver.Wrapped.ip;
import static io.evenkeel.realserver.Wrapped.join;
import static io.evenkeel.realserver.Wrapped.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.linux.TcHook;
import io.evenkeel.model.IpAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The real program on single packets: exact bytes, verdict, and the one counter that each raises. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF, Capability.BPF})
class ReceiverTest {
    private static final int NEXT = -1;
    private static final int SHOT = 2;

    private static final String VIP4 = "198.18.0.100";
    private static final String VIP6 = "2001:db8::100";
    private static final String OWN4 = "198.18.1.1";
    private static final String OWN6 = "2001:db8:1::1";
    private static final String DIRECTOR4 = "198.18.1.254";
    private static final String DIRECTOR6 = "2001:db8:1::fe";
    private static final String CLIENT4 = "198.18.9.9";
    private static final String CLIENT6 = "2001:db8:9::9";
    private static final int GUE_PORT = 6080;
    private static final byte[] TEXT = "what a client said".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] INNER4 = datagram(CLIENT4, 40_000, VIP4, 514, TEXT);
    private static final byte[] INNER6 = datagram(CLIENT6, 40_000, VIP6, 514, TEXT);

    @TempDir
    Path directory;

    private Receiver receiver;

    @BeforeEach
    void load() {
        receiver = load(EnumSet.allOf(Tunnel.class), true);
    }

    private Receiver load(Set<Tunnel> tunnels, boolean crosses) {
        Assignment assignment = new Assignment(
                List.of(IpAddress.of(VIP4), IpAddress.of(VIP6)), tunnels, GUE_PORT, List.of(), 0, List.of(), false);
        Receiver loaded = Receiver.load(
                Bpf.load(Bpf.LIBRARY),
                Receiver.bytes().orElseThrow(),
                TcHook.TCX,
                assignment,
                crosses,
                directory.resolve("log"));
        loaded.own(List.of(IpAddress.of(OWN4), IpAddress.of(OWN6)));
        return loaded;
    }

    @AfterEach
    void unload() {
        receiver.close();
    }

    private static byte[] outer(boolean v6, int protocol, byte[] payload) {
        return ip(v6 ? DIRECTOR6 : DIRECTOR4, v6 ? OWN6 : OWN4, protocol, payload);
    }

    private static byte[] outer4(int protocol, byte[] payload) {
        return outer(false, protocol, payload);
    }

    private static byte[] outer6(int protocol, byte[] payload) {
        return outer(true, protocol, payload);
    }

    static Stream<Arguments> everyKind() {
        List<Arguments> all = new ArrayList<>();
        for (boolean outer6 : new boolean[] {false, true}) {
            for (boolean inner6 : new boolean[] {false, true}) {
                byte[] inner = inner6 ? INNER6 : INNER4;
                int protocol = inner6 ? 41 : 4;
                int type = inner6 ? TYPE_6 : TYPE_4;
                String families = (inner6 ? "6" : "4") + "_IN_" + (outer6 ? "6" : "4");
                String ipip = "IPIP_" + families;
                String gre = "GRE_" + families;
                String gue = "GUE_" + families;
                all.add(kind(ipip, "plain", inner, outer(outer6, protocol, inner)));
                all.add(kind(gre, "plain", inner, outer(outer6, 47, gre(0, type, inner))));
                all.add(kind(gre, "checksum", inner, outer(outer6, 47, greWithChecksum(type, inner))));
                all.add(kind(gue, "v0", inner, outer(outer6, 17, udp(9, GUE_PORT, gue(0, protocol, 0, inner)))));
                all.add(kind(gue, "v1, direct", inner, outer(outer6, 17, udp(9, GUE_PORT, inner))));
            }
        }
        return all.stream();
    }

    private static Arguments kind(String outcome, String how, byte[] inner, byte[] packet) {
        return Arguments.of(Outcome.valueOf(outcome), how, inner, packet);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("everyKind")
    void whatIsForAVipLosesItsOuterHeadersAndNothingElse(Outcome outcome, String how, byte[] inner, byte[] packet) {
        expect(outcome, NEXT, frame(packet), frame(inner));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("everyKind")
    void soItDoesOnAKernelThatDoesNotChangeFamiliesByItself(Outcome outcome, String how, byte[] inner, byte[] packet) {
        receiver.close();
        receiver = load(EnumSet.allOf(Tunnel.class), false);
        expect(outcome, NEXT, frame(packet), frame(inner));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("everyKind")
    void aTunnelThatIsNotServedPassesUntouched(Outcome outcome, String how, byte[] inner, byte[] packet) {
        receiver.close();
        Set<Tunnel> others = EnumSet.allOf(Tunnel.class);
        others.remove(Tunnel.valueOf(outcome.name().substring(0, outcome.name().indexOf('_'))));
        receiver = load(others, true);
        untouched(Outcome.NOT_OURS, frame(packet));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("everyKind")
    void aTunnelThatEndsElsewherePassesUntouched(Outcome outcome, String how, byte[] inner, byte[] packet) {
        receiver.own(List.of());
        untouched(Outcome.NOT_OURS, frame(packet));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("everyKind")
    void everyTruncationPassesUntouched(Outcome outcome, String how, byte[] inner, byte[] packet) {
        byte[] whole = frame(packet);
        int shortest = Wrapped.ETHERNET + (packet[0] >>> 4 == 6 ? 40 : 20); // a test run takes no less
        for (int length = shortest; length < whole.length; length++) {
            TestRun run = receiver.ingress().testRun(Arrays.copyOf(whole, length), 1);
            assertThat(run.answer()).as("of %d bytes", length).isEqualTo(NEXT);
            assertThat(run.packet()).as("of %d bytes", length).isEqualTo(Arrays.copyOf(whole, length));
        }
        long stripped = receiver.received().entrySet().stream()
                .filter(e -> e.getKey().stripped())
                .mapToLong(e -> e.getValue())
                .sum();
        assertThat(stripped).isZero();
        assertThat(receiver.received().getOrDefault(Outcome.MALFORMED, 0L)).isPositive();
    }

    static Stream<Arguments> alone() {
        byte[] longer = INNER4.clone();
        ByteBuffer.wrap(longer).putShort(2, (short) (INNER4.length + 1));
        byte[] shorter = INNER4.clone();
        ByteBuffer.wrap(shorter).putShort(2, (short) 19);
        byte[] longer6 = INNER6.clone();
        ByteBuffer.wrap(longer6).putShort(4, (short) (INNER6.length - 39));
        byte[] wrongVersion = INNER4.clone();
        wrongVersion[0] = 0x65;
        byte[] shortHeader = INNER4.clone();
        shortHeader[0] = 0x44;
        byte[] outerLonger = outer4(4, INNER4);
        ByteBuffer.wrap(outerLonger).putShort(2, (short) (outerLonger.length + 1));
        byte[] outerLonger6 = outer6(4, INNER4);
        ByteBuffer.wrap(outerLonger6).putShort(4, (short) (INNER4.length + 1));
        byte[] badSum = outer4(4, INNER4);
        badSum[10] ^= 1;
        byte[] udpLonger = outer4(17, udp(9, GUE_PORT, gue(0, 4, 0, INNER4)));
        ByteBuffer.wrap(udpLonger).putShort(24, (short) (8 + 4 + INNER4.length + 1));
        byte[] udpShorter = outer4(17, udp(9, GUE_PORT, gue(0, 4, 0, INNER4)));
        ByteBuffer.wrap(udpShorter).putShort(24, (short) 7);
        byte[] other4 = datagram(CLIENT4, 40_000, "198.18.0.101", 514, TEXT);
        byte[] other6 = datagram(CLIENT6, 40_000, "2001:db8::101", 514, TEXT);
        return Stream.of(
                Arguments.of("the inner length is too long", Outcome.MALFORMED, outer4(4, longer)),
                Arguments.of("the inner length is less than its header", Outcome.MALFORMED, outer4(4, shorter)),
                Arguments.of("the inner length is too long, IPv6", Outcome.MALFORMED, outer4(41, longer6)),
                Arguments.of("the inner version contradicts", Outcome.MALFORMED, outer4(4, wrongVersion)),
                Arguments.of("the inner version contradicts", Outcome.MALFORMED, outer4(41, INNER4)),
                Arguments.of("the inner version contradicts", Outcome.MALFORMED, outer4(47, gre(0, TYPE_4, INNER6))),
                Arguments.of("the inner header is too short", Outcome.MALFORMED, outer4(4, shortHeader)),
                Arguments.of("nothing is inside", Outcome.MALFORMED, outer4(4, new byte[0])),
                Arguments.of("nothing is inside", Outcome.MALFORMED, outer6(41, new byte[0])),
                Arguments.of("nothing is inside", Outcome.MALFORMED, outer4(47, new byte[0])),
                Arguments.of("nothing is inside", Outcome.MALFORMED, outer4(17, udp(9, GUE_PORT, new byte[0]))),
                Arguments.of(
                        "GRE ends in its checksum", Outcome.MALFORMED, outer4(47, gre(0x8000, TYPE_4, new byte[3]))),
                Arguments.of("the outer length is too long", Outcome.MALFORMED, outerLonger),
                Arguments.of("the outer length is too long, IPv6", Outcome.MALFORMED, outerLonger6),
                Arguments.of("the outer checksum is wrong", Outcome.MALFORMED, badSum),
                Arguments.of("UDP's length is too long", Outcome.MALFORMED, udpLonger),
                Arguments.of("UDP's length is too short", Outcome.MALFORMED, udpShorter),
                Arguments.of("GRE with a key", Outcome.UNSUPPORTED, outer4(47, gre(0x2000, TYPE_4, INNER4))),
                Arguments.of("GRE with routing", Outcome.UNSUPPORTED, outer4(47, gre(0x4000, TYPE_4, INNER4))),
                Arguments.of("GRE of version 1", Outcome.UNSUPPORTED, outer4(47, gre(1, TYPE_4, INNER4))),
                Arguments.of("GRE of Ethernet", Outcome.UNSUPPORTED, outer4(47, gre(0, 0x6558, INNER4))),
                Arguments.of("GUE control", Outcome.UNSUPPORTED, gue4(0x20, 4, 0)),
                Arguments.of("GUE with a header's length", Outcome.UNSUPPORTED, gue4(1, 4, 0)),
                Arguments.of("GUE with flags", Outcome.UNSUPPORTED, gue4(0, 4, 1)),
                Arguments.of("GUE with flags", Outcome.UNSUPPORTED, gue4(0, 4, 0x100)),
                Arguments.of("GUE of ICMP", Outcome.UNSUPPORTED, gue4(0, 1, 0)),
                Arguments.of("GUE of version 2", Outcome.UNSUPPORTED, gue4(0x80, 4, 0)),
                Arguments.of("GUE of version 1 and no IP", Outcome.UNSUPPORTED, gue4(0x50, 4, 0)),
                Arguments.of("not for a VIP", Outcome.NOT_A_VIP, outer4(4, other4)),
                Arguments.of("not for a VIP", Outcome.NOT_A_VIP, outer6(41, other6)),
                Arguments.of("a tunnel in a tunnel", Outcome.NOT_A_VIP, outer4(4, outer4(4, INNER4))),
                Arguments.of("a first fragment", Outcome.FRAGMENT, fragment(4, 0x2000, INNER4)),
                Arguments.of("a later fragment", Outcome.FRAGMENT, fragment(4, 0x0003, INNER4)),
                Arguments.of("GUE's first fragment", Outcome.FRAGMENT, fragment(17, 0x2000, udp(9, GUE_PORT, INNER4))),
                Arguments.of("UDP's later fragment", Outcome.NOT_OURS, fragment(17, 0x0003, udp(9, GUE_PORT, INNER4))),
                Arguments.of("a fragment, IPv6", Outcome.FRAGMENT, outer6(44, fragment6(4, 1, INNER4))),
                Arguments.of("a later fragment, IPv6", Outcome.FRAGMENT, outer6(44, fragment6(4, 8, INNER4))),
                Arguments.of(
                        "UDP's later fragment, IPv6",
                        Outcome.NOT_OURS,
                        outer6(44, fragment6(17, 8, udp(9, GUE_PORT, INNER4)))),
                Arguments.of("a routing header", Outcome.NOT_OURS, outer6(43, extension(4, INNER4))),
                Arguments.of("UDP to another port", Outcome.NOT_OURS, outer4(17, udp(9, GUE_PORT + 1, INNER4))),
                Arguments.of("TCP", Outcome.NOT_OURS, outer4(6, udp(9, GUE_PORT, INNER4))),
                Arguments.of("direct", Outcome.DIRECT_4, INNER4),
                Arguments.of("direct", Outcome.DIRECT_6, INNER6),
                Arguments.of("a tunnel to a VIP", Outcome.DIRECT_4, ip(DIRECTOR4, VIP4, 4, INNER4)));
    }

    private static byte[] gue4(int first, int protocol, int flags) {
        return outer4(17, udp(9, GUE_PORT, gue(first, protocol, flags, INNER4)));
    }

    private static byte[] fragment(int protocol, int bits, byte[] payload) {
        return Wrapped.v4(IpAddress.of(DIRECTOR4), IpAddress.of(OWN4), protocol, 0, bits, new byte[0], payload);
    }

    private static byte[] fragment6(int next, int offset, byte[] payload) {
        return join(new byte[] {(byte) next, 0, 0, (byte) offset, 0, 0, 0, 7}, payload);
    }

    private static byte[] extension(int next, byte[] payload) {
        return join(new byte[] {(byte) next, 0, 4, 1, 4, 1, 1, 0}, payload);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("alone")
    void whatIsNotForUsPassesUntouchedAndIsCounted(String what, Outcome outcome, byte[] packet) {
        untouched(outcome, frame(packet));
    }

    @Test
    void whatIsNoIpOrForAnotherMachineOrTaggedPassesUntouched() {
        untouched(Outcome.NOT_OURS, ethernet(0x0806, new byte[28]));
        untouched(Outcome.NOT_OURS, ethernet(0x8100, join(new byte[] {0, 5, 8, 0}, outer4(4, INNER4))));
        untouched(Outcome.NOT_OURS, ethernet("02:00:00:00:00:09", "02:00:00:00:00:01", TYPE_4, outer4(4, INNER4)));
    }

    @Test
    void optionsAndExtensionsOfTheOuterHeaderGoTooAndInnerOnesStay() {
        byte[] inner = Wrapped.v4(
                IpAddress.of(CLIENT4),
                IpAddress.of(VIP4),
                17,
                0,
                0x4000,
                new byte[] {1, 1, 1, 1},
                udp(40_000, 514, TEXT));
        for (int words = 1; words <= 10; words++) {
            byte[] options = new byte[4 * words];
            Arrays.fill(options, (byte) 1);
            byte[] packet = Wrapped.v4(IpAddress.of(DIRECTOR4), IpAddress.of(OWN4), 4, 0, 0x4000, options, inner);
            TestRun run = receiver.ingress().testRun(frame(packet), 1);
            assertThat(run.packet()).as("%d words", words).isEqualTo(frame(inner));
        }
        assertThat(receiver.received()).containsEntry(Outcome.IPIP_4_IN_4, 10L);
        expect(Outcome.IPIP_4_IN_6, NEXT, frame(outer6(60, extension(4, INNER4))), frame(INNER4));
        expect(Outcome.IPIP_6_IN_6, NEXT, frame(outer6(0, extension(60, extension(41, INNER6)))), frame(INNER6));
        byte[] four = extension(60, extension(60, extension(60, extension(4, INNER4))));
        expect(Outcome.IPIP_4_IN_6, NEXT, frame(outer6(60, four)), frame(INNER4));
        untouched(Outcome.NOT_OURS, frame(outer6(60, extension(60, four))));
    }

    @Test
    void anInnerFragmentIsUnwrappedAsItIs() {
        byte[] inner = Wrapped.v4(IpAddress.of(CLIENT4), IpAddress.of(VIP4), 17, 0, 0x0010, new byte[0], TEXT);
        expect(Outcome.IPIP_4_IN_4, NEXT, frame(outer4(4, inner)), frame(inner));
    }

    @Test
    void theSmallestInnerPacketFitsEveryOuterOne() {
        byte[] empty4 = ip(CLIENT4, VIP4, 17, new byte[0]);
        byte[] empty6 = ip(CLIENT6, VIP6, 59, new byte[0]);
        expect(Outcome.IPIP_4_IN_4, NEXT, frame(outer4(4, empty4)), frame(empty4));
        expect(Outcome.IPIP_4_IN_6, NEXT, frame(outer6(4, empty4)), frame(empty4));
        expect(Outcome.IPIP_6_IN_4, NEXT, frame(outer4(41, empty6)), frame(empty6));
        expect(Outcome.IPIP_6_IN_6, NEXT, frame(outer6(41, empty6)), frame(empty6));
    }

    @Test
    void paddingOfEthernetBelongsToNoPacket() {
        byte[] padded = Arrays.copyOf(frame(outer4(4, INNER4)), 200);
        TestRun run = receiver.ingress().testRun(padded, 1);
        assertThat(Arrays.copyOf(run.packet(), Wrapped.ETHERNET + INNER4.length))
                .isEqualTo(frame(INNER4));
        assertThat(run.packet()).hasSize(200 - 20);
        byte[] claims = outer4(4, INNER4);
        ByteBuffer.wrap(claims).putShort(Wrapped.ETHERNET + 8, (short) (INNER4.length + 8)); // into the padding
        untouched(Outcome.MALFORMED, Arrays.copyOf(frame(claims), 200));
    }

    @Test
    void congestionOutsideIsMarkedInsideAsRfc6040Says() {
        for (int inner = 0; inner < 4; inner++) {
            for (int outer = 0; outer < 4; outer++) {
                congestion(inner, outer, false);
                congestion(inner, outer, true);
            }
        }
    }

    /** The table of RFC 6040, section 4.2; what it has for ECT(1) outside is marked by no router, and is left. */
    private void congestion(int inner, int outer, boolean v6) {
        String from = v6 ? CLIENT6 : CLIENT4;
        String to = v6 ? VIP6 : VIP4;
        int others = 0xb8; // a traffic class that stays
        byte[] packet = datagram(from, 40_000, to, 514, others | inner, TEXT);
        byte[] wrapped = ip(v6 ? DIRECTOR6 : DIRECTOR4, v6 ? OWN6 : OWN4, v6 ? 41 : 4, 0x20 | outer, packet);
        Outcome kind = v6 ? Outcome.IPIP_6_IN_6 : Outcome.IPIP_4_IN_4;
        if (outer == 3 && inner == 0) {
            expect(Outcome.REFUSED_CONGESTED, SHOT, frame(wrapped), frame(wrapped));
            return;
        }
        int after = outer == 3 ? 3 : inner;
        byte[] marked = datagram(from, 40_000, to, 514, others | after, TEXT);
        expect(kind, NEXT, frame(wrapped), frame(marked));
    }

    @Test
    void whatIsNoLongerOursEndsNoTunnelAnyMore() {
        receiver.own(List.of(IpAddress.of(OWN6)));
        untouched(Outcome.NOT_OURS, frame(outer4(4, INNER4)));
        receiver.own(List.of(IpAddress.of(OWN4)));
        expect(Outcome.IPIP_4_IN_4, NEXT, frame(outer4(4, INNER4)), frame(INNER4));
        untouched(Outcome.NOT_OURS, frame(outer6(4, INNER4)));
    }

    private void untouched(Outcome outcome, byte[] frame) {
        expect(outcome, NEXT, frame, frame);
    }

    private void expect(Outcome outcome, int answer, byte[] frame, byte[] after) {
        var before = receiver.received();
        TestRun run = receiver.ingress().testRun(frame, 1);
        var counted = receiver.received();
        for (Outcome each : Outcome.values()) {
            assertThat(counted.getOrDefault(each, 0L) - before.getOrDefault(each, 0L))
                    .as("%s", each)
                    .isEqualTo(each == outcome ? 1 : 0);
        }
        assertThat(run.answer()).isEqualTo(answer);
        assertThat(run.packet()).isEqualTo(after);
    }
}
