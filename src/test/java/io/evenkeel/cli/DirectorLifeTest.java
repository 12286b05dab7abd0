package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A director's life as its operator sees it: a process, its signals, its control socket. Loopback, unprivileged. */
class DirectorLifeTest {

    @TempDir
    Path temp;

    private Path file;
    private Path runtime;
    private int port;

    @BeforeEach
    void write() throws IOException {
        try (DatagramSocket socket = socket()) {
            port = socket.getLocalPort();
        }
        runtime = temp.resolve("run");
        file = temp.resolve("lb.conf");
        Files.writeString(file, """
                virtual_server 127.0.0.1 %1$d {
                    protocol UDP
                    lb_algo rr
                    lb_kind NAT
                    ops
                    client_address director
                    real_server 127.0.0.2 %1$d {
                    }
                    real_server 127.0.0.3 %1$d {
                    }
                }
                """.formatted(port));
    }

    @Test
    void drainAndReadyAreAcknowledgedAndShown() {
        try (DirectorProcess director = director()) {
            String service = "127.0.0.1:" + port + "/udp";
            String server = "127.0.0.2:" + port;
            assertThat(director.ask("drain", service, server).exits(0).out())
                    .isEqualTo(service + " " + server + ": draining\n");
            JsonNode drained = director.status().at("/services/0/realservers/0");
            assertThat(drained.get("state").stringValue()).isEqualTo("draining");
            assertThat(drained.get("operator").stringValue()).isEqualTo("draining");
            assertThat(director.ask("status").exits(0).out())
                    .contains(server + "  NAT")
                    .contains("draining");
            assertThat(director.ask("ready", service, server).exits(0).out())
                    .isEqualTo(service + " " + server + ": ready\n");
            assertThat(director.status()
                            .at("/services/0/realservers/0/operator")
                            .stringValue())
                    .isEqualTo("in");
            Ran unknown = director.ask("drain", service, "127.0.0.9:1").exits(1);
            assertThat(unknown.err()).startsWith("evenkeel: ").contains("127.0.0.9:1");
            assertThat(unknown.err().lines()).hasSize(1);
        }
    }

    @Test
    void explainTellsWhereTheNextDatagramGoesAndRefusesWhatNobodyServes() throws IOException {
        String vip = "127.0.0.1:" + port;
        try (DirectorProcess director = director();
                DatagramSocket second =
                        new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.3"), port));
                DatagramSocket client = socket()) {
            String from = "127.0.0.1:" + client.getLocalPort();
            director.ask("drain", vip + "/udp", "127.0.0.2:" + port).exits(0);
            Ran text = director.ask("explain", "udp", from, vip).exits(0);
            assertThat(text.out())
                    .startsWith("udp " + from + " -> " + vip + ", on the socket plane\n")
                    .contains("  outcome     it goes to 127.0.0.3:" + port + " by NAT\n")
                    .containsPattern("\n  127\\.0\\.0\\.2:\\d+ +1 +draining +0 +draining\n");
            JsonNode told = JsonMapper.shared()
                    .readTree(director.ask("explain", "udp", from, vip, "--json")
                            .exits(0)
                            .out());
            assertThat(told.at("/choice/turn").longValue()).isZero();
            assertThat(director.status().at("/totals/received").longValue()).isZero();
            client.send(new DatagramPacket(new byte[8], 8, InetAddress.ofLiteral("127.0.0.1"), port));
            second.setSoTimeout(5_000);
            DatagramPacket query = new DatagramPacket(new byte[8], 8);
            second.receive(query);
            assertThat(director.ask("explain", "udp", "--reply", "127.0.0.3:" + port, from)
                            .exits(0)
                            .out())
                    .contains("destination: the director, port " + query.getPort() + " -> " + from + "\n");

            Ran nobody = director.ask("explain", "tcp", from, vip).exits(1);
            assertThat(nobody.out()).isEmpty();
            assertThat(nobody.err())
                    .isEqualTo("evenkeel: there is no virtual service " + vip
                            + "/tcp (evenkeel status lists services and realservers)\n");
            assertThat(director.ask("explain", "udp", "127.0.0.9:9", from, "--reply")
                            .exits(1)
                            .err())
                    .isEqualTo("evenkeel: no udp service has a realserver 127.0.0.9:9"
                            + " (evenkeel status lists services and realservers)\n");
        }
    }

    @Test
    void hangUpReadsTheFileAgainAndACommentChangesNothing() throws IOException {
        try (DirectorProcess director = director()) {
            long table = director.status().at("/director/tableVersion").longValue();
            Files.writeString(file, "# a comment\n", StandardOpenOption.APPEND);
            director.signal("HUP");
            assertThat(director.awaitLog("reload: ")).endsWith("reload: nothing changed");
            assertThat(director.status().at("/director/tableVersion").longValue())
                    .isEqualTo(table);

            Files.writeString(file, "\0", StandardOpenOption.APPEND);
            director.signal("HUP");
            assertThat(director.awaitLog("reload refused: ")).contains(file + ":13:1: a NUL byte");
            assertThat(director.awaitLog("nothing has changed")).isNotEmpty();
            assertThat(director.status().at("/director/tableVersion").longValue())
                    .isEqualTo(table);
            assertThat(director.status().get("services")).hasSize(1);
            assertThat(director.status().at("/director/alarms").valueStream().map(JsonNode::stringValue))
                    .singleElement()
                    .asString()
                    .startsWith("the last reload was refused: " + file + ":13:1: a NUL byte")
                    .endsWith("; what ran before runs on");

            Files.writeString(file, Files.readString(file).replace("\0", ""));
            director.signal("HUP");
            assertThat(director.awaitLog("reload: ")).endsWith("reload: nothing changed");
            assertThat(director.status().at("/director/alarms").valueStream().map(JsonNode::stringValue))
                    .as("a good one ends the alarm")
                    .noneMatch(alarm -> alarm.contains("reload"));
        }
    }

    @Test
    void terminatedItExitsZeroAndFreesItsPlaceWhetherByTermOrInt() {
        for (String signal : List.of("TERM", "INT")) {
            try (DirectorProcess director = director()) {
                director.signal(signal);
                assertThat(director.awaitEnd()).isZero();
                assertThat(runtime.resolve("control.sock")).doesNotExist();
            }
        }
    }

    @Test
    void killedItLeavesNothingThatStopsTheNext() {
        try (DirectorProcess director = director()) {
            director.signal("KILL");
            director.awaitEnd();
            assertThat(runtime.resolve("control.sock")).exists();
            director.ask("status").exits(4);
        }
        try (DirectorProcess next = director()) {
            assertThat(next.status().at("/director/pid").longValue()).isEqualTo(next.pid());
        }
    }

    @Test
    void eachDatagramIsForwardedAndAccountedFor() throws Exception {
        try (DatagramSocket first = server("127.0.0.2");
                DatagramSocket second = server("127.0.0.3");
                DirectorProcess director = director();
                DatagramSocket client = socket()) {
            for (int i = 0; i < 10; i++) {
                client.send(new DatagramPacket(new byte[] {(byte) i}, 1, InetAddress.getLoopbackAddress(), port));
            }
            assertThat(received(first)).isEqualTo(5);
            assertThat(received(second)).isEqualTo(5);
            JsonNode totals = director.status().get("totals");
            assertThat(totals.get("received").longValue()).isEqualTo(10);
            assertThat(totals.get("forwarded").longValue()).isEqualTo(10);
            assertThat(totals.get("imbalance").longValue()).isZero();
        }
    }

    private DirectorProcess director() {
        return DirectorProcess.serving(List.of(), file, runtime);
    }

    private DatagramSocket server(String address) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        socket.setSoTimeout(5_000);
        return socket;
    }

    /** Datagrams that came: waits for five, then a little for one too many. */
    private static int received(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[16], 16);
        for (int i = 0; i < 5; i++) socket.receive(packet);
        socket.setSoTimeout(200);
        try {
            socket.receive(packet);
            return 6;
        } catch (java.net.SocketTimeoutException silence) {
            return 5;
        }
    }

    private static DatagramSocket socket() throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }
}
