package io.evenkeel.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DatagramHost;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.StreamHost;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S21: four syslog addresses over the same three realservers, with weights of their own. One realserver dies for the first
 * of them alone; the others do not notice, to the datagram. TCP on the same addresses and port works all the while.
 */
class S21SyslogTest {
    private static final int PORT = 514;
    private static final int SIDE_PORT = 9_001;
    private static final int VIPS = 4;
    private static final int SENDERS = 20;
    private static final int EACH = 600; // a multiple of every sum of weights
    private static final Duration SECONDS = Duration.ofSeconds(5);
    private static final Integer[][] WEIGHTS = {{1, 1, 1}, {3, 2, 1}, {1, 2, 3}, {2, 1, 1}};

    @Scenario("S21")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void oneAddressLosesARealserverAndTheOthersDoNotNotice(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "four addresses", S21SyslogTest::syslog);
    }

    private static void syslog(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            for (int v = 1; v < VIPS; v++) lab.address(lab.directorNode(), "cl", 0, 200 + v);
            List<DatagramHost> hosts = new ArrayList<>();
            List<StreamHost> side = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                hosts.add(lab.keep(DatagramHost.sink(lab.server(i), "b" + i, KernelLab.at(false, 1, 10 + i, PORT))));
                side.add(lab.keep(StreamHost.open(lab.server(i), "b" + i, KernelLab.at(false, 1, 10 + i, SIDE_PORT))));
            }
            DirectorUnderTest director = lab.directorWithAllUp(configuration());
            List<DatagramSocket> senders = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                senders.add(lab.keep(Clients.udp(lab.clientNode(), KernelLab.at(false, 0, 1, 20_000 + i))));
            }
            round(figures, "all up", senders, hosts, WEIGHTS);
            side.getFirst().close();
            boolean failed = director.await(
                    SECONDS,
                    status -> status.service()
                                    .at("/realservers/0/state")
                                    .asString()
                                    .equals("failed")
                            && status.settled());
            figures.exactly("failed for the first alone", 1, failed ? 1 : 0);
            round(figures, "b1 dead for v1", senders, hosts, new Integer[][] {
                {0, 1, 1}, WEIGHTS[1], WEIGHTS[2], WEIGHTS[3]
            });
            figures.exactly("TCP answered meanwhile", VIPS, streams(lab));
            lab.keep(StreamHost.open(lab.server(1), "b1", KernelLab.at(false, 1, 11, SIDE_PORT)));
            director.awaitAllUp(SECONDS);
            round(figures, "back", senders, hosts, WEIGHTS);
            long sum = 0;
            for (int v = 0; v < VIPS; v++) {
                sum += director.status()
                        .document()
                        .path("services")
                        .path(v)
                        .path("forwarded")
                        .asLong();
            }
            figures.exactly("forwarded by all four services", 3L * VIPS * EACH, sum);
        }
    }

    /** Sends to all four from all senders, and compares what each realserver got of each with the weights. */
    private static void round(
            Figures figures, String when, List<DatagramSocket> senders, List<DatagramHost> hosts, Integer[][] weights)
            throws Exception {
        int[][] before = received(hosts);
        for (int n = 0; n < EACH; n++) {
            for (int v = 0; v < VIPS; v++) {
                byte[] line = ("v" + (v + 1) + " message " + n).getBytes(US_ASCII);
                senders.get((n + v) % SENDERS).send(new DatagramPacket(line, line.length, vip(v)));
            }
            if (n % 20 == 0) Thread.sleep(1);
        }
        int[][] after = received(hosts);
        for (int waited = 0; sum(after) - sum(before) < VIPS * EACH && waited < 50; waited++) {
            Thread.sleep(20);
            after = received(hosts);
        }
        int unlike = 0;
        for (int v = 0; v < VIPS; v++) {
            int sum = weights[v][0] + weights[v][1] + weights[v][2];
            for (int i = 0; i < 3; i++) {
                int wanted = EACH * weights[v][i] / sum;
                if (after[v][i] - before[v][i] != wanted) unlike++;
            }
        }
        figures.exactly(when + ": received", VIPS * EACH, sum(after) - sum(before));
        figures.exactly(when + ": shares unlike the weights", 0, unlike);
    }

    private static int[][] received(List<DatagramHost> hosts) {
        int[][] received = new int[VIPS][hosts.size()];
        for (int v = 0; v < VIPS; v++) {
            for (int i = 0; i < hosts.size(); i++) received[v][i] = hosts.get(i).received("v" + (v + 1));
        }
        return received;
    }

    private static int sum(int[][] counts) {
        int sum = 0;
        for (int[] row : counts) for (int count : row) sum += count;
        return sum;
    }

    private static int streams(KernelLab lab) throws Exception {
        int answered = 0;
        for (int v = 0; v < VIPS; v++) {
            try (Socket socket = Clients.connect(lab.clientNode(), vip(v))) {
                if (Clients.say(socket, "who").startsWith("b")) answered++;
            }
        }
        return answered;
    }

    private static String configuration() {
        StringBuilder text = new StringBuilder();
        for (int v = 0; v < VIPS; v++) {
            ServiceText service =
                    ServiceText.udp(vip(v)).oneWay().scheduler("wrr").weights(WEIGHTS[v]);
            if (v == 0) service.check(ServiceTexts.tcpCheck(SIDE_PORT));
            text.append(ServiceTexts.nat(service, false, 1, PORT, 3)).append('\n');
        }
        for (int v = 0; v < VIPS; v++) {
            text.append(ServiceTexts.nat(ServiceText.tcp(vip(v)), false, 1, PORT, 3))
                    .append('\n');
        }
        return text.toString();
    }

    private static InetSocketAddress vip(int v) {
        return KernelLab.at(false, 0, 200 + v, PORT);
    }
}
