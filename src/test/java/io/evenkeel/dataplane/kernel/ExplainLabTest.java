package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.Question;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.linux.NamespaceThread;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Protocol;
import io.evenkeel.traffic.EchoServer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * On the kernel plane, in the lab of {@link LabRig}: what the program says of a datagram is what becomes of it when it is
 * sent next, and asking changes nothing.
 */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF, Capability.BPF, Capability.ETHTOOL})
class ExplainLabTest {
    private static final Setting KERNEL = new Setting("kernel", Setting.Kind.LAB);
    private static final int CLIENT_PORT = 40_000;

    /** Realservers whose datagrams the test takes itself, and a client. */
    private static final class Ends implements AutoCloseable {
        final List<DatagramSocket> servers = new ArrayList<>();
        final DatagramSocket client;
        private final LabRig rig;

        Ends(LabRig rig) throws Exception {
            this.rig = rig;
            for (int i = 1; i <= rig.layout().servers(); i++) {
                InetSocketAddress at = rig.server(i);
                DatagramSocket server = NamespaceThread.call(rig.nodeOf(i), () -> new DatagramSocket(at));
                server.setSoTimeout(20);
                servers.add(server);
            }
            client = NamespaceThread.call(rig.clientNode(), () -> new DatagramSocket(CLIENT_PORT));
            client.setSoTimeout(2_000);
        }

        /** Sends one datagram and answers who got it; null if nobody did within two seconds. */
        String send() throws IOException {
            client.send(new DatagramPacket(new byte[8], 8, rig.vip()));
            for (int round = 0; round < 100 / servers.size(); round++) {
                for (int i = 0; i < servers.size(); i++) {
                    try {
                        DatagramPacket came = new DatagramPacket(new byte[100], 100);
                        servers.get(i).receive(came);
                        assertThat(came.getSocketAddress()).isEqualTo(from(rig));
                        return endpoint(rig.server(i + 1)).toString();
                    } catch (SocketTimeoutException notHere) {
                        // another's
                    }
                }
            }
            return "nobody";
        }

        @Override
        public void close() {
            servers.forEach(DatagramSocket::close);
            client.close();
        }
    }

    @Test
    void everyDatagramGoesWhereTheProgramSaidAndAskingTakesNoTurn() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(3));
                Ends ends = new Ends(rig)) {
            DirectorUnderTest director = rig.director(rig.service()
                    .check("")
                    .scheduler("wrr")
                    .weights(3, 2, 1)
                    .oneWay()
                    .toString());
            Question question = forward(rig);
            for (int i = 0; i < 8; i++) {
                JsonNode told = director.explain(question);
                for (int again = 0; again < 12; again++)
                    assertThat(director.explain(question)).isEqualTo(told);
                assertThat(told.at("/choice/turn").asLong()).isEqualTo(i);
                assertThat(told.at("/choice/slot").asInt()).isEqualTo(i % 6);
                assertThat(director.status().total("received")).isEqualTo(i);
                assertThat(ends.send()).isEqualTo(told.at("/outcome/realserver").asString());
                assertThat(told.at("/turns/picks/0").asString())
                        .isEqualTo(told.at("/outcome/realserver").asString());
            }
            JsonNode told = director.explain(question);
            List<String> came = new ArrayList<>();
            for (int i = 0; i < 8; i++) came.add(ends.send());
            assertThat(came)
                    .isEqualTo(told.at("/turns/picks")
                            .valueStream()
                            .map(JsonNode::asString)
                            .toList());
            assertThat(director.status().total("forwarded")).isEqualTo(16);
        }
    }

    static Stream<Arguments> memories() {
        return Stream.of(
                Arguments.of("rr", "", Layout.of(3), "turn", "flow"),
                Arguments.of("rr", "", Layout.of(3).overIpv6(), "turn", "flow"),
                Arguments.of("wlc", "", Layout.of(3), "load", "flow"),
                Arguments.of("sh", "ops", Layout.of(3), "hash", "hash"),
                Arguments.of("mh", "ops", Layout.of(3).overIpv6(), "hash", "hash"),
                Arguments.of("lc", "ops", Layout.of(3), "load", "load"),
                Arguments.of("rr", "ops\npersistence_timeout 60", Layout.of(3), "turn", "template"),
                Arguments.of("rr", "persistence_timeout 60", Layout.of(3), "turn", "flow"));
    }

    @ParameterizedTest
    @MethodSource("memories")
    void whatIsKnownOfTheClientSaysWhereItGoes(String scheduler, String lines, Layout layout, String first, String then)
            throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(layout);
                Ends ends = new Ends(rig)) {
            DirectorUnderTest director = rig.director(rig.service()
                    .check("")
                    .scheduler(scheduler)
                    .line("responses 0")
                    .line(lines)
                    .toString());
            List<String> kinds = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                JsonNode told = director.explain(forward(rig));
                assertThat(director.explain(forward(rig)).get("outcome")).isEqualTo(told.get("outcome"));
                kinds.add(told.at("/choice/kind").asString());
                assertThat(ends.send()).isEqualTo(told.at("/outcome/realserver").asString());
            }
            assertThat(kinds).containsExactly(first, then, then, then);
            assertThat(director.status().total("received")).isEqualTo(4);
            if (!then.equals("flow")) return;
            String held =
                    director.explain(forward(rig)).at("/outcome/realserver").asString();
            for (int i = 1; i <= 3; i++) {
                if (endpoint(rig.server(i)).toString().equals(held)) {
                    director.intend(rig.vip(), rig.server(i), OperatorIntent.DRAINING);
                }
            }
            JsonNode drained = director.explain(forward(rig));
            assertThat(drained.at("/choice/kind").asString()).isEqualTo("flow");
            assertThat(drained.at("/choice/leaves").isNull()).isTrue();
            assertThat(ends.send()).isEqualTo(held);
        }
    }

    @Test
    void aConnectionGoesWhereItWasSaidAndStaysThere() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(2))) {
            List<ServerSocket> servers = new ArrayList<>();
            ServiceText text = ServiceText.tcp(rig.vip()).check("");
            for (int i = 1; i <= 2; i++) {
                InetSocketAddress at = rig.server(i);
                text.realServer(at);
                servers.add(
                        NamespaceThread.call(rig.nodeOf(i), () -> new ServerSocket(at.getPort(), 10, at.getAddress())));
            }
            DirectorUnderTest director = rig.director(text.toString());
            for (int i = 0; i < 4; i++) {
                int port = CLIENT_PORT + i;
                Endpoint client = Endpoint.of("198.18.0.1:" + port);
                Question question = new Question(Protocol.TCP, client, endpoint(rig.vip()), false);
                JsonNode told = director.explain(question);
                assertThat(told.at("/choice/turn").asLong()).isEqualTo(i);
                String to = told.at("/outcome/realserver").asString();
                int its = endpoint(rig.server(1)).toString().equals(to) ? 1 : 2;
                Socket connection = NamespaceThread.call(rig.clientNode(), () -> {
                    Socket socket = new Socket();
                    socket.bind(new InetSocketAddress(port));
                    socket.connect(rig.vip(), 3_000);
                    return socket;
                });
                servers.get(its - 1).setSoTimeout(3_000);
                try (connection;
                        Socket accepted = servers.get(its - 1).accept()) {
                    assertThat(accepted.getPort()).isEqualTo(port);
                    JsonNode again = director.explain(question);
                    assertThat(again.at("/choice/kind").asString()).isEqualTo("flow");
                    assertThat(again.at("/outcome/realserver").asString()).isEqualTo(to);
                    JsonNode reply =
                            director.explain(new Question(Protocol.TCP, endpoint(rig.server(its)), client, true));
                    assertThat(reply.at("/outcome/kind").asString()).isEqualTo("returned");
                    JsonNode other =
                            director.explain(new Question(Protocol.TCP, endpoint(rig.server(3 - its)), client, true));
                    assertThat(other.at("/outcome/kind").asString()).isNotEqualTo("returned");
                }
            }
            for (ServerSocket server : servers) server.close();
        }
    }

    @Test
    void theWayIsThatOfTheRealserverAndADrainedOneIsSkippedByName() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(3));
                Ends ends = new Ends(rig)) {
            DirectorUnderTest director =
                    rig.director(rig.service().check("").oneWay().toString());
            director.intend(rig.vip(), rig.server(1), OperatorIntent.DRAINING);
            for (int i = 0; i < 4; i++) {
                JsonNode told = director.explain(forward(rig));
                String to = told.at("/outcome/realserver").asString();
                assertThat(ends.send()).isEqualTo(to);
                assertThat(told.at("/realservers/0/why").asString()).isEqualTo("draining");
                assertThat(told.at("/outcome/nextHop/device").asString()).isEqualTo("sw");
                assertThat(told.at("/outcome/nextHop/mac").asString())
                        .isEqualTo(rig.nodeOf(to.equals(endpoint(rig.server(2)).toString()) ? 2 : 3)
                                .run("cat", "/sys/class/net/sw/address")
                                .strip());
                assertThat(told.at("/outcome/rewritten/0").toString())
                        .isEqualTo("{\"field\":\"destination\",\"before\":\"198.18.0.200:5514\",\"after\":\"" + to
                                + "\"}");
            }
        }
    }

    @Test
    void aFailedRealserverIsSkippedWithItsEvidenceAndAllFailedIsADrop() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(2))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest director =
                    rig.directorWithAllUp(rig.service().oneWay().toString());
            rig.killServer(1);
            director.awaitSettled(rig.server(1), "failed", Duration.ofSeconds(10));
            JsonNode told = director.explain(forward(rig));
            assertThat(told.at("/outcome/realserver").asString())
                    .isEqualTo(endpoint(rig.server(2)).toString());
            assertThat(told.at("/realservers/0/why").asString()).startsWith("failed: ");
            rig.killServer(2);
            director.awaitSettled(rig.server(2), "failed", Duration.ofSeconds(10));
            told = director.explain(forward(rig));
            assertThat(told.at("/outcome/kind").asString()).isEqualTo("dropped");
            assertThat(told.at("/outcome/reason").asString()).isEqualTo("no_realserver");
            try (DatagramSocket client =
                    NamespaceThread.call(rig.clientNode(), () -> new DatagramSocket(CLIENT_PORT))) {
                client.send(new DatagramPacket(new byte[8], 8, rig.vip()));
            }
            assertThat(director.await(Duration.ofSeconds(5), status -> status.drops("no_realserver") == 1))
                    .isTrue();
        }
    }

    @Test
    void aReplyReturnsAsTheProgramSaidAndTheAnswerToAProbeIsPassed() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1));
                Ends ends = new Ends(rig)) {
            DirectorUnderTest director =
                    rig.director(rig.service().check("").answered(1).toString());
            assertThat(ends.send()).isEqualTo(endpoint(rig.server(1)).toString());
            Question question =
                    new Question(Protocol.UDP, endpoint(rig.server(1)), Endpoint.of("198.18.0.1:" + CLIENT_PORT), true);
            JsonNode told = director.explain(question);
            assertThat(director.explain(question)).isEqualTo(told);
            assertThat(director.status().total("repliesReceived")).isZero();
            assertThat(told.at("/outcome/kind").asString()).isEqualTo("returned");
            assertThat(told.at("/outcome/nextHop/device").asString()).isEqualTo("cl");
            assertThat(told.at("/outcome/rewritten/0").toString())
                    .isEqualTo(
                            "{\"field\":\"source\",\"before\":\"198.18.1.11:5514\",\"after\":\"198.18.0.200:5514\"}");
            ends.servers
                    .getFirst()
                    .send(new DatagramPacket(new byte[3], 3, new InetSocketAddress("198.18.0.1", CLIENT_PORT)));
            DatagramPacket came = new DatagramPacket(new byte[100], 100);
            ends.client.receive(came);
            assertThat(came.getSocketAddress()).isEqualTo(rig.vip());

            Question probe =
                    new Question(Protocol.UDP, endpoint(rig.server(1)), Endpoint.of("198.18.1.254:5000"), true);
            assertThat(director.explain(probe).at("/outcome/kind").asString()).isEqualTo("passed");
        }
    }

    @Test
    void whatNobodyServesIsRefusedAndAnImpossibleSourceIsADrop() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1));
                Ends ends = new Ends(rig)) {
            DirectorUnderTest director =
                    rig.director(rig.service().check("").oneWay().toString());
            Endpoint client = Endpoint.of("198.18.0.1:40000");
            Endpoint vip = endpoint(rig.vip());
            assertThat(director.refusal(new Question(Protocol.TCP, client, vip, false)))
                    .isEqualTo("there is no virtual service 198.18.0.200:5514/tcp"
                            + " (evenkeel status lists services and realservers)");
            assertThat(director.refusal(new Question(
                            Protocol.UDP, Endpoint.of("[2001:db8::1]:4"), Endpoint.of("[2001:db8::2]:53"), false)))
                    .startsWith("there is no virtual service [2001:db8::2]:53/udp");
            assertThat(director.refusal(new Question(Protocol.UDP, endpoint(rig.server(1)), client, false)))
                    .startsWith("there is no virtual service 198.18.0.1:40000/udp");
            assertThat(director.refusal(new Question(Protocol.UDP, client, Endpoint.of("198.18.0.9:9"), true)))
                    .startsWith("no udp service has a realserver 198.18.0.1:40000");
            JsonNode told = director.explain(new Question(Protocol.UDP, Endpoint.of("198.18.0.254:40000"), vip, false));
            assertThat(told.at("/outcome/reason").asString()).isEqualTo("impossible_source");
            assertThat(ends.send()).isEqualTo(endpoint(rig.server(1)).toString());
        }
    }

    private static Question forward(LabRig rig) {
        return new Question(Protocol.UDP, endpoint(from(rig)), endpoint(rig.vip()), false);
    }

    private static InetSocketAddress from(LabRig rig) {
        return new InetSocketAddress(rig.clientAddresses(1).getFirst(), CLIENT_PORT);
    }

    private static Endpoint endpoint(InetSocketAddress at) {
        return new Endpoint(IpAddress.ofBytes(at.getAddress().getAddress()), at.getPort());
    }
}
