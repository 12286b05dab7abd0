package io.evenkeel.realserver;

import static io.evenkeel.realserver.Wrapped.datagram;
import static io.evenkeel.realserver.Wrapped.frame;
import static io.evenkeel.realserver.Wrapped.ip;
import static io.evenkeel.realserver.Wrapped.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.linux.TcHook;
import io.evenkeel.model.IpAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions in, answers out, through the real programs: which answers are seen, and the exact bytes of mended ones. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF, Capability.BPF})
class AnswerTest {
    private static final int NEXT = -1;
    private static final byte[] TEXT = "an answer of odd length".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    private Receiver receiver;

    @BeforeEach
    void loadMending() {
        receiver = load(true);
    }

    private Receiver load(boolean mend) {
        Assignment assignment = new Assignment(
                List.of(IpAddress.of(vip(false)), IpAddress.of(vip(true)), IpAddress.of("198.18.0.101")),
                Set.of(Tunnel.IPIP),
                6080,
                List.of(),
                0,
                List.of(
                        Check.parse("udp:514").orElseThrow(),
                        Check.parse("tcp:53").orElseThrow()),
                mend);
        Receiver loaded = Receiver.load(
                Bpf.load(Bpf.LIBRARY),
                Receiver.bytes().orElseThrow(),
                TcHook.TCX,
                assignment,
                true,
                directory.resolve("log"));
        loaded.own(List.of(IpAddress.of(own(false)), IpAddress.of(own(true))));
        return loaded;
    }

    @AfterEach
    void unload() {
        receiver.close();
    }

    private static String vip(boolean v6) {
        return v6 ? "2001:db8::100" : "198.18.0.100";
    }

    private static String own(boolean v6) {
        return v6 ? "2001:db8::3" : "198.18.0.3";
    }

    private static String client(boolean v6) {
        return v6 ? "2001:db8:9::9" : "198.18.9.9";
    }

    private void asked(boolean v6, String to) {
        receiver.ingress().testRun(frame(datagram(client(v6), 40_000, to, 514, TEXT)), 1);
    }

    private void sent(byte[] packet, byte[] leaves) {
        TestRun run = receiver.egress().testRun(frame(packet), 1);
        assertThat(run.answer()).isEqualTo(NEXT);
        assertThat(run.packet()).isEqualTo(frame(leaves));
    }

    private static byte[] answer(boolean v6, String from) {
        return datagram(from, 514, client(v6), 40_000, TEXT);
    }

    private Answers answers() {
        return receiver.answers(514).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerFromElsewhereIsMendedWithItsChecksums(boolean v6) {
        asked(v6, vip(v6));
        sent(answer(v6, own(v6)), answer(v6, vip(v6)));
        sent(answer(v6, vip(v6)), answer(v6, vip(v6)));
        assertThat(answers()).isEqualTo(new Answers(1, 1, 0));
    }

    @Test
    void aDatagramWithoutAChecksumStaysWithout() {
        asked(false, vip(false));
        sent(
                ip(own(false), client(false), 17, udp(514, 40_000, TEXT)),
                ip(vip(false), client(false), 17, udp(514, 40_000, TEXT)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withoutTheWishItIsOnlySeen(boolean v6) {
        receiver.close();
        receiver = load(false);
        asked(v6, vip(v6));
        sent(answer(v6, own(v6)), answer(v6, own(v6)));
        assertThat(answers()).isEqualTo(new Answers(0, 0, 1));
    }

    @Test
    void whatCameThroughATunnelIsAQuestionToo() {
        byte[] question = datagram(client(false), 40_000, vip(false), 514, TEXT);
        receiver.ingress().testRun(frame(ip("198.18.0.2", own(false), 4, question)), 1);
        sent(answer(false, own(false)), answer(false, vip(false)));
    }

    @Test
    void theVipThatWasAskedLastIsTheOneThatAnswers() {
        asked(false, vip(false));
        asked(false, "198.18.0.101");
        sent(answer(false, own(false)), answer(false, "198.18.0.101"));
        sent(answer(false, vip(false)), answer(false, "198.18.0.101"));
        asked(false, own(false));
        sent(answer(false, own(false)), answer(false, own(false)));
        assertThat(answers()).isEqualTo(new Answers(0, 2, 0));
    }

    @Test
    void whatNobodyAskedIsLeftAlone() {
        sent(answer(false, own(false)), answer(false, own(false)));
        asked(false, vip(false));
        byte[] otherClient = datagram(own(false), 514, client(false), 40_001, TEXT);
        sent(otherClient, otherClient);
        byte[] otherPort = datagram(own(false), 515, client(false), 40_000, TEXT);
        sent(otherPort, otherPort);
        byte[] tcp = ip(own(false), client(false), 6, udp(514, 40_000, TEXT));
        sent(tcp, tcp);
        assertThat(answers()).isEqualTo(new Answers(0, 0, 0));
        assertThat(receiver.answers(53)).as("TCP is not watched").isEmpty();
    }

    @Test
    void aFragmentIsNotMendedSinceItsOthersCannotBe() {
        asked(false, vip(false));
        IpAddress own = IpAddress.of(own(false));
        IpAddress client = IpAddress.of(client(false));
        byte[] first = Wrapped.v4(own, client, 17, 0, 0x2000, new byte[0], udp(514, 40_000, TEXT));
        sent(first, first);
        assertThat(answers()).isEqualTo(new Answers(0, 0, 1));
        byte[] later = Wrapped.v4(own, client, 17, 0, 3, new byte[0], udp(514, 40_000, TEXT));
        sent(later, later);
        assertThat(answers()).isEqualTo(new Answers(0, 0, 1));
    }

    @Test
    void ipOptionsMoveThePorts() {
        asked(false, vip(false));
        byte[] options = {1, 1, 1, 1, 1, 1, 1, 1};
        IpAddress client = IpAddress.of(client(false));
        sent(
                Wrapped.v4(IpAddress.of(own(false)), client, 17, 0, 0, options, udp(514, 40_000, TEXT)),
                Wrapped.v4(IpAddress.of(vip(false)), client, 17, 0, 0, options, udp(514, 40_000, TEXT)));
    }
}
