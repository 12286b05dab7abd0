package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.model.IpAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ICMP errors: those that the program sends, and those of others that it puts right and passes on. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF, Capability.NETNS})
class IcmpPacketTest {
    static final int TX = 3;
    private static final int ETHERNET = 14;
    private static final String ROUTER4 = "198.18.1.254";
    private static final String ROUTER6 = "2001:db8:0:1::fe";

    @TempDir
    static Path directory;

    private static ProgramRig rig;
    private static ClientNet net;

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
    void forget() {
        rig.reset();
    }

    private static String vip(boolean v6) {
        return v6 ? "[2001:db8::2]:514" : "198.18.0.2:514";
    }

    private static Frame ask(boolean v6) {
        return v6 ? Frame.v6() : new Frame().fragment(0x4000);
    }

    /** An Ethernet frame with an ICMP error that quotes so much of a packet. */
    private static byte[] error(
            String toMac,
            String fromMac,
            String from,
            String to,
            int hops,
            int type,
            int code,
            int rest,
            byte[] quoted) {
        IpAddress source = IpAddress.of(from);
        boolean v6 = source.v6();
        int header = v6 ? 40 : 20;
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET + header + 8 + quoted.length);
        frame.put(Frame.mac(toMac)).put(Frame.mac(fromMac)).putShort((short) (v6 ? 0x86dd : 0x0800));
        if (v6) {
            frame.putInt(6 << 28)
                    .putShort((short) (8 + quoted.length))
                    .put((byte) 58)
                    .put((byte) hops);
        } else {
            frame.putInt(0x4500 << 16 | (header + 8 + quoted.length)).putInt(0);
            frame.put((byte) hops).put((byte) 1).putShort((short) 0);
        }
        frame.put(source.toBytes()).put(IpAddress.of(to).toBytes());
        if (!v6) frame.putShort(ETHERNET + 10, Checksum.of(frame.array(), ETHERNET, header, 0));
        frame.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest).put(quoted);
        int pseudo = 0;
        for (int i = 0; v6 && i < 32; i += 2) pseudo += frame.getShort(ETHERNET + 8 + i) & 0xffff;
        if (v6) pseudo += 8 + quoted.length + 58;
        short checksum = Checksum.of(frame.array(), ETHERNET + header, 8 + quoted.length, pseudo);
        frame.putShort(ETHERNET + header + 2, checksum);
        return frame.array();
    }

    /** The network header and so many octets more. */
    private static byte[] quote(Frame frame, int more) {
        byte[] bytes = frame.bytes();
        int header = frame.toString().contains("2001") ? 40 : (bytes[ETHERNET] & 15) * 4;
        return java.util.Arrays.copyOfRange(bytes, ETHERNET, ETHERNET + header + more);
    }

    private static void assertTold(Frame frame, boolean v6, int type, int code, int rest) {
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(TX);
        String client = v6 ? "2001:db8::1" : "198.18.0.1";
        String vip = v6 ? "2001:db8::2" : "198.18.0.2";
        assertThat(run.packet())
                .isEqualTo(error(
                        "02:00:00:00:00:02", "02:00:00:00:00:01", vip, client, 64, type, code, rest, quote(frame, 8)));
        assertThat(rig.counters(0, 1).imbalance()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whomNobodyCanServeIsToldThatThePortIsUnreachable(boolean v6) {
        rig.commit(new Serving(0, vip(v6)).onePacket().weights(1));
        rig.flip(new ServerFlip(0, 0, Usability.SHUT, 1));
        assertTold(ask(v6), v6, v6 ? 1 : 3, v6 ? 4 : 3, 0);
        assertTold(ask(v6).payload(new byte[1_400]), v6, v6 ? 1 : 3, v6 ? 4 : 3, 0);
        if (!v6) assertTold(ask(false).options(10), false, 3, 3, 0);
        assertThat(rig.complaints()).isEqualTo(v6 ? 2 : 3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLastHopIsToldThatItWas(boolean v6) {
        rig.commit(new Serving(0, vip(v6)).onePacket().weights(1));
        assertTold(ask(v6).hops(1), v6, v6 ? 3 : 11, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsTooLongIsToldHowLongItMayBe(boolean v6) {
        rig.commit(new Serving(0, vip(v6)).onePacket().weights(1));
        assertTold(ask(v6).payload(new byte[1_480]), v6, v6 ? 2 : 3, v6 ? 0 : 4, 1_500);
        if (v6) return;
        TestRun run = rig.run(new Frame().payload(new byte[1_480]));
        assertThat(run.answer()).as("may be cut: nothing is told").isEqualTo(ProgramRig.DROP);
        assertThat(rig.counters(0, 1).drops()).containsExactly(Map.entry(DropReason.TOO_BIG, 2L));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noMoreAreSentThanSoManyAtATime(boolean v6) throws InterruptedException {
        rig.commit(new Serving(0, vip(v6)).onePacket().weights(1));
        rig.flip(new ServerFlip(0, 0, Usability.SHUT, 1));
        for (int i = 0; i < 3_000; i++) rig.run(ask(v6));
        assertThat(rig.complaints() + rig.complaintsSpared()).isEqualTo(3_000);
        assertThat(rig.complaintsSpared()).as("256 in 268 ms, each CPU").isPositive();
        assertThat(rig.counters(0, 1).drops()).containsExactly(Map.entry(DropReason.NO_REALSERVER, 3_000L));
        Thread.sleep(600); // the next test may say something again
    }

    /** What was sent to the realserver is quoted, and the client must see what it sent itself. */
    @ParameterizedTest
    @CsvSource({"false, true", "true, true", "false, false", "true, false"})
    void anErrorFromARealserversSideGoesToTheClientAsTheVips(boolean v6, boolean onePacket) {
        Serving serving = new Serving(0, vip(v6)).weights(1);
        rig.commit(onePacket ? serving.onePacket() : serving);
        Frame asked = ask(v6);
        rig.run(asked);
        Frame forwarded = asked.copy().to(Serving.endpoint(v6, 0, Serving.PORT)).hops(60);
        Frame seen = asked.copy().hops(60);
        byte[] quoted = quote(seen, 20);
        byte[] original = quote(forwarded, 20);
        int check = (v6 ? 40 : 20) + 6; // the quoted UDP checksum stays what the realserver saw
        quoted[check] = original[check];
        quoted[check + 1] = original[check + 1];
        for (int type : v6 ? new int[] {1, 2, 3, 4} : new int[] {3, 4, 11, 12}) {
            byte[] error = error(
                    "02:00:00:00:00:01",
                    "02:00:00:00:01:01",
                    v6 ? ROUTER6 : ROUTER4,
                    v6 ? "2001:db8::1" : "198.18.0.1",
                    50,
                    type,
                    v6 ? 0 : 3,
                    0x0102_0304,
                    original);
            TestRun run = rig.run(error);
            assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
            assertThat(run.packet())
                    .isEqualTo(error(
                            ClientNet.clientMac(1),
                            ClientNet.SOURCE_MAC,
                            v6 ? "2001:db8::2" : "198.18.0.2",
                            v6 ? "2001:db8::1" : "198.18.0.1",
                            49,
                            type,
                            v6 ? 0 : 3,
                            0x0102_0304,
                            quoted));
        }
        assertThat(rig.errorsBack()).isEqualTo(4);
        assertThat(rig.counters(0, 1).replies()).as("no reply").isZero();
    }

    /** What left for the client is quoted, and the realserver must see what it sent itself. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anErrorFromAClientsSideGoesToTheFlowsRealserver(boolean v6) {
        rig.commit(new Serving(0, vip(v6)).weights(1));
        Frame asked = ask(v6);
        rig.run(asked);
        Frame left = new Frame()
                .from(vip(v6))
                .to(v6 ? "[2001:db8::1]:40000" : "198.18.0.1:40000")
                .hops(60);
        Frame answered = left.copy().from(Serving.endpoint(v6, 0, Serving.PORT));
        byte[] original = quote(left, 20);
        byte[] quoted = quote(answered, 20);
        int check = (v6 ? 40 : 20) + 6;
        quoted[check] = original[check];
        quoted[check + 1] = original[check + 1];
        byte[] error = error(
                "02:00:00:00:00:01",
                "02:00:00:00:00:02",
                v6 ? "2001:db8::1" : "198.18.0.1",
                v6 ? "2001:db8::2" : "198.18.0.2",
                50,
                v6 ? 2 : 3,
                v6 ? 0 : 4,
                1_280,
                original);
        TestRun run = rig.run(error);
        assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(run.packet())
                .isEqualTo(error(
                        ProgramRig.mac(0),
                        ProgramRig.OUT_MAC,
                        v6 ? "2001:db8::1" : "198.18.0.1",
                        Serving.endpoint(v6, 0, 1).address().toString(),
                        49,
                        v6 ? 2 : 3,
                        v6 ? 0 : 4,
                        1_280,
                        quoted));
        assertThat(rig.errorsIn()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anErrorThatFitsNothingPassesUntouched(boolean v6) {
        rig.commit(new Serving(0, vip(v6)).weights(1));
        Frame strange = ask(v6).copy().to(Serving.endpoint(v6, 0, 99)).hops(60);
        String client = v6 ? "2001:db8::1" : "198.18.0.1";
        byte[] error = error(
                "02:00:00:00:00:01",
                "02:00:00:00:01:01",
                v6 ? ROUTER6 : ROUTER4,
                client,
                50,
                v6 ? 1 : 3,
                3,
                0,
                quote(strange, 8));
        TestRun run = rig.run(error);
        assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
        assertThat(run.packet()).isEqualTo(error);
        for (int length = ETHERNET; length < error.length - 8; length++) {
            byte[] part = java.util.Arrays.copyOf(error, length);
            assertThat(rig.run(part).packet()).isEqualTo(part);
        }
        assertThat(rig.errorsBack() + rig.errorsIn() + rig.errorsLost()).isZero();
    }
}
