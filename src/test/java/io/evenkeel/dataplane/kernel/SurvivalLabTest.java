package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Status;
import io.evenkeel.linux.Attached;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.NamespaceThread;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.KeptConnection;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Forwarding outlives the process that controls it. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF, Capability.BPF, Capability.ETHTOOL})
class SurvivalLabTest {
    private static final Setting KERNEL = new Setting("kernel", Setting.Kind.LAB);
    private static final EchoServer.Settings ECHO =
            new EchoServer.Settings(List.of(), 1, Duration.ZERO, EchoServer.SidePort.ACCEPT);

    /** How a director goes. */
    enum Going {
        KILLED {
            @Override
            void go(DirectorUnderTest director) throws Exception {
                director.crash();
            }
        },
        LEAVES {
            @Override
            void go(DirectorUnderTest director) throws Exception {
                director.leave();
            }
        };

        abstract void go(DirectorUnderTest director) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLostOrDoubledSharesAreExactAndCountersGoOn(Going going) throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(3))) {
            rig.startServers(ECHO);
            DirectorUnderTest first =
                    rig.directorWithAllUp(rig.service().answered(1).toString());
            rig.client()
                    .send(SendPlan.withReplies(rig.vip(), 1_000_000)
                            .paced(new Pacing.OpenLoop(1_000))
                            .answered(1));
            Thread.sleep(1_000);
            long before = first.status().total("forwarded");
            going.go(first);
            Thread.sleep(1_000);
            DirectorUnderTest second = rig.directorAgain(first);
            assertThat(second.status().total("forwarded")).isGreaterThan(before);
            second.awaitAllUp(Duration.ofSeconds(10));
            Thread.sleep(1_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();

            Audit audit = rig.audit(sent);
            assertThat(audit.lost()).isZero();
            assertThat(audit.duplicates()).isZero();
            assertThat(audit.unanswered()).isZero();
            assertThat(sent.strangeReplies()).isZero();
            long third = sent.sent() / 3;
            assertThat(audit.split().values())
                    .allSatisfy(share -> assertThat(share).isBetween(third, third + 1));
            Status status = second.status();
            assertThat(status.total("forwarded")).isEqualTo(sent.sent());
            assertThat(status.total("replies")).isEqualTo(sent.sent());
        }
    }

    @ParameterizedTest
    @EnumSource
    void udpFlowsAndTcpConnectionsStayWhereTheyWere(Going going) throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.streams());
            ServiceText tcp = ServiceText.tcp(rig.vip());
            for (int i = 1; i <= 3; i++) tcp.realServer(rig.server(i));
            // The other way round in the second file, so that every slot of the director is another.
            ServiceText udp = ServiceText.udp(rig.vip()).check("");
            for (int i = 1; i <= 3; i++) udp.realServer(udpServer(rig, i));
            String udpFirst = udp + "\n" + tcp;
            String tcpFirst = tcp + "\n" + udp;
            DirectorUnderTest first = rig.directorWithAllUp(udpFirst);
            rig.client().keepConnections(rig.vip(), 60, Duration.ofMillis(100));
            List<DatagramSocket> servers = new ArrayList<>();
            List<DatagramSocket> clients = new ArrayList<>();
            try {
                for (int i = 1; i <= 3; i++) {
                    int server = i;
                    servers.add(NamespaceThread.call(rig.nodeOf(i), () -> new DatagramSocket(udpServer(rig, server))));
                }
                for (int i = 0; i < 30; i++) {
                    clients.add(NamespaceThread.call(rig.clientNode(), () -> new DatagramSocket()));
                }
                List<Integer> before = whoGets(clients, servers, rig);
                assertThat(before).contains(0, 1, 2);
                Thread.sleep(500);
                going.go(first);
                assertThat(whoGets(clients, servers, rig)).isEqualTo(before);
                Files.writeString(first.runtimeDirectory().resolveSibling("evenkeel.conf"), tcpFirst);
                DirectorUnderTest second = rig.directorAgain(first);
                assertThat(whoGets(clients, servers, rig)).isEqualTo(before);
                second.awaitAllUp(Duration.ofSeconds(10));
                Thread.sleep(500);
                assertThat(whoGets(clients, servers, rig)).isEqualTo(before);
                assertThat(second.status().document().toString())
                        .contains("\"flowsMoved\":0")
                        .doesNotContainPattern("\"flowsMoved\":[1-9]");
            } finally {
                servers.forEach(DatagramSocket::close);
                clients.forEach(DatagramSocket::close);
            }
            List<KeptConnection> connections = rig.client().connections();
            assertThat(connections).hasSize(60).allMatch(KeptConnection::alive);
            assertThat(connections.stream().filter(KeptConnection::active)).allMatch(c -> c.echoes() > 5);
        }
    }

    private static InetSocketAddress udpServer(LabRig rig, int i) {
        return new InetSocketAddress(rig.server(i).getAddress(), rig.server(i).getPort() + 1);
    }

    /** Sends one datagram from each client; answers which server each reached. */
    private static List<Integer> whoGets(List<DatagramSocket> clients, List<DatagramSocket> servers, LabRig rig)
            throws Exception {
        List<Integer> found = new ArrayList<>();
        for (DatagramSocket client : clients) {
            client.send(new DatagramPacket(new byte[] {1}, 1, rig.vip()));
            found.add(receiver(servers));
        }
        return found;
    }

    private static int receiver(List<DatagramSocket> servers) throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[10], 10);
        for (int attempt = 0; attempt < 100; attempt++) {
            for (int i = 0; i < servers.size(); i++) {
                servers.get(i).setSoTimeout(2);
                try {
                    servers.get(i).receive(packet);
                    return i;
                } catch (SocketTimeoutException nothing) {
                    // the next one
                }
            }
        }
        return -1;
    }

    @Test
    void aFailedRealserverStaysFailedAndGetsNothing() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            // The next probe comes long after the restart.
            String text = rig.service().oneWay().toString();
            DirectorUnderTest first = rig.directorWithAllUp(text);
            rig.killServer(3);
            first.awaitSettled(rig.server(3), "failed", Duration.ofSeconds(10));
            rig.client().send(SendPlan.oneWay(rig.vip(), 1_000_000, 2_000));
            first.crash();
            DirectorUnderTest second = rig.directorAgain(first);
            assertThat(second.status().state(rig.server(3))).isEqualTo("failed");
            assertThat(second.log()).noneMatch(line -> line.contains("198.18.1.13:5514 is failed"));
            Thread.sleep(500);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            assertThat(sent.sent()).isPositive();
            assertThat(rig.audit(sent).lost()).isZero();
            rig.startServer(3, EchoServer.Settings.sink());
            second.awaitState(rig.server(3), "up", Duration.ofSeconds(10));
        }
    }

    @Test
    void detachRemovesEverythingAndSaysSoButNotBesideADirector() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest director =
                    rig.directorWithAllUp(rig.service().oneWay().toString());
            String where = director.runtimeDirectory().toString();
            Command.Outcome refused = rig.evenkeel("detach", "--runtime-dir", where);
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.errors()).contains("runs").contains("stop it");
            assertThat(everythingIn(rig.pins())).hasSizeGreaterThan(20);
            director.crash();

            Command.Outcome done = rig.evenkeel("detach", "--runtime-dir", where);
            assertThat(done.errors()).isEmpty();
            assertThat(done.exit()).isZero();
            assertThat(done.output())
                    .contains("took the program off cl at XDP")
                    .contains("took the program off sw at XDP")
                    .contains("maps under");
            assertThat(everythingIn(rig.pins())).isEmpty();
            assertThat(programsAt(rig)).isEmpty();
            Command.Outcome nothing = rig.evenkeel("detach", "--runtime-dir", where);
            assertThat(nothing.output()).startsWith("nothing of the instance");
            assertThat(everythingIn(rig.pins())).isEmpty();
        }
    }

    @Test
    void pinsOfAnotherLayoutAreRefusedWithTheRemedyAndStayInForce() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest first =
                    rig.directorWithAllUp(rig.service().oneWay().toString());
            first.crash();
            Path home = rig.pins()
                    .resolve("evenkeel", Instance.of(first.runtimeDirectory()).name());
            Files.move(home.resolve("v" + Abi.VERSION), home.resolve("v1"));
            assertThatThrownBy(() -> rig.directorAgain(first))
                    .hasMessageContaining("another layout")
                    .hasMessageContaining("evenkeel detach --instance " + home.getFileName());
            assertThat(rig.audit(rig.send(SendPlan.oneWay(rig.vip(), 100, 1_000)))
                            .lost())
                    .isZero();

            Files.move(home.resolve("v1"), home.resolve("v" + Abi.VERSION));
            Files.delete(home.resolve("v" + Abi.VERSION, "ek_turns"));
            assertThatThrownBy(() -> rig.directorAgain(first)).hasMessageContaining("map ek_turns is missing");
            assertThat(rig.audit(rig.send(SendPlan.oneWay(rig.vip(), 100, 1_000).run(2)))
                            .lost())
                    .isZero();

            assertThat(rig.evenkeel("detach", "--instance", String.valueOf(home.getFileName()))
                            .exit())
                    .isZero();
            DirectorUnderTest again = rig.directorAgain(first);
            again.awaitAllUp(Duration.ofSeconds(10));
        }
    }

    @Test
    void twoInstancesOnOneMachineDoNotDisturbEachOther() throws Exception {
        try (LabRig one = (LabRig) KERNEL.open(Layout.of(1));
                LabRig two = (LabRig) KERNEL.open(Layout.of(1))) {
            two.sharePins(one);
            one.startServers(EchoServer.Settings.sink());
            two.startServers(EchoServer.Settings.sink());
            DirectorUnderTest first =
                    one.directorWithAllUp(one.service().oneWay().toString());
            DirectorUnderTest other =
                    two.directorWithAllUp(two.service().oneWay().toString());
            int both = everythingIn(one.pins()).size();
            other.crash();
            first.close();
            assertThat(everythingIn(one.pins())).hasSizeLessThan(both).hasSizeGreaterThan(20);
            assertThat(two.audit(two.send(SendPlan.oneWay(two.vip(), 100, 1_000)))
                            .lost())
                    .isZero();
            DirectorUnderTest again = two.directorAgain(other);
            assertThat(again.status().total("forwarded")).isEqualTo(100);
            again.close();
            assertThat(everythingIn(one.pins())).isEmpty();
        }
    }

    @Test
    void aStopLeavesNothing() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest director =
                    rig.directorWithAllUp(rig.service().oneWay().toString());
            assertThat(everythingIn(rig.pins())).hasSizeGreaterThan(20);
            director.close();
            assertThat(everythingIn(rig.pins())).isEmpty();
            assertThat(programsAt(rig)).isEmpty();
        }
    }

    private static List<Attached> programsAt(LabRig rig) throws Exception {
        Bpf bpf = Bpf.load(Bpf.LIBRARY);
        return NamespaceThread.call(rig.directorNode(), () -> {
            List<Attached> found = new ArrayList<>();
            for (String device : List.of("cl", "sw")) {
                found.addAll(bpf.xdp(device));
                found.addAll(bpf.tc(device, TcDirection.EGRESS));
            }
            return found;
        });
    }

    /** All that stands in a bpf filesystem but for two files that the kernel itself puts there. */
    private static List<Path> everythingIn(Path pins) throws Exception {
        try (Stream<Path> all = Files.walk(pins)) {
            return all.filter(path -> !path.equals(pins) && !path.toString().endsWith(".debug"))
                    .toList();
        }
    }
}
