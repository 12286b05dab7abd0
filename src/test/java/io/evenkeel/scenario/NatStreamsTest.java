package io.evenkeel.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.StreamHost;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** TCP through the kernel plane's NAT, with the stacks of this machine at both ends. */
class NatStreamsTest {
    private static final int PORT = 8_080;
    private static final int TEN_MEGABYTES = 10_000_000;
    private static final int CONNECTIONS = 200;
    private static final int REUSES = 20;
    private static final int RELOADS = 12;
    private static final int UPPER = 5;
    private static final int SHORT_MILLIS = 500;

    @Scenario("TCP")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void tenMegabytesArriveWholeBothWays(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "10 MB, half-close, reset", figures -> transfer(figures, false));
    }

    @Scenario("TCP")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void theSameOverIpv6(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "10 MB, half-close, reset, IPv6", figures -> transfer(figures, true));
    }

    @Scenario("TCP")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void openConnectionsAreSpreadByRotationExactly(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "200 open, rr", figures -> spread(figures, "rr", 1, 1, 1));
    }

    @Scenario("TCP")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void openConnectionsAreSpreadByTheirNumberAndTheWeights(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "200 open, wlc 1:2:1", figures -> spread(figures, "wlc", 1, 2, 1));
    }

    @Scenario("TCP")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aPortThatIsUsedAgainMakesANewConnection(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "port reuse", NatStreamsTest::reuse);
    }

    @Scenario("TCP")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aFullServiceTakesNoMoreAndSaysSo(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "thresholds", NatStreamsTest::thresholds);
    }

    @Scenario("TCP")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void connectionsLiveThroughReloadsAndOneIsResetWhenItsRealserverIsRemoved(
            Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "reloads", NatStreamsTest::reloads);
    }

    private static void reloads(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            InetSocketAddress vip = KernelLab.at(false, 0, 200, PORT);
            InetSocketAddress other = KernelLab.at(false, 0, 200, PORT + 1);
            hosts(lab, false);
            String plain = service(vip, false).toString();
            // by turns: other weights, a second service with the same realservers, back again
            List<String> texts = List.of(
                    service(vip, false).scheduler("wrr").weights(3, 1, 2).toString(),
                    plain + "\n" + service(other, false),
                    plain);
            DirectorUnderTest director = lab.directorWithAllUp(plain);
            List<Socket> open = new ArrayList<>();
            Map<Socket, String> names = new HashMap<>();
            for (int i = 0; i < 3 * UPPER; i++) {
                Socket socket = lab.keep(Clients.connect(lab.clientNode(), vip));
                open.add(socket);
                names.put(socket, Clients.say(socket, "who"));
            }
            int broken = 0;
            for (int n = 0; n < RELOADS; n++) {
                director.reload(texts.get(n % texts.size()));
                for (Socket socket : open) if (!echoes(socket)) broken++;
            }
            figures.exactly("broken by " + RELOADS + " reloads", 0, broken);
            ServiceText two = ServiceText.tcp(vip);
            for (int i : new int[] {1, 3}) two.realServer(KernelLab.at(false, 1, 10 + i, PORT));
            director.reload(two.toString());
            int reset = 0;
            int kept = 0;
            for (Socket socket : open) {
                boolean lives = echoes(socket);
                if (names.get(socket).equals("b2") && !lives) reset++;
                if (!names.get(socket).equals("b2") && lives) kept++;
            }
            figures.exactly("of the removed one reset at the next packet", UPPER, reset);
            figures.exactly("of the others kept", 2 * UPPER, kept);
        }
    }

    private static boolean echoes(Socket socket) {
        try {
            return Clients.say(socket, "word").equals("word");
        } catch (IOException reset) {
            return false;
        }
    }

    private static void transfer(Figures figures, boolean v6) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            InetSocketAddress vip = KernelLab.at(v6, 0, 200, PORT);
            List<StreamHost> hosts = hosts(lab, v6);
            lab.directorWithAllUp(service(vip, v6).toString());
            byte[] bytes = StreamHost.pattern(TEN_MEGABYTES);
            try (Socket pull = Clients.connect(lab.clientNode(), vip)) {
                pull.getOutputStream().write(("pull " + TEN_MEGABYTES + "\n").getBytes(US_ASCII));
                byte[] all = pull.getInputStream().readAllBytes();
                figures.exactly("bytes pulled", TEN_MEGABYTES, all.length);
                figures.exactly("and whole", 1, StreamHost.crc(all) == StreamHost.crc(bytes) ? 1 : 0);
            }
            try (Socket push = Clients.connect(lab.clientNode(), vip)) {
                push.getOutputStream().write("push\n".getBytes(US_ASCII));
                push.getOutputStream().write(bytes);
                push.shutdownOutput(); // the answer comes over the half that is still open
                String said = StreamHost.line(push.getInputStream());
                String wanted = " " + TEN_MEGABYTES + " " + StreamHost.crc(bytes);
                figures.exactly("pushed, whole, and told so after the half-close", 1, said.endsWith(wanted) ? 1 : 0);
            }
            figures.same("a reset of the realserver's is", "Connection reset", reset(lab, vip));
            Set<Object> sources = new HashSet<>();
            for (StreamHost host : hosts) {
                host.clients().forEach(from -> sources.add(((InetSocketAddress) from).getAddress()));
            }
            figures.same(
                    "clients seen by realservers",
                    Set.of(KernelLab.at(v6, 0, 1, 0).getAddress()).toString(),
                    sources.toString());
        }
    }

    private static String reset(KernelLab lab, InetSocketAddress vip) throws Exception {
        try (Socket socket = Clients.connect(lab.clientNode(), vip)) {
            return "said " + Clients.say(socket, "reset");
        } catch (IOException told) {
            return String.valueOf(told.getMessage());
        }
    }

    private static void spread(Figures figures, String scheduler, Integer... weights) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            InetSocketAddress vip = KernelLab.at(false, 0, 200, PORT);
            hosts(lab, false);
            DirectorUnderTest director = lab.directorWithAllUp(
                    service(vip, false).scheduler(scheduler).weights(weights).toString());
            Map<String, Integer> counts = new TreeMap<>();
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = lab.keep(Clients.connect(lab.clientNode(), vip));
                open.add(socket);
                counts.merge(Clients.say(socket, "who"), 1, Integer::sum);
            }
            int sum = 0;
            for (int weight : weights) sum += weight;
            int slack = scheduler.equals("rr") ? 0 : Runtime.getRuntime().availableProcessors();
            for (int i = 1; i <= 3; i++) {
                int low = CONNECTIONS * weights[i - 1] / sum;
                int high = (CONNECTIONS * weights[i - 1] + sum - 1) / sum;
                figures.between("connections of b" + i, low - slack, high + slack, counts.getOrDefault("b" + i, 0));
            }
            int echoes = 0;
            for (Socket socket : open) if (Clients.say(socket, "and now?").equals("and now?")) echoes++;
            figures.exactly("echoes", CONNECTIONS, echoes);
            long flows = 0;
            for (var server : director.status().service().path("realservers"))
                flows += server.path("flows").asLong();
            figures.note("flows in status", flows);
        }
    }

    /** Closed by a reset, or by the realserver first and then the client: the port is free again at once. */
    private static void reuse(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            InetSocketAddress vip = KernelLab.at(false, 0, 200, PORT);
            hosts(lab, false);
            lab.directorWithAllUp(service(vip, false).toString());
            int answered = 0;
            Set<String> turns = new HashSet<>();
            for (int i = 0; i < REUSES; i++) {
                try (Socket socket = Clients.connect(lab.clientNode(), 30_000, vip, SHORT_MILLIS)) {
                    String name = Clients.say(socket, "who");
                    if (name.startsWith("b")) answered++;
                    turns.add(name);
                    socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            }
            figures.exactly("after a reset", REUSES, answered);
            figures.exactly("each a new turn: realservers used", 3, turns.size());
            answered = 0;
            for (int i = 0; i < REUSES; i++) {
                try (Socket socket = Clients.connect(lab.clientNode(), 30_001, vip, SHORT_MILLIS)) {
                    socket.getOutputStream().write("pull 5\n".getBytes(US_ASCII));
                    if (socket.getInputStream().readAllBytes().length == 5) answered++;
                }
            }
            figures.exactly("after both have closed", REUSES, answered);
        }
    }

    private static void thresholds(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            InetSocketAddress vip = KernelLab.at(false, 0, 200, PORT);
            hosts(lab, false);
            DirectorUnderTest director = lab.directorWithAllUp(
                    service(vip, false).serverLine("uthreshold " + UPPER).toString());
            Map<String, Integer> counts = new TreeMap<>();
            for (int i = 0; i < 3 * UPPER; i++) {
                Socket socket = lab.keep(Clients.connect(lab.clientNode(), vip));
                counts.merge(Clients.say(socket, "who"), 1, Integer::sum);
            }
            for (int i = 1; i <= 3; i++) figures.exactly("on b" + i, UPPER, counts.getOrDefault("b" + i, 0));
            int more = 0;
            try (Socket socket = Clients.connect(lab.clientNode(), 0, vip, SHORT_MILLIS)) {
                more = socket.isConnected() ? 1 : 0;
            } catch (IOException refused) {
                // as it should be
            }
            figures.exactly("one more", 0, more);
            figures.exactly("dropped by name", 1, director.status().drops("overloaded"));
        }
    }

    private static List<StreamHost> hosts(KernelLab lab, boolean v6) throws Exception {
        List<StreamHost> hosts = new ArrayList<>();
        for (int i = 1; i <= lab.servers(); i++) {
            hosts.add(lab.keep(StreamHost.open(lab.server(i), "b" + i, KernelLab.at(v6, 1, 10 + i, PORT))));
        }
        return hosts;
    }

    private static ServiceText service(InetSocketAddress vip, boolean v6) {
        return ServiceTexts.nat(ServiceText.tcp(vip), v6, 1, PORT, 3);
    }
}
