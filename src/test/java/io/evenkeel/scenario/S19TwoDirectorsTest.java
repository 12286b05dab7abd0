package io.evenkeel.scenario;

import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Node;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.SequenceSet;
import io.evenkeel.traffic.SocketUse;
import io.evenkeel.traffic.TrafficProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S19: two directors that know nothing of each other send the same 10,000 clients to the same realservers, since both have
 * the same file; or files with the realservers in another order and {@code order canonical}.
 *
 * <pre>
 *   cl .1 --- net 0 ---+--- .254 d1 .254 ---+--- net 1 --- b0, which is .11 to .15
 *                      +--- .253 d2 .253 ---+
 *   the virtual address 198.18.9.200 is on lo of d1 and d2; cl has a route to it by one or the other
 * </pre>
 */
class S19TwoDirectorsTest {
    private static final int PORT = 514;
    private static final int SERVERS = 5;
    private static final int CLIENTS = 10_000;
    private static final int SOURCES = 50;
    private static final int RATE = 8_000;
    private static final InetSocketAddress VIP = KernelLab.at(false, 9, 200, PORT);

    @Scenario("S19")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void twoDirectorsWithOneFileAgree(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "one file", figures -> agree(figures, file(false, ""), file(false, "")));
    }

    @Scenario("S19")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void theOrderOfTheFileDoesNotMatterWhenItIsCanonical(Setting setting, Measurements measurements) throws Exception {
        measurements.run(
                setting,
                "other order, canonical",
                figures -> agree(figures, file(false, "order canonical"), file(true, "order canonical")));
    }

    private static void agree(Figures figures, String first, String second) throws Exception {
        try (KernelLab lab = KernelLab.open()) {
            Node client = lab.node("cl");
            List<Node> nodes = List.of(lab.node("d1"), lab.node("d2"));
            Node server = lab.node("b0");
            lab.bridge("out", List.of(client, nodes.get(0), nodes.get(1)));
            lab.bridge("in", List.of(server, nodes.get(0), nodes.get(1)));
            addresses(lab, client, nodes, server);
            List<DirectorUnderTest> directors = new ArrayList<>();
            TrafficProcess sinks = server.traffic(Rig.program());
            for (int i = 1; i <= SERVERS; i++) {
                sinks.serve(EchoServer.Settings.sink(KernelLab.at(false, 1, 10 + i, PORT)));
            }
            for (int d = 0; d < 2; d++) directors.add(lab.directorAt(nodes.get(d), d == 0 ? first : second));
            for (DirectorUnderTest director : directors) director.awaitAllUp(java.time.Duration.ofSeconds(10));
            TrafficProcess sender = client.traffic(Rig.program());
            int[] sent = new int[2];
            for (int d = 0; d < 2; d++) {
                client.ip("route", "replace", VIP.getAddress().getHostAddress(), "via", KernelLab.v4(0, 254 - d));
                sender.send(plan(d + 1));
                SendRecord record = sender.awaitEnd();
                sent[d] = record.sent();
                Thread.sleep(300);
            }
            judge(figures, sinks);
            for (int d = 0; d < 2; d++) {
                figures.exactly(
                        "forwarded by d" + (d + 1),
                        sent[d],
                        directors.get(d).status().total("forwarded"));
            }
        }
    }

    private static void judge(Figures figures, TrafficProcess sinks) throws Exception {
        List<SequenceSet> byFirst = new ArrayList<>();
        List<SequenceSet> bySecond = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
            byFirst.add(sinks.report(i).run(1).seen());
            bySecond.add(sinks.report(i).run(2).seen());
        }
        int same = 0;
        int used = 0;
        for (int n = 0; n < CLIENTS; n++) {
            int one = owner(byFirst, n);
            if (one >= 0 && one == owner(bySecond, n)) same++;
        }
        for (SequenceSet seen : byFirst) if (seen.count(0, CLIENTS) > 0) used++;
        figures.exactly("clients that both send to the same realserver", CLIENTS, same);
        figures.exactly("realservers used", SERVERS, used);
    }

    private static int owner(List<SequenceSet> seen, long sequence) {
        for (int i = 0; i < seen.size(); i++) if (seen.get(i).contains(sequence)) return i;
        return -1;
    }

    /** Every datagram from an address and port of its own, the same in every run. */
    private static SendPlan plan(int run) {
        List<InetAddress> sources = new ArrayList<>();
        for (int i = 1; i <= SOURCES; i++) sources.add(InetAddress.ofLiteral(KernelLab.v4(0, i)));
        return SendPlan.oneWay(VIP, CLIENTS, RATE)
                .run(run)
                .paced(new Pacing.OpenLoop(RATE))
                .from(new SocketUse.Fresh(20_000))
                .bound(sources);
    }

    private static void addresses(KernelLab lab, Node client, List<Node> directors, Node server) {
        for (int i = 1; i <= SOURCES; i++) lab.address(client, "out", 0, i);
        for (int d = 0; d < 2; d++) {
            Node director = directors.get(d);
            lab.address(director, "out", 0, 254 - d)
                    .address(director, "in", 1, 254 - d)
                    .routes(director);
            director.address("lo", VIP.getAddress().getHostAddress() + "/32");
        }
        for (int i = 1; i <= SERVERS; i++) lab.address(server, "in", 1, 10 + i);
        lab.defaultRoute(server, 1, 254);
    }

    private static String file(boolean reversed, String line) {
        ServiceText service =
                ServiceText.udp(VIP).scheduler("mh").line("mh-port").line("mh-fallback");
        if (!line.isEmpty()) service.line(line);
        for (int i = 1; i <= SERVERS; i++) {
            service.realServer(KernelLab.at(false, 1, 10 + (reversed ? SERVERS + 1 - i : i), PORT));
        }
        return service.toString();
    }
}
