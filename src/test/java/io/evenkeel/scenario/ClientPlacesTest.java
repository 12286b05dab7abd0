package io.evenkeel.scenario;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DatagramHost;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Node;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.StreamHost;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Replies find clients wherever they are: on the director's own network, behind its default route, and behind another
 * router that a route of its own leads to.
 *
 * <pre>
 *   c1 .1 ------+
 *               |
 *   c2 -- r2 .2-+-- net 0 -- .254 d1 -- net 1 -- b1, b2, b3
 *    net 2      |   VIP .200
 *   c3 -- r3 .3-+   d1: default via r2, net 3 via r3
 *    net 3
 * </pre>
 */
class ClientPlacesTest {
    private static final int PORT = 53;
    private static final int STREAM_PORT = 8_080;
    private static final int QUERIES = 300;
    private static final int PATIENCE_MILLIS = 500;

    /** Replies for which the program had to ask the stack, before it knew the neighbour: a few for each client. */
    private static final int BY_STACK = 10;

    @Scenario("places")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void repliesFindClientsOnTheLinkBehindTheDefaultRouteAndBehindAnotherRouter(
            Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "three networks", figures -> ask(figures, false));
    }

    @Scenario("places")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void theSameOverIpv6(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "three networks, IPv6", figures -> ask(figures, true));
    }

    private static void ask(Figures figures, boolean v6) throws Exception {
        try (KernelLab lab = KernelLab.open()) {
            Node director = lab.node("d1");
            List<Node> clients = new ArrayList<>();
            outside(lab, director, clients);
            List<DatagramHost> hosts = inside(lab, director, v6);
            InetSocketAddress vip = KernelLab.at(v6, 0, 200, PORT);
            InetSocketAddress streams = KernelLab.at(v6, 0, 200, STREAM_PORT);
            DirectorUnderTest started = lab.directorAt(
                    director,
                    ServiceTexts.nat(ServiceText.udp(vip).answered(1), v6, 1, PORT, 3)
                            + "\n"
                            + ServiceTexts.nat(ServiceText.tcp(streams), v6, 1, STREAM_PORT, 3));
            started.awaitAllUp(java.time.Duration.ofSeconds(10));
            String[] places = {"on the link", "behind the default route", "behind another router"};
            for (int c = 0; c < places.length; c++) {
                InetSocketAddress own = KernelLab.at(v6, c == 0 ? 0 : c + 1, 1, 20_000);
                int right = 0;
                try (DatagramSocket socket = Clients.udp(clients.get(c), own)) {
                    for (int n = 0; n < QUERIES; n++) {
                        Clients.Reply reply = Clients.ask(socket, vip, "q" + n, PATIENCE_MILLIS);
                        if (reply.from().equals(vip) && reply.text().endsWith("q" + n)) right++;
                    }
                }
                figures.exactly(places[c] + ": right replies", QUERIES, right);
                int seen = 0;
                for (DatagramHost host : hosts) if (host.clients().containsKey(own)) seen++;
                figures.exactly(places[c] + ": realservers that saw its own address", 3, seen);
                try (Socket socket = Clients.connect(clients.get(c), streams)) {
                    figures.exactly(
                            places[c] + ": connected",
                            1,
                            Clients.say(socket, "who").startsWith("b") ? 1 : 0);
                }
            }
            figures.atMost("replies by the stack", BY_STACK, started.status().path("replies_by_stack"));
        }
    }

    private static void outside(KernelLab lab, Node director, List<Node> clients) {
        Node onLink = lab.node("c1");
        Node second = lab.node("r2");
        Node third = lab.node("r3");
        lab.bridge("out", List.of(director, onLink, second, third));
        lab.address(director, "out", 0, 254).address(director, "out", 0, 200).address(onLink, "out", 0, 1);
        lab.defaultRoute(onLink, 0, 254);
        clients.add(onLink);
        clients.add(behind(lab, second, "c2", 2));
        clients.add(behind(lab, third, "c3", 3));
        lab.routes(director);
        lab.defaultRoute(director, 0, 2);
        director.ip("route", "add", KernelLab.v4(3, 0) + "/24", "via", KernelLab.v4(0, 3));
        director.ip("-6", "route", "add", KernelLab.v6(3, 0) + "/64", "via", KernelLab.v6(0, 3));
    }

    private static Node behind(KernelLab lab, Node router, String role, int network) {
        Node client = lab.node(role);
        lab.link(client, router);
        lab.routes(router);
        lab.address(router, "out", 0, network).address(router, role, network, 254);
        lab.address(client, router.role(), network, 1).defaultRoute(client, network, 254);
        return client;
    }

    private static List<DatagramHost> inside(KernelLab lab, Node director, boolean v6) throws Exception {
        List<Node> plugged = new ArrayList<>(List.of(director));
        for (int i = 1; i <= 3; i++) plugged.add(lab.node("b" + i));
        lab.bridge("in", plugged);
        lab.address(director, "in", 1, 254);
        List<DatagramHost> hosts = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            Node server = plugged.get(i);
            lab.address(server, "in", 1, 10 + i).defaultRoute(server, 1, 254);
            hosts.add(lab.keep(DatagramHost.open(server, "b" + i, KernelLab.at(v6, 1, 10 + i, PORT))));
            lab.keep(StreamHost.open(server, "b" + i, KernelLab.at(v6, 1, 10 + i, STREAM_PORT)));
        }
        return hosts;
    }
}
