package io.evenkeel.scenario;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DatagramHost;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Status;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Probes to the service port of NAT services come back to the prober while the plane is attached and translates what
 * clients get from the same port: a UDP_CHECK that needs an answer, and a TCP_CHECK. The UDP service is a one-packet one, so
 * that its answers are known by their endpoint alone.
 */
class ChecksBesideTrafficTest {
    private static final int PORT = 53;
    private static final int QUERIES = 2_000;
    private static final int PATIENCE_MILLIS = 500;
    private static final String UDP_CHECK = """
            UDP_CHECK {
                payload 3f
                require_reply 62
                connect_timeout 0.2
                delay_loop 0.2
                warmup 0
                retry 0
                fall 2
                rise 2
            }""";

    @Scenario("checks")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void probesOfTheServicePortStayUp(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "UDP_CHECK, TCP_CHECK", figures -> stayUp(figures, false));
    }

    @Scenario("checks")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void theSameOverIpv6(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "UDP_CHECK, TCP_CHECK, IPv6", figures -> stayUp(figures, true));
    }

    private static void stayUp(Figures figures, boolean v6) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(2)) {
            List<DatagramHost> hosts = new ArrayList<>();
            for (int i = 1; i <= 2; i++) {
                hosts.add(lab.keep(DatagramHost.open(lab.server(i), "b" + i, KernelLab.at(v6, 1, 10 + i, PORT))));
            }
            InetSocketAddress vip = KernelLab.at(v6, 0, 200, PORT);
            DirectorUnderTest director = lab.directorWithAllUp(
                    ServiceTexts.nat(ServiceText.udp(vip).answered(1).check(UDP_CHECK), v6, 1, PORT, 2)
                            + "\n"
                            + ServiceTexts.nat(ServiceText.tcp(vip), v6, 1, PORT, 2));
            String before = since(director.status());
            int right = 0;
            int connected = 0;
            try (DatagramSocket socket = Clients.udp(lab.clientNode(), KernelLab.at(v6, 0, 1, 20_000))) {
                for (int n = 0; n < QUERIES; n++) {
                    if (Clients.ask(socket, vip, "q" + n, PATIENCE_MILLIS)
                            .from()
                            .equals(vip)) right++;
                    if (n % 100 == 0) {
                        try (Socket stream = Clients.connect(lab.clientNode(), vip)) {
                            if (Clients.say(stream, "who").startsWith("b")) connected++;
                        }
                        Thread.sleep(100);
                    }
                }
            }
            figures.exactly("right replies", QUERIES, right);
            figures.exactly("connections", QUERIES / 100, connected);
            figures.same("since when they are up", before, since(director.status()));
            hosts.getFirst().close();
            boolean failed = director.await(
                    Duration.ofSeconds(3),
                    status -> status.state(KernelLab.at(v6, 1, 11, PORT)).equals("failed"));
            figures.exactly("failed when its port closed", 1, failed ? 1 : 0);
        }
    }

    private static String since(Status status) {
        StringBuilder text = new StringBuilder();
        for (var service : status.document().path("services")) {
            for (var server : service.path("realservers")) {
                text.append(server.path("state").asString())
                        .append(' ')
                        .append(server.path("since").asString());
                text.append("; ");
            }
        }
        return text.toString();
    }
}
