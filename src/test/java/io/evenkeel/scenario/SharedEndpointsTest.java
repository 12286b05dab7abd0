package io.evenkeel.scenario;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DatagramHost;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.SocketUse;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two virtual services on the same three realservers and port: every reply comes from the address that was asked, though a
 * realserver's endpoint alone does not tell whose it is. The client asks both, from many ports, in a random order.
 */
class SharedEndpointsTest {
    private static final int QUERIES = 10_000;
    private static final int PORTS = 200;
    private static final int PATIENCE_MILLIS = 500;
    private static final int CONNECT_MILLIS = 500;
    private static final long SEED = 20_261_122;
    private static final int PORT = 53;

    @Scenario("shared")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void everyReplyComesFromTheAddressAskedUnderOnePacketScheduling(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "ops", figures -> ask(figures, "ops", false));
    }

    @Scenario("shared")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void everyReplyComesFromTheAddressAskedOfTrackedFlows(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "flows, IPv6", figures -> ask(figures, "udp_timeout 60", true));
    }

    @Scenario("shared")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aClientMayAskBothFromOnePort(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "one port, two services", SharedEndpointsTest::onePort);
    }

    @Scenario("shared")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void repliesUnderWayArriveThoughTheirEndpointsAreSharedMeanwhile(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "a second service joins", figures -> join(setting, figures));
    }

    private static void join(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(new EchoServer.Settings(List.of(), 1, Duration.ofMillis(100), EchoServer.SidePort.ACCEPT));
            String alone = rig.service().answered(1).toString();
            InetSocketAddress second =
                    new InetSocketAddress(rig.vip().getAddress(), rig.vip().getPort() + 50);
            ServiceText other = ServiceText.udp(second).line("ops");
            for (int i = 1; i <= 3; i++) other.realServer(rig.server(i));
            DirectorUnderTest director = rig.directorWithAllUp(alone);
            rig.client()
                    .send(SendPlan.withReplies(rig.vip(), 6_000)
                            .paced(new Pacing.OpenLoop(3_000))
                            .from(new SocketUse.Each(1_000)) // each asks three times a second
                            .answered(1));
            Thread.sleep(500);
            director.reload(alone + "\n" + other);
            Thread.sleep(500);
            director.reload(alone);
            SendRecord sent = rig.client().awaitEnd();
            figures.exactly("answered", 6_000, sent.answered());
            figures.exactly("from elsewhere", 0, sent.strangeReplies());
            figures.same("reply drops", "{}", director.status().reasons("replyDrops"));
        }
    }

    /** Every client port keeps to one of the two services, as resolvers' and syslog senders' do. */
    private static void ask(Figures figures, String kind, boolean v6) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            List<DatagramHost> hosts = hosts(lab, v6);
            InetSocketAddress[] vips = vips(lab, v6);
            DirectorUnderTest director = lab.directorWithAllUp(services(vips, kind, v6));
            List<DatagramSocket> sockets = new ArrayList<>();
            for (int i = 0; i < PORTS; i++) {
                sockets.add(lab.keep(Clients.udp(lab.clientNode(), KernelLab.at(v6, 0, 1, 20_000 + i))));
            }
            SplittableRandom random = new SplittableRandom(SEED);
            int wrong = 0;
            int silent = 0;
            int[] asked = new int[2];
            for (int n = 0; n < QUERIES; n++) {
                int port = random.nextInt(PORTS);
                InetSocketAddress vip = vips[port % 2];
                asked[port % 2]++;
                Clients.Reply reply = Clients.ask(sockets.get(port), vip, "q" + n, PATIENCE_MILLIS);
                if (!reply.came()) silent++;
                else if (!reply.from().equals(vip) || !reply.text().endsWith(" q" + n)) wrong++;
            }
            figures.exactly("without a reply", 0, silent);
            figures.exactly("from elsewhere", 0, wrong);
            figures.exactly(
                    "received by realservers",
                    QUERIES,
                    hosts.stream().mapToLong(DatagramHost::received).sum());
            for (int i = 0; i < 2; i++) {
                var service = director.status().document().path("services").path(i);
                figures.exactly(
                        "replies of service " + (i + 1),
                        asked[i],
                        service.path("replies").asLong());
            }
        }
    }

    /** A client that asks both from one port: what the second is asked leaves from another. */
    private static void onePort(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            hosts(lab, false);
            InetSocketAddress[] vips = vips(lab, false);
            StringBuilder streams = new StringBuilder();
            for (InetSocketAddress vip : vips)
                streams.append(ServiceTexts.nat(ServiceText.tcp(vip), false, 1, PORT, 3));
            DirectorUnderTest director = lab.directorWithAllUp(services(vips, "udp_timeout 60", false) + streams);
            DatagramSocket socket = lab.keep(Clients.udp(lab.clientNode(), KernelLab.at(false, 0, 1, 20_000)));
            int[] answered = new int[2];
            for (int n = 0; n < 20; n++) {
                answered[n % 2] += came(Clients.ask(socket, vips[n % 2], "q" + n, PATIENCE_MILLIS), vips[n % 2]);
            }
            for (int i = 0; i < 2; i++) figures.exactly("answered by service " + (i + 1), 10, answered[i]);
            figures.atLeast("from another port", 1, director.status().path("source_translated"));
            int echoes = 0;
            try (Socket one = Clients.connect(lab.clientNode(), 30_000, vips[0], CONNECT_MILLIS);
                    Socket other = Clients.connect(lab.clientNode(), 30_000, vips[1], CONNECT_MILLIS)) {
                for (Socket each : List.of(one, other)) Clients.say(each, "who");
                for (Socket each : List.of(one, other, one))
                    if (Clients.say(each, "w").equals("w")) echoes++;
            }
            figures.exactly("echoes of two connections from one port", 3, echoes);
            figures.same("dropped", "{}", director.status().reasons("drops"));
        }
    }

    private static int came(Clients.Reply reply, InetSocketAddress from) {
        return reply.came() && reply.from().equals(from) ? 1 : 0;
    }

    private static List<DatagramHost> hosts(KernelLab lab, boolean v6) throws Exception {
        List<DatagramHost> hosts = new ArrayList<>();
        for (int i = 1; i <= lab.servers(); i++) {
            hosts.add(lab.keep(DatagramHost.open(lab.server(i), "b" + i, KernelLab.at(v6, 1, 10 + i, PORT))));
        }
        return hosts;
    }

    /** The second is an address of its own. */
    private static InetSocketAddress[] vips(KernelLab lab, boolean v6) {
        lab.address(lab.directorNode(), "cl", 0, 201);
        return new InetSocketAddress[] {KernelLab.at(v6, 0, 200, PORT), KernelLab.at(v6, 0, 201, PORT)};
    }

    private static String services(InetSocketAddress[] vips, String kind, boolean v6) {
        StringBuilder text = new StringBuilder();
        for (InetSocketAddress vip : vips) {
            ServiceText service = ServiceText.udp(vip).line(kind);
            for (int i = 1; i <= 3; i++) service.realServer(KernelLab.at(v6, 1, 10 + i, PORT));
            text.append(service);
        }
        return text.toString();
    }
}
