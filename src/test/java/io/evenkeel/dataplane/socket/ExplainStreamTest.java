package io.evenkeel.dataplane.socket;

import static io.evenkeel.dataplane.socket.StreamRig.flows;
import static io.evenkeel.dataplane.socket.StreamRig.greeting;
import static io.evenkeel.dataplane.socket.StreamRig.rig;
import static io.evenkeel.dataplane.socket.StreamRig.three;
import static io.evenkeel.dataplane.socket.StreamRig.vip;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.FromServer;
import io.evenkeel.dataplane.Explanation.Standing;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.dataplane.Question;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Scheduling;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the plane says of a connection is what becomes of it when it is opened next, and asking changes nothing. */
class ExplainStreamTest {

    static List<Scheduling> schedulers() {
        return List.of(
                new Scheduling.RoundRobin(),
                new Scheduling.SourceHash(true, true),
                new Scheduling.Maglev(true, true),
                new Scheduling.LeastConnection(),
                new Scheduling.NeverQueue());
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void everyConnectionGoesWhereItWasSaidAndStaysThere(Scheduling scheduling) throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            var service = three(rig, vip, "127.0.0.1").scheduling(scheduling).build();
            rig.apply(service);
            for (int i = 0; i < 12; i++) {
                Socket client = bound(rig);
                ToService told = ask(rig, client, vip);
                assertThat(told.choice()).isNotInstanceOf(Choice.Flow.class);
                int its = opened(client, vip);
                Endpoint server = service.servers().get(its).endpoint();
                assertThat(((Fate.Sent) told.fate()).to()).isEqualTo(server);
                ToService again = ask(rig, client, vip);
                assertThat(again.choice()).isInstanceOf(Choice.Flow.class);
                assertThat(((Fate.Sent) again.fate()).to()).isEqualTo(server);
                FromServer reply = (FromServer) explain(rig, new Question(Protocol.TCP, server, local(client), true));
                assertThat(reply.fate()).isInstanceOf(Fate.Returned.class);
                Endpoint other = service.servers().get((its + 1) % 3).endpoint();
                reply = (FromServer) explain(rig, new Question(Protocol.TCP, other, local(client), true));
                assertThat(reply.fate()).isInstanceOf(Fate.Passed.class);
            }
        }
    }

    @Test
    void askingAHundredTimesTakesNoTurnCountsNothingAndLoadsNobody() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1")
                    .persistence(Duration.ofSeconds(60), 32)
                    .build());
            Socket client = bound(rig);
            ServiceCounters before = rig.counters(0);
            ToService first = ask(rig, client, vip);
            for (int i = 0; i < 100; i++) assertThat(ask(rig, client, vip)).isEqualTo(first);
            assertThat(((Choice.Turn) first.choice()).turn()).isZero();
            assertThat(rig.counters(0)).isEqualTo(before);
            assertThat(flows(rig)).isZero();
            assertThat(opened(client, vip)).isZero();
            ToService next = ask(rig, bound(rig), vip);
            assertThat(next.choice()).isEqualTo(new Choice.Template(IpAddress.of("127.0.0.1"), 32));
            assertThat(next.turns().orElseThrow().next()).isEqualTo(1);
        }
    }

    @Test
    void failedDrainedAndFullOnesAreSkippedAndNobodyLeftIsADrop() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            TestService service = new TestService(0, vip).tcp();
            for (int i = 0; i < 3; i++) {
                StreamBackend backend = rig.keep(new StreamBackend("127.0.0.1", i));
                service.server(backend.endpoint(), 1, Usability.OPEN, i == 2 ? 1 : 0, 0);
            }
            rig.apply(service.build());
            rig.flip(0, 0, Usability.SHUT, 2);
            rig.flip(0, 1, Usability.HOLDING, 1);
            Socket client = bound(rig);
            ToService told = ask(rig, client, vip);
            assertThat(standings(told)).containsExactly(Standing.SHUT, Standing.HOLDING, Standing.OPEN);
            assertThat(opened(client, vip)).isEqualTo(2);
            Socket late = bound(rig);
            told = ask(rig, late, vip);
            assertThat(standings(told)).containsExactly(Standing.SHUT, Standing.HOLDING, Standing.OVERLOADED);
            assertThat(((Fate.Dropped) told.fate()).reason()).isEqualTo(DropReason.OVERLOADED);
            late.connect(StreamRig.address(vip));
            StreamRelayTest.assertReset(late);
            rig.awaitHere("counted", () -> rig.dropped(0, DropReason.OVERLOADED) == 1);
        }
    }

    private static List<Standing> standings(ToService told) {
        return told.servers().stream().map(Explanation.Server::standing).toList();
    }

    /** A socket whose port is known before it connects. */
    private static Socket bound(PlaneRig rig) throws IOException {
        Socket client = rig.keep(new Socket());
        client.setReuseAddress(true);
        client.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        client.setSoTimeout(10_000);
        return client;
    }

    private static int opened(Socket client, Endpoint vip) throws IOException {
        client.connect(StreamRig.address(vip));
        return greeting(client);
    }

    private static Endpoint local(Socket client) {
        return new Endpoint(IpAddress.of("127.0.0.1"), client.getLocalPort());
    }

    private static ToService ask(PlaneRig rig, Socket client, Endpoint vip) throws Exception {
        return (ToService) explain(rig, new Question(Protocol.TCP, local(client), vip, false));
    }

    private static Explanation explain(PlaneRig rig, Question question) throws Exception {
        return rig.plane.explain(question).get(5, TimeUnit.SECONDS);
    }
}
