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
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Direct routing: realservers have the virtual address on lo and do not answer ARP for it; their replies go past the
 * director. One-armed with everybody in one network, and two-armed with a client that the realservers reach by a router of
 * their own.
 */
class DirectRoutingTest {
    private static final int PORT = 5_514;
    private static final int CHECK_PORT = 5_515;
    private static final int PATIENCE_MILLIS = 1_000;
    private static final int QUERIES = 900;
    private static final int MANY = 10; // more would only take time
    private static final int CONNECTIONS = 60;
    private static final int FULL_SIZE = 1_472;

    @Scenario("DR")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void datagramsAreDealtExactlyAndAnsweredPastTheDirector(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "one-armed, ops", figures -> datagrams(figures, false));
    }

    @Scenario("DR")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void theSameOverIpv6(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "one-armed, ops, IPv6", figures -> datagrams(figures, true));
    }

    @Scenario("DR")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void connectionsAreDealtByLeastConnection(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "one-armed, TCP, wlc", DirectRoutingTest::connections);
    }

    @Scenario("DR")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void realserversBehindTheDirectorAnswerByTheirOwnRouter(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "two-armed", DirectRoutingTest::twoArmed);
    }

    private static void datagrams(Figures figures, boolean v6) throws Exception {
        try (KernelLab lab = KernelLab.oneArmed(3)) {
            InetSocketAddress vip = KernelLab.at(v6, 0, 200, PORT);
            List<DatagramHost> hosts = hosts(lab, vip);
            // No check: its packets would wake interfaces that ours have to wake.
            DirectorUnderTest director = lab.directorAt(
                    lab.directorNode(), ServiceTexts.direct(ServiceText.udp(vip).line("ops"), v6, 0, PORT, "", 3));
            try (DatagramSocket client = Clients.udp(lab.clientNode(), KernelLab.at(v6, 0, 1, 20_000))) {
                String full = "x".repeat((v6 ? FULL_SIZE - 20 : FULL_SIZE) - 3); // the reply has a name before it
                int wrong = 0;
                for (int n = 0; n < QUERIES && wrong < MANY; n++) {
                    Clients.Reply reply = Clients.ask(client, vip, n % 9 == 0 ? full : "q" + n, PATIENCE_MILLIS);
                    if (!reply.from().equals(vip)) wrong++;
                }
                figures.exactly("not answered from the virtual address", 0, wrong);
                Set<SocketAddress> seen = new HashSet<>();
                for (DatagramHost host : hosts) {
                    figures.exactly("to a realserver", QUERIES / 3, host.received());
                    seen.addAll(host.clients().keySet());
                }
                figures.same(
                        "sources seen", Set.of(client.getLocalSocketAddress()).toString(), seen.toString());
                figures.exactly(
                        "replies through the director", 0, director.status().total("repliesReceived"));
                figures.same("dropped", "{}", director.status().reasons("drops"));
                figures.exactly("forwarded", QUERIES, director.status().total("forwarded"));
            }
        }
    }

    private static void connections(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.oneArmed(3)) {
            InetSocketAddress vip = KernelLab.at(false, 0, 200, PORT);
            for (int i = 1; i <= 3; i++) {
                lab.keep(StreamHost.open(loopback(lab.server(i), vip), "b" + i, vip));
                lab.keep(StreamHost.open(lab.server(i), "b" + i, KernelLab.at(false, 0, 10 + i, CHECK_PORT)));
            }
            ServiceText service = ServiceText.tcp(vip).scheduler("wlc").weights(1, 2, 1);
            lab.directorWithAllUp(ServiceTexts.direct(service, false, 0, PORT, ServiceTexts.tcpCheck(CHECK_PORT), 3));
            Map<String, Integer> spread = new TreeMap<>();
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = lab.keep(Clients.connect(lab.clientNode(), vip));
                open.add(socket);
                spread.merge(Clients.say(socket, "who"), 1, Integer::sum);
            }
            int quarter = CONNECTIONS / 4;
            figures.between("connections of b1", quarter - 1, quarter + 1, spread.getOrDefault("b1", 0));
            figures.between("connections of b2", 2 * quarter - 2, 2 * quarter + 2, spread.getOrDefault("b2", 0));
            int echoes = 0;
            for (Socket socket : open) if (Clients.say(socket, "still there?").equals("still there?")) echoes++;
            figures.exactly("echoes", CONNECTIONS, echoes);
            byte[] bytes = StreamHost.pattern(1_000_000);
            try (Socket socket = Clients.connect(lab.clientNode(), vip)) {
                socket.getOutputStream().write("push\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                String said = StreamHost.line(socket.getInputStream());
                figures.exactly("a megabyte whole", 1, said.endsWith(" " + StreamHost.crc(bytes)) ? 1 : 0);
            }
        }
    }

    /** Realservers reach the client through r, not through the director. */
    private static void twoArmed(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(2)) {
            InetSocketAddress vip = KernelLab.at(false, 0, 200, PORT);
            Node past = lab.node("r");
            lab.link(past, lab.clientNode());
            lab.address(past, "cl", 2, 254).address(lab.clientNode(), "r", 2, 1).routes(past);
            lab.plug(past);
            lab.address(past, "sw", 1, 253);
            for (int i = 1; i <= 2; i++) lab.server(i).ip("route", "replace", "default", "via", KernelLab.v4(1, 253));
            past.ip("route", "add", KernelLab.v4(0, 1), "via", KernelLab.v4(2, 1));
            lab.clientNode().sysctl("net.ipv4.conf.all.rp_filter", "0").sysctl("net.ipv4.conf.r.rp_filter", "0");
            List<DatagramHost> hosts = new ArrayList<>();
            for (int i = 1; i <= 2; i++) {
                hosts.add(lab.keep(DatagramHost.open(loopback(lab.server(i), vip), "b" + i, vip)));
                lab.keep(StreamHost.open(lab.server(i), "b" + i, KernelLab.at(false, 1, 10 + i, CHECK_PORT)));
            }
            DirectorUnderTest director = lab.directorWithAllUp(ServiceTexts.direct(
                    ServiceText.udp(vip).line("ops"), false, 1, PORT, ServiceTexts.tcpCheck(CHECK_PORT), 2));
            try (DatagramSocket client = Clients.udp(lab.clientNode(), KernelLab.at(false, 0, 1, 20_000))) {
                int wrong = 0;
                for (int n = 0; n < QUERIES && wrong < MANY; n++) {
                    Clients.Reply reply = Clients.ask(client, vip, "q" + n, PATIENCE_MILLIS);
                    if (!reply.from().equals(vip)) wrong++;
                }
                figures.exactly("not answered from the virtual address", 0, wrong);
                for (DatagramHost host : hosts) figures.exactly("to a realserver", QUERIES / 2, host.received());
                figures.exactly(
                        "replies through the director", 0, director.status().total("repliesReceived"));
            }
        }
    }

    private static List<DatagramHost> hosts(KernelLab lab, InetSocketAddress vip) throws Exception {
        List<DatagramHost> hosts = new ArrayList<>();
        for (int i = 1; i <= lab.servers(); i++) {
            hosts.add(lab.keep(DatagramHost.open(loopback(lab.server(i), vip), "b" + i, vip)));
        }
        return hosts;
    }

    /** What an operator sets up on a realserver for DR: the address on lo, and silence about it. */
    private static Node loopback(Node server, InetSocketAddress vip) {
        String address = vip.getAddress().getHostAddress();
        server.sysctl("net.ipv4.conf.all.arp_ignore", "1").sysctl("net.ipv4.conf.all.arp_announce", "2");
        return server.address("lo", address + (vip.getAddress() instanceof java.net.Inet6Address ? "/128" : "/32"));
    }
}
