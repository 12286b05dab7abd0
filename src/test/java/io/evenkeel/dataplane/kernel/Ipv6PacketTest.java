package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** IPv6 by NAT through the real program, both ways: exact bytes, verdict and counters. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF})
class Ipv6PacketTest {
    private static final int UDP = 0;
    private static final int TCP = 1;
    private static final int ETHERNET = 14;

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
                new Serving(UDP, "[2001:db8::2]:514").onePacket().weights(1),
                new Serving(TCP, "[2001:db8::2]:514").tcp().weights(1));
    }

    private static Frame v6() {
        return Frame.v6();
    }

    static Stream<Frame> whole() {
        return Stream.of(
                v6(),
                v6().payload(new byte[0]),
                v6().payload(new byte[] {(byte) 0xff}),
                v6().payload(new byte[1_452]), // exactly the MTU
                v6().hops(2),
                v6().hops(255).trafficClass(0xfe),
                v6().trailer(6),
                v6().withoutChecksum(),
                v6().extension(Frame.HOP_BY_HOP, 1),
                v6().extension(Frame.DESTINATION_OPTIONS, 1),
                v6().extension(Frame.DESTINATION_OPTIONS, 100),
                v6().routing(0),
                v6().fragmentHeader(1), // of a first fragment ports and checksum change as of the whole
                v6().fragmentHeader(0), // an atomic fragment is whole (RFC 6946)
                v6().extension(Frame.HOP_BY_HOP, 2)
                        .extension(Frame.DESTINATION_OPTIONS, 1)
                        .routing(0)
                        .fragmentHeader(0),
                v6().tcp(Frame.SYN).tcpOptions(10).payload(new byte[0]),
                v6().tcp(Frame.SYN).extension(Frame.HOP_BY_HOP, 1).extension(Frame.DESTINATION_OPTIONS, 4));
    }

    @ParameterizedTest
    @MethodSource("whole")
    void addressPortAndHopLimitChangeAndTheChecksumFollows(Frame frame) {
        int service = frame.toString().startsWith("tcp") ? TCP : UDP;
        assertThat(rig.explain(frame)).isInstanceOf(Explained.Forwarded.class);
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(run.packet())
                .isEqualTo(frame.hopped(ProgramRig.mac(0))
                        .to(Serving.endpoint(true, 0, Serving.PORT))
                        .bytes());
        // And back, with the same oddities.
        Frame answer =
                frame.copy().from(Serving.endpoint(true, 0, Serving.PORT)).to("[2001:db8::1]:40000");
        TestRun back = rig.run(answer);
        assertThat(back.answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(back.packet())
                .isEqualTo(answer.hopped("")
                        .from("[2001:db8::2]:514")
                        .macs(ClientNet.clientMac(1), ClientNet.SOURCE_MAC)
                        .bytes());
        ServiceCounters counters = rig.counters(service, 1);
        assertThat(counters.forwarded()).isEqualTo(1);
        assertThat(counters.replies()).isEqualTo(1);
        assertThat(counters.imbalance()).isZero();
    }

    /** Every value that a computed checksum may have, and 0 never: that is 0xffff (RFC 8200 8.1). */
    @Test
    void aComputedChecksumOfZeroIsWrittenAsItsOtherForm() {
        int zeros = 0;
        for (int i = 0; i < 65_536; i += 1) {
            byte[] payload = {(byte) (i >> 8), (byte) i};
            Frame frame = v6().payload(payload);
            Frame expected = frame.copy().hops(63).macs(ProgramRig.mac(0), ProgramRig.OUT_MAC);
            expected.to(Serving.endpoint(true, 0, Serving.PORT));
            byte[] bytes = expected.bytes();
            int check = ByteBuffer.wrap(bytes).getShort(ETHERNET + 46) & 0xffff;
            if (check != 0xffff && i % 64 != 0) continue;
            if (check == 0xffff) zeros++;
            assertThat(rig.run(frame).packet()).as("payload %04x", i).isEqualTo(bytes);
        }
        assertThat(zeros).isPositive();
    }

    static Stream<Arguments> dropped() {
        return Stream.of(
                Arguments.of(v6().hops(1), DropReason.TTL_EXPIRED),
                Arguments.of(v6().hops(0), DropReason.TTL_EXPIRED),
                Arguments.of(v6().payload(new byte[1_453]), DropReason.TOO_BIG),
                Arguments.of(v6().ipLengthMore(1), DropReason.MALFORMED),
                Arguments.of(v6().ipLengthMore(-1), DropReason.MALFORMED),
                Arguments.of(v6().udpLengthMore(1), DropReason.MALFORMED),
                Arguments.of(v6().udpLengthMore(-25), DropReason.MALFORMED),
                Arguments.of(v6().udpLengthMore(-32), DropReason.MALFORMED),
                Arguments.of(v6().extension(Frame.HOP_BY_HOP, 3).ipLengthMore(-1), DropReason.MALFORMED),
                Arguments.of(v6().tcp(Frame.SYN).dataOffset(4), DropReason.MALFORMED),
                Arguments.of(v6().tcp(Frame.SYN).dataOffset(15), DropReason.MALFORMED),
                Arguments.of(v6().from("[::]:40000"), DropReason.IMPOSSIBLE_SOURCE),
                Arguments.of(v6().from("[::1]:40000"), DropReason.IMPOSSIBLE_SOURCE),
                Arguments.of(v6().from("[ff02::1]:40000"), DropReason.IMPOSSIBLE_SOURCE),
                Arguments.of(v6().from("[2001:db8::7]:40000"), DropReason.IMPOSSIBLE_SOURCE), // the director's own
                Arguments.of(v6().from("[2001:db8::2]:514"), DropReason.IMPOSSIBLE_SOURCE));
    }

    @ParameterizedTest
    @MethodSource("dropped")
    void whatCannotBeSentIsDroppedUntouchedAndCountedOnce(Frame frame, DropReason reason) {
        int service = frame.toString().startsWith("tcp") ? TCP : UDP;
        assertThat(rig.explain(frame)).satisfies(ProgramRig.dropped(service, reason));
        TestRun run = rig.run(frame);
        if (reason == DropReason.TTL_EXPIRED || reason == DropReason.TOO_BIG) {
            assertThat(run.answer()).as("the client is told").isEqualTo(ProgramRig.TX);
        } else {
            assertThat(run.answer()).isEqualTo(ProgramRig.DROP);
            assertThat(run.packet()).isEqualTo(frame.bytes());
        }
        assertThat(rig.counters(service, 1).drops()).containsExactly(Map.entry(reason, 1L));
        assertThat(rig.counters(service, 1).received()).isEqualTo(1);
    }

    static Stream<Arguments> passed() {
        return Stream.of(
                Arguments.of(v6().to("[2001:db8::2]:515"), PassReason.NO_SERVICE),
                Arguments.of(v6().to("[2001:db8::3]:514"), PassReason.NO_SERVICE),
                Arguments.of(v6().to("[2001:db8:1::2]:514"), PassReason.NO_SERVICE),
                Arguments.of(v6().protocol(58), PassReason.OTHER),
                Arguments.of(v6().protocol(59), PassReason.OTHER),
                Arguments.of(v6().extension(50, 1), PassReason.OTHER),
                Arguments.of(v6().to("[2001:db8::3]:514").fragmentHeader(8), PassReason.OTHER),
                Arguments.of(v6().to("[2001:db8::3]:514").fragmentHeader(9), PassReason.OTHER),
                Arguments.of(v6().routing(1), PassReason.OTHER), // it is on its way to somewhere else
                Arguments.of(
                        v6().extension(60, 1)
                                .extension(60, 1)
                                .extension(60, 1)
                                .extension(60, 1)
                                .extension(60, 1),
                        PassReason.OTHER),
                Arguments.of(v6().type(0x0800), PassReason.OTHER),
                Arguments.of(v6().macs("33:33:00:00:00:01", "02:00:00:00:00:02"), PassReason.ELSEWHERE),
                Arguments.of(
                        v6().from(Serving.endpoint(true, 0, Serving.PORT)).to("[2001:db8::7]:40000"),
                        PassReason.OWN_ADDRESS));
    }

    @ParameterizedTest
    @MethodSource("passed")
    void whatIsNoneOfOursPassesUntouchedAndIsCountedOnce(Frame frame, PassReason reason) {
        assertThat(rig.explain(frame)).isEqualTo(new Explained.Passed(reason));
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
        assertThat(run.packet()).isEqualTo(frame.bytes());
        for (PassReason each : PassReason.values()) {
            assertThat(rig.passed(each)).as("%s", each).isEqualTo(each == reason ? 1 : 0);
        }
        assertThat(rig.counters(UDP, 1).received() + rig.counters(TCP, 1).received())
                .isZero();
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                Arguments.of(v6(), 48),
                Arguments.of(v6().tcp(Frame.SYN), 60),
                Arguments.of(v6().extension(Frame.HOP_BY_HOP, 1).extension(Frame.DESTINATION_OPTIONS, 2), 72),
                Arguments.of(v6().fragmentHeader(0).tcp(Frame.SYN), 68));
    }

    /** @param headers octets of network and transport header */
    @ParameterizedTest
    @MethodSource("headers")
    void aFrameThatEndsInsideAHeaderPassesUp(Frame frame, int headers) {
        byte[] all = frame.bytes();
        for (int length = ETHERNET; length < ETHERNET + headers; length++) {
            byte[] part = Arrays.copyOf(all, length);
            TestRun run = rig.run(part);
            assertThat(run.answer()).as("%d bytes", length).isEqualTo(ProgramRig.PASS);
            assertThat(run.packet()).isEqualTo(part);
        }
        assertThat(rig.passed(PassReason.TRUNCATED)).isEqualTo(headers);
        for (int length = ETHERNET + headers; length < all.length; length++) {
            assertThat(rig.run(Arrays.copyOf(all, length)).answer())
                    .as("%d bytes", length)
                    .isEqualTo(ProgramRig.DROP);
        }
        int service = frame.toString().startsWith("tcp") ? TCP : UDP;
        assertThat(rig.counters(service, 1).drops())
                .containsExactly(Map.entry(DropReason.MALFORMED, (long) all.length - ETHERNET - headers));
    }

    static Stream<Arguments> refusedReplies() {
        Frame answer = v6().from(Serving.endpoint(true, 0, Serving.PORT)).to("[2001:db8::1]:40000");
        return Stream.of(
                Arguments.of(answer.copy().hops(1), DropReason.REPLY_TTL_EXPIRED),
                Arguments.of(answer.copy().ipLengthMore(1), DropReason.REPLY_MALFORMED),
                Arguments.of(answer.copy().udpLengthMore(1), DropReason.REPLY_MALFORMED),
                Arguments.of(answer.copy().payload(new byte[1_453]), DropReason.REPLY_TOO_BIG),
                Arguments.of(answer.copy().to("[2001:db8:9::1]:40000"), DropReason.REPLY_NO_ROUTE));
    }

    @ParameterizedTest
    @MethodSource("refusedReplies")
    void aReplyThatCannotBeSentIsDroppedUntouchedAndCountedOnce(Frame answer, DropReason reason) {
        for (int i = 1; i <= 2; i++) { // also when the way is known already
            TestRun run = rig.run(answer);
            assertThat(run.answer()).isEqualTo(ProgramRig.DROP);
            assertThat(run.packet()).isEqualTo(answer.bytes());
            assertThat(rig.counters(UDP, 1).replyDrops()).containsExactly(Map.entry(reason, (long) i));
            assertThat(rig.explain(answer)).satisfies(ProgramRig.dropped(UDP, reason));
            Frame plain = v6().from(Serving.endpoint(true, 0, Serving.PORT)).to("[2001:db8::1]:40000");
            assertThat(rig.run(plain).answer()).isEqualTo(ProgramRig.REDIRECT);
        }
    }

    @Test
    void aReplyToAClientWithoutANeighbourPassesUpForTheStackToResolve() {
        Frame answer = v6().from(Serving.endpoint(true, 0, Serving.PORT)).to("[2001:db8::99]:40000");
        TestRun run = rig.run(answer);
        assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
        assertThat(run.packet()).as("rewritten on its way out").isEqualTo(answer.bytes());
        assertThat(rig.byStack(UDP)).isEqualTo(1);
        assertThat(rig.counters(UDP, 1).replies()).isEqualTo(1);
    }
}
