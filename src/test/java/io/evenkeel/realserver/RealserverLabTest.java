package io.evenkeel.realserver;

import static io.evenkeel.realserver.RealserverRig.PORT;
import static io.evenkeel.realserver.RealserverRig.VIP4;
import static io.evenkeel.realserver.RealserverRig.VIP6;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.NamespaceThread;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code evenkeel realserver} on a machine, in the lab of {@link RealserverRig}. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.IPV6, Capability.CLANG, Capability.LIBBPF, Capability.BPF})
class RealserverLabTest {
    private static final String BOTH = VIP4 + "," + VIP6;
    private static final String IGNORE = "net/ipv4/conf/all/arp_ignore";
    private static final String ANNOUNCE = "net/ipv4/conf/sw/arp_announce";

    @TempDir
    Path directory;

    private RealserverRig rig;
    private Path state;

    @BeforeEach
    void open() {
        rig = new RealserverRig();
        state = directory.resolve("state");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest(name = "{0}: IPv{1} in IPv{2}")
    @CsvSource({
        "ipip, 4, 4", "ipip, 6, 4", "ipip, 4, 6", "ipip, 6, 6",
        "gre, 4, 4", "gre, 6, 4", "gre, 4, 6", "gre, 6, 6",
        "gue, 4, 4", "gue, 6, 4", "gue, 4, 6", "gue, 6, 6"
    })
    void whatComesThroughATunnelIsAnsweredFromTheVip(String tunnel, int inner, int outer) throws Exception {
        String vip = inner == 6 ? VIP6 : VIP4;
        try (RealserverProcess process = RealserverProcess.ready(rig.server, state, "--vip", BOTH, "--tunnel", tunnel);
                DatagramSocket echo = rig.echo(vip);
                DatagramSocket client = rig.client(inner == 6 ? "2001:db8::1" : "198.18.0.1")) {
            for (int i = 0; i < 3; i++) {
                byte[] text = ("datagram " + i).getBytes(StandardCharsets.US_ASCII);
                byte[] packet = Wrapped.datagram(
                        client.getLocalAddress().getHostAddress(), client.getLocalPort(), vip, PORT, text);
                rig.direct(wrapped(tunnel, inner == 6, outer == 6, packet));
                assertThat(RealserverRig.answer(client))
                        .hasValueSatisfying(answer -> assertThat(answer)
                                .isEqualTo(echo.getLocalAddress().getHostAddress() + ":" + PORT + " datagram "
                                        + answer.charAt(answer.length() - 1)));
            }
            assertThat(process.report()).contains(tunnel + "_" + inner + "_in_" + outer + " 3");
        }
    }

    private static byte[] wrapped(String tunnel, boolean inner6, boolean outer6, byte[] packet) {
        String from = outer6 ? "2001:db8::2" : "198.18.0.2";
        String to = outer6 ? "2001:db8::3" : "198.18.0.3";
        int protocol = inner6 ? 41 : 4;
        int type = inner6 ? Wrapped.TYPE_6 : Wrapped.TYPE_4;
        return switch (tunnel) {
            case "ipip" -> Wrapped.ip(from, to, protocol, packet);
            case "gre" -> Wrapped.ip(from, to, 47, Wrapped.greWithChecksum(type, packet));
            case "gue" -> Wrapped.ip(from, to, 17, Wrapped.udp(50_000, 6080, Wrapped.gue(0, protocol, 0, packet)));
            default -> throw new IllegalArgumentException(tunnel);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {VIP4, VIP6})
    void whatIsRoutedDirectlyIsAnsweredFromTheVip(String vip) throws Exception {
        try (RealserverProcess process = RealserverProcess.ready(rig.server, state, "--vip", BOTH);
                DatagramSocket echo = rig.echo(vip);
                DatagramSocket client = rig.client(vip.equals(VIP6) ? "2001:db8::1" : "198.18.0.1")) {
            // What a director does: the VIP's packets go to the realserver's MAC address.
            rig.client.ip("neigh", "replace", vip, "lladdr", RealserverRig.mac(rig.server), "dev", "sw");
            for (int i = 0; i < 3; i++) {
                byte[] text = ("direct " + i).getBytes(StandardCharsets.US_ASCII);
                client.send(new DatagramPacket(text, text.length, new InetSocketAddress(vip, PORT)));
                assertThat(RealserverRig.answer(client))
                        .contains(echo.getLocalAddress().getHostAddress() + ":" + PORT + " direct " + i);
            }
            assertThat(process.report()).contains((vip.equals(VIP6) ? "direct_6" : "direct_4") + " 3");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VIP4, VIP6})
    void aConnectionWithTheSendersOffloadsOnIsWholeAndItsAggregatesCountAsPackets(String vip) throws Exception {
        int bytes = 4_000_000;
        int segment = 1_448; // of IPv4 with timestamps; the largest there is
        try (RealserverProcess process = RealserverProcess.ready(
                        rig.server, state, "--vip", vip, "--tunnel", "ipip,gre,gue", "--check", "tcp:514");
                ServerSocket listening =
                        NamespaceThread.call(rig.server, () -> new ServerSocket(PORT, 1, InetAddress.getByName(vip)))) {
            rig.client.ip("neigh", "replace", vip, "lladdr", RealserverRig.mac(rig.server), "dev", "sw");
            Socket client = NamespaceThread.call(rig.client, () -> new Socket(vip, PORT));
            try (client;
                    Socket server = listening.accept()) {
                Thread sending = Thread.ofPlatform().start(() -> {
                    try (OutputStream out = client.getOutputStream()) {
                        out.write(new byte[bytes]);
                    } catch (IOException broken) {
                        // the other end reads too little, and says so
                    }
                });
                assertThat(server.getInputStream().readAllBytes()).hasSize(bytes);
                sending.join();
            }
            process.report();
            assertThat(process.await("check: ")).contains(vip + " tcp:514: ").contains("bound to the VIP");
            String counters = process.report();
            String word = vip.equals(VIP6) ? "direct_6 " : "direct_4 ";
            String count =
                    counters.substring(counters.indexOf(word) + word.length()).split(",")[0];
            assertThat(Long.parseLong(count)).isGreaterThanOrEqualTo(bytes / segment);
        }
    }

    @Test
    void nobodyHearsOfTheVipsByArpOrNdWhileItRuns() throws Exception {
        rig.server.ip("addr", "add", VIP4 + "/32", "dev", "lo", "scope", "host");
        assertThat(rig.neighbourAnswers(VIP4))
                .as("without us it is answered for")
                .isTrue();
        rig.server.ip("addr", "del", VIP4 + "/32", "dev", "lo");
        try (RealserverProcess process = RealserverProcess.ready(rig.server, state, "--vip", BOTH)) {
            assertThat(rig.neighbourAnswers(VIP4)).isFalse();
            assertThat(rig.neighbourAnswers(VIP6)).isFalse();
            assertThat(rig.neighbourAnswers("198.18.0.3")).isTrue();
            assertThat(rig.neighbourAnswers("2001:db8::3")).isTrue();
            process.end("TERM");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void everythingIsAsBeforeWhenItHasEnded(String signal) throws Exception {
        rig.server.sysctl("net.ipv4.conf.all.arp_announce", "1").sysctl("net.ipv4.conf.sw.arp_ignore", "3");
        String before = rig.everything();
        try (RealserverProcess process =
                RealserverProcess.ready(rig.server, state, "--vip", BOTH, "--tunnel", "ipip,gre,gue")) {
            assertThat(rig.everything()).isNotEqualTo(before);
            assertThat(rig.setting(IGNORE)).isEqualTo("1");
            assertThat(rig.setting("net/ipv4/conf/sw/arp_ignore"))
                    .as("silent already")
                    .isEqualTo("3");
            assertThat(rig.setting(ANNOUNCE)).isEqualTo("2");
            assertThat(rig.addressesOfLoopback())
                    .contains(VIP4 + "/32 scope host")
                    .contains(VIP6 + "/128");
            assertThat(process.end(signal)).last().asString().startsWith("received: ");
            assertThat(process.exit()).isZero();
        }
        assertThat(rig.everything()).isEqualTo(before);
        assertThat(state.toFile().list()).allMatch(name -> name.endsWith(".lock"));
    }

    @Test
    void whatAKilledOneLeftIsTakenOverAndUndoneByTheNext() throws Exception {
        String before = rig.everything();
        RealserverProcess.ready(rig.server, state, "--vip", BOTH, "--tunnel", "ipip")
                .kill();
        assertThat(rig.everything()).isNotEqualTo(before);
        try (RealserverProcess next = RealserverProcess.start(rig.server, state, "--vip", VIP4)) {
            next.await("took over");
            next.await("ready: ");
            assertThat(rig.addressesOfLoopback()).contains(VIP4).doesNotContain(VIP6);
            next.end("TERM");
        }
        assertThat(rig.everything()).isEqualTo(before);
    }

    @Test
    void whatAKilledOneLeftIsUndoneOnDemand() throws Exception {
        String before = rig.everything();
        RealserverProcess.ready(rig.server, state, "--vip", BOTH).kill();
        try (RealserverProcess undo = RealserverProcess.start(rig.server, state, "--undo")) {
            assertThat(undo.exit()).isZero();
        }
        assertThat(rig.everything()).isEqualTo(before);
        try (RealserverProcess undo = RealserverProcess.start(rig.server, state, "--undo")) {
            assertThat(undo.exit()).isZero();
        }
        assertThat(rig.everything()).isEqualTo(before);
    }

    @Test
    void theKernelTakesTheVipsFromADeadOneAndKeepsThemForALivingOne() throws Exception {
        RealserverProcess process = RealserverProcess.ready(rig.server, state, "--vip", BOTH, "--lease", "10");
        Thread.sleep(12_000);
        assertThat(rig.addressesOfLoopback()).contains(VIP4).contains(VIP6);
        process.kill();
        for (int i = 0; i < 150 && rig.addressesOfLoopback().contains(VIP4); i++) Thread.sleep(100);
        for (int i = 0; i < 150 && rig.addressesOfLoopback().contains(VIP6); i++) Thread.sleep(100);
        assertThat(rig.addressesOfLoopback()).doesNotContain(VIP4).doesNotContain(VIP6);
    }

    @Test
    void whatSomethingElseChangedMeanwhileStaysAndIsSaid() throws Exception {
        try (RealserverProcess process = RealserverProcess.ready(rig.server, state, "--vip", VIP4)) {
            rig.server.sysctl("net.ipv4.conf.all.arp_ignore", "8").sysctl("net.ipv4.conf.sw.arp_announce", "0");
            process.await(IGNORE + " should be 1 and something else set it to 8");
            process.await(ANNOUNCE + " should be 2 and something else set it to 0");
            assertThat(process.end("TERM"))
                    .anyMatch(line -> line.contains(IGNORE + " was set to 1 by us and is 8 now"));
        }
        assertThat(rig.setting(IGNORE)).isEqualTo("8");
        assertThat(rig.setting(ANNOUNCE)).isEqualTo("0");
        assertThat(rig.setting("net/ipv4/conf/sw/arp_ignore")).isEqualTo("0");
    }

    @Test
    void aVipThatSomethingElseTookAwayIsPutBack() throws Exception {
        try (RealserverProcess process = RealserverProcess.ready(rig.server, state, "--vip", BOTH)) {
            rig.server.ip("addr", "del", VIP4 + "/32", "dev", "lo");
            process.await(VIP4 + " was taken off lo by something else");
            assertThat(rig.addressesOfLoopback()).contains(VIP4);
        }
    }

    @Test
    void anInterfaceThatComesLaterIsServedAndOneThatGoesIsForgotten() throws Exception {
        try (RealserverProcess process =
                RealserverProcess.start(rig.server, state, "--vip", VIP4, "--tunnel", "ipip", "--json")) {
            process.await("\"state\":\"ready\"");
            rig.server.ip("link", "add", "late0", "type", "bridge");
            rig.server.ip("link", "set", "late0", "up");
            rig.server.address("late0", "198.18.7.1/24");
            for (int i = 0;
                    i < 50 && !rig.setting("net/ipv4/conf/late0/arp_announce").equals("2");
                    i++) {
                Thread.sleep(100);
            }
            assertThat(rig.setting("net/ipv4/conf/late0/arp_announce")).isEqualTo("2");
            process.signal("USR1");
            assertThat(process.await("\"running\"")).contains("\"interfaces\":[\"late0\",\"sw\"]");
            rig.server.ip("link", "del", "late0");
            Thread.sleep(2_000);
            process.signal("USR1");
            assertThat(process.await("\"running\"")).contains("\"interfaces\":[\"sw\"]");
            process.end("TERM");
            assertThat(process.exit()).isZero();
        }
    }

    @Test
    void theReversePathFilterIsLoosenedWhereClientsComeByAnotherWay() throws Exception {
        rig.server.ip("link", "add", "out0", "type", "bridge");
        rig.server.ip("link", "set", "out0", "up");
        rig.server.address("out0", "198.18.8.1/24").defaultRoute("198.18.8.254");
        rig.server.sysctl("net.ipv4.conf.all.rp_filter", "1").sysctl("net.ipv4.conf.sw.rp_filter", "1");
        String before = rig.everything();
        try (RealserverProcess process = RealserverProcess.start(rig.server, state, "--vip", VIP4)) {
            process.await(
                    "sw: the way back to clients leads out of another interface, so rp_filter is set from 1 to 2");
            process.await("ready: ");
            assertThat(rig.setting("net/ipv4/conf/sw/rp_filter")).isEqualTo("2");
            assertThat(rig.setting("net/ipv4/conf/out0/rp_filter")).isEqualTo("0");
            assertThat(rig.setting("net/ipv4/conf/all/rp_filter")).isEqualTo("1");
            process.end("TERM");
        }
        assertThat(rig.everything()).isEqualTo(before);
    }

    @Test
    void aSecondOneIsRefusedAndHarmsNothing() throws Exception {
        try (RealserverProcess first = RealserverProcess.ready(rig.server, state, "--vip", VIP4)) {
            String between = rig.everything();
            try (RealserverProcess second = RealserverProcess.start(rig.server, state, "--vip", VIP6)) {
                second.await("prepares this machine already");
                assertThat(second.exit()).isEqualTo(1);
            }
            assertThat(rig.everything()).isEqualTo(between);
            first.end("TERM");
        }
    }

    @Test
    void aVipThatIsAnInterfacesOwnIsRefusedWithTheCommandThatHelps() throws Exception {
        rig.server.address("sw", VIP4 + "/24");
        String before = rig.everything();
        try (RealserverProcess process = RealserverProcess.start(rig.server, state, "--vip", BOTH)) {
            process.await(VIP4 + " is an address of sw, which would answer ARP and ND for it (ip addr del " + VIP4
                    + "/24 dev sw)");
            assertThat(process.exit()).isEqualTo(1);
        }
        assertThat(rig.everything()).isEqualTo(before);
    }

    @Test
    void aLedgerThatCannotBeBelievedIsNotActedUpon() throws Exception {
        RealserverProcess.ready(rig.server, state, "--vip", VIP4).kill();
        Path ledger = null;
        try (var files = Files.list(state)) {
            ledger = files.filter(f -> !f.toString().endsWith(".lock"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.writeString(ledger, Files.readString(ledger) + "sysctl net/ipv4/../../kernel/panic 0 1\n");
        String before = rig.everything();
        try (RealserverProcess process = RealserverProcess.start(rig.server, state, "--vip", VIP4)) {
            process.await("is not readable as the notes of what was changed");
            assertThat(process.exit()).isEqualTo(1);
        }
        assertThat(rig.everything()).isEqualTo(before);
    }

    @Test
    void daemonsAreLookedAt() throws Exception {
        DatagramSocket bound =
                NamespaceThread.call(rig.server, () -> new DatagramSocket(new InetSocketAddress("198.18.0.3", 53)));
        DatagramSocket any = rig.echo("0.0.0.0");
        try (bound;
                any;
                RealserverProcess process = RealserverProcess.ready(
                        rig.server,
                        state,
                        "--vip",
                        VIP4,
                        "--check",
                        "udp:514",
                        "--check",
                        "udp:53",
                        "--check",
                        "tcp:80")) {
            assertThat(process.await("check: ")).contains(VIP4 + " udp:514: bound to any address: answers come from");
            assertThat(process.await("check: ")).contains(VIP4 + " udp:53: nobody listens there");
            assertThat(process.await("check: ")).contains(VIP4 + " tcp:80: nobody listens there");
        }
    }

    @ParameterizedTest
    @CsvSource({"198.18.0.1, 198.18.0.100, 0.0.0.0", "2001:db8::1, 2001:db8::100, ::"})
    void aDaemonThatAnswersFromElsewhereIsSeenAndNamed(String from, String vip, String any) throws Exception {
        try (RealserverProcess process = RealserverProcess.ready(
                        rig.server, state, "--vip", BOTH, "--check", "udp:514", "--tunnel", "ipip");
                DatagramSocket echo = rig.echo(any);
                DatagramSocket client = rig.client(from)) {
            assertThat(echo.getLocalPort()).isEqualTo(PORT);
            rig.direct(wrapped("ipip", vip.equals(VIP6), false, question(client, vip, "one")));
            assertThat(RealserverRig.answer(client)).contains(answerFrom(rig.own(vip), "one"));
            assertThat(process.await("udp:514: answers leave from another address than the VIP that was asked"))
                    .contains("(java, pid " + ProcessHandle.current().pid() + ")");
            process.report();
            assertThat(process.await("answers udp:514: ")).endsWith("0 from the VIP, 0 mended, 1 from elsewhere");
            // Who asks its own address is answered rightly.
            rig.direct(question(client, rig.own(vip), "two"));
            assertThat(RealserverRig.answer(client)).contains(answerFrom(rig.own(vip), "two"));
            process.report();
            assertThat(process.await("answers udp:514: ")).endsWith("0 from the VIP, 0 mended, 1 from elsewhere");
        }
    }

    @ParameterizedTest
    @CsvSource({"198.18.0.1, 198.18.0.100, 0.0.0.0", "2001:db8::1, 2001:db8::100, ::"})
    void aDaemonThatAnswersFromElsewhereIsMendedOnDemand(String from, String vip, String any) throws Exception {
        int datagrams = 200;
        try (RealserverProcess process =
                        RealserverProcess.ready(rig.server, state, "--vip", BOTH, "--check", "udp:514", "--mend");
                DatagramSocket echo = rig.echo(any);
                DatagramSocket client = rig.client(from)) {
            assertThat(echo.getLocalPort()).isEqualTo(PORT);
            for (int i = 0; i < datagrams; i++) {
                String text = "odd" + "!".repeat(i);
                rig.direct(question(client, vip, text));
                assertThat(RealserverRig.answer(client)).contains(answerFrom(vip, text));
            }
            rig.direct(question(client, rig.own(vip), "own"));
            assertThat(RealserverRig.answer(client)).contains(answerFrom(rig.own(vip), "own"));
            process.report();
            assertThat(process.await("answers udp:514: "))
                    .endsWith("0 from the VIP, " + datagrams + " mended, 0 from elsewhere");
        }
    }

    private static byte[] question(DatagramSocket client, String to, String text) {
        return Wrapped.datagram(
                client.getLocalAddress().getHostAddress(),
                client.getLocalPort(),
                to,
                PORT,
                text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String answerFrom(String address, String text) throws java.net.UnknownHostException {
        return java.net.InetAddress.getByName(address).getHostAddress() + ":" + PORT + " " + text;
    }

    @Test
    void printedCommandsDoTheSameAndNothingIsChangedByPrinting() throws Exception {
        String before = rig.everything();
        List<String> lines;
        try (RealserverProcess process = RealserverProcess.start(rig.server, state, "--vip", BOTH, "--print")) {
            process.await("# to undo");
            assertThat(process.exit()).isZero();
            assertThat(rig.everything()).isEqualTo(before);
            lines = process.rest();
        }
        int half = lines.indexOf("# to undo");
        lines.subList(0, half).stream().filter(l -> !l.startsWith("#")).forEach(l -> rig.server.run("sh", "-c", l));
        String prepared = rig.everything();
        lines.subList(half, lines.size()).stream()
                .filter(l -> !l.startsWith("#"))
                .forEach(l -> rig.server.run("sh", "-c", l));
        assertThat(rig.everything()).isEqualTo(before);
        try (RealserverProcess process = RealserverProcess.ready(rig.server, state, "--vip", BOTH, "--lease", "0")) {
            assertThat(withoutPrograms(rig.everything())).isEqualTo(withoutPrograms(prepared));
            process.end("TERM");
        }
    }

    private static String withoutPrograms(String everything) {
        return everything.lines().filter(l -> !l.startsWith("[{")).reduce("", (a, b) -> a + b + "\n");
    }
}
