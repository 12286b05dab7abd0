package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.lab.Setting;
import io.evenkeel.linux.Attached;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import io.evenkeel.linux.BpfSource;
import io.evenkeel.linux.NamespaceThread;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The director's process on the kernel plane, in the lab of {@link LabRig}. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF, Capability.BPF, Capability.ETHTOOL})
class KernelPlaneLabTest {
    private static final Setting KERNEL = new Setting("kernel", Setting.Kind.LAB);
    private static final EchoServer.Settings ECHO =
            new EchoServer.Settings(List.of(), 1, Duration.ZERO, EchoServer.SidePort.ACCEPT);

    private static final String[] OURS = {"ek_ingress", "ek_egress", "ek_ingress", "ek_egress"};

    @TempDir
    Path directory;

    @Test
    void aReplyWhoseNeighbourIsForgottenIsRoutedByTheStackAndRewrittenOnItsWayOut() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(3))) {
            rig.startServers(ECHO);
            DirectorUnderTest director =
                    rig.directorWithAllUp(rig.service().answered(1).toString());
            rig.client()
                    .send(SendPlan.withReplies(rig.vip(), 3_000)
                            .paced(new Pacing.ClosedLoop(1, Duration.ofSeconds(2))));
            for (int i = 0; i < 20; i++) {
                rig.directorNode().ip("neigh", "flush", "dev", "cl");
                Thread.sleep(20);
            }
            SendRecord sent = rig.client().awaitEnd();
            assertThat(rig.audit(sent).unanswered()).isZero();
            assertThat(sent.strangeReplies()).isZero();
            assertThat(director.status().path("egress_rewritten")).isPositive();
        }
    }

    @Test
    void aReplyThatTheStackWouldCutIsDroppedWithThatReasonAndNeverLeavesAsTheRealservers() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1))) {
            DirectorUnderTest director =
                    rig.director(rig.service().check("").answered(1).toString());
            rig.directorNode().ip("link", "set", "cl", "mtu", "1000");
            DatagramSocket server = NamespaceThread.call(rig.nodeOf(1), () -> new DatagramSocket(rig.server(1)));
            DatagramSocket client = NamespaceThread.call(rig.clientNode(), () -> new DatagramSocket());
            try (server;
                    client) {
                server.setSoTimeout(5_000);
                client.setSoTimeout(500);
                DatagramPacket query = new DatagramPacket(new byte[100], 100, rig.vip());
                client.send(query);
                DatagramPacket received = new DatagramPacket(new byte[2_000], 2_000);
                server.receive(received);
                rig.directorNode().ip("neigh", "flush", "dev", "cl");
                server.send(new DatagramPacket(new byte[1_400], 1_400, received.getSocketAddress()));
                assertThat(director.await(Duration.ofSeconds(5), status -> status.sum("replyDrops") == 1))
                        .isTrue();
                assertThatThrownBy(() -> client.receive(received)).isInstanceOf(SocketTimeoutException.class);
            }
            assertThat(director.status().document().at("/totals/replyDrops").toString())
                    .isEqualTo("{\"reply_too_big\":1}");
            assertThat(director.status().path("replies_by_stack")).isZero();
        }
    }

    @Test
    void aRealserverWithoutANeighbourHoldsUpNobodyElse() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(2))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest director = rig.director(rig.service()
                    .realServer(Addresses.at("198.18.1.99", 5514))
                    .oneWay()
                    .toString());
            director.awaitState(rig.server(1), "up", Duration.ofSeconds(10));
            director.awaitState(rig.server(2), "up", Duration.ofSeconds(10));
            director.awaitState(Addresses.at("198.18.1.99", 5514), "failed", Duration.ofSeconds(10));
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), 2_000, 2_000));
            director.await(Duration.ofSeconds(5), status -> status.total("forwarded") >= 2_000);
            assertThat(rig.audit(sent).lost()).isZero();
            assertThat(rig.audit(sent).split()).containsEntry("b1", 1_000L).containsEntry("b2", 1_000L);
        }
    }

    @Test
    void anInterfaceThatIsTakenIsAnAlarmAndTheOtherProgramStays() throws Exception {
        Bpf bpf = Bpf.load(Bpf.LIBRARY);
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1));
                BpfProgram foreign = foreign(bpf);
                BpfLink _ = NamespaceThread.call(rig.directorNode(), () -> bpf.attachXdp(foreign, "cl"))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest director =
                    rig.directorWithAllUp(rig.service().oneWay().toString());
            assertThat(director.status().document().at("/director/alarms").toString())
                    .contains("the kernel plane does not see cl: cl is taken by foreign_pass");
            assertThat(NamespaceThread.call(rig.directorNode(), () -> bpf.xdp("cl")))
                    .singleElement()
                    .satisfies(there -> assertThat(there.programName()).isEqualTo("foreign_pass"));
        }
    }

    @Test
    void everythingStaysOnTheInterfacesAfterAKillAndNothingAfterAStop() throws Exception {
        try (LabRig rig = (LabRig) KERNEL.open(Layout.of(1))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest director =
                    rig.directorWithAllUp(rig.service().oneWay().toString());
            assertThat(attached(rig.directorNode())).containsExactly(OURS);
            director.crash();
            assertThat(attached(rig.directorNode())).containsExactly(OURS);
            DirectorUnderTest next = rig.directorAgain(director);
            assertThat(attached(rig.directorNode())).containsExactly(OURS);
            next.close();
            assertThat(attached(rig.directorNode())).isEmpty();
        }
    }

    private BpfProgram foreign(Bpf bpf) throws Exception {
        try (BpfObject other = bpf.open(BpfSource.compile("probe.bpf.c", directory), "probe")) {
            other.load(directory.resolve("foreign.log"));
            return other.program("foreign_pass");
        }
    }

    /** Names of the programs at both of the director's interfaces. */
    private static List<String> attached(Node director) throws Exception {
        Bpf bpf = Bpf.load(Bpf.LIBRARY);
        return NamespaceThread.call(
                director,
                () -> Stream.of("cl", "sw")
                        .flatMap(device ->
                                Stream.concat(bpf.xdp(device).stream(), bpf.tc(device, TcDirection.EGRESS).stream()))
                        .map(Attached::programName)
                        .toList());
    }
}
