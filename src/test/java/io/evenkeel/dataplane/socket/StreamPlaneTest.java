package io.evenkeel.dataplane.socket;

import static io.evenkeel.dataplane.socket.StreamRig.connect;
import static io.evenkeel.dataplane.socket.StreamRig.counted;
import static io.evenkeel.dataplane.socket.StreamRig.flows;
import static io.evenkeel.dataplane.socket.StreamRig.greeting;
import static io.evenkeel.dataplane.socket.StreamRig.rig;
import static io.evenkeel.dataplane.socket.StreamRig.three;
import static io.evenkeel.dataplane.socket.StreamRig.vip;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Scheduling;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP services through the whole plane: whom connections are given to, and what is counted. */
class StreamPlaneTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void connectionsAreDealtExactlyByTurnOverAllWorkers(String address) throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip(address);
            rig.apply(three(rig, vip, address).build());
            int[] perServer = new int[3];
            for (int i = 0; i < 300; i++) {
                try (Socket client = connect(rig, vip)) {
                    perServer[greeting(client)]++;
                    client.getOutputStream().write(i);
                    assertThat(client.getInputStream().read()).isEqualTo(i & 255);
                }
            }
            assertThat(perServer).containsExactly(100, 100, 100);
            rig.awaitHere("all ended", () -> flows(rig) == 0);
            counted(rig, 300, () -> rig.counters(0).forwarded());
            counted(rig, 100, () -> rig.server(0, 1).forwarded());
            counted(rig, 3 * 300, () -> rig.path(PathCounter.SPLICED_BYTES));
        }
    }

    @Test
    void aServerAtItsUpperThresholdTakesNoMoreUntilItIsBelowTheLower() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend only = rig.keep(new StreamBackend("127.0.0.1", 0));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .server(only.endpoint(), 1, Usability.OPEN, 4, 2)
                    .build());
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(connect(rig, vip));
                greeting(clients.get(i));
            }
            StreamRelayTest.assertReset(connect(rig, vip));
            for (int left = 3; left >= 2; left--) {
                clients.removeLast().close();
                int now = left;
                rig.awaitHere("one ended", () -> flows(rig) == now);
                StreamRelayTest.assertReset(connect(rig, vip));
            }
            clients.removeLast().close();
            rig.awaitHere("below the lower threshold", () -> flows(rig) == 1);

            greeting(connect(rig, vip));
            counted(rig, 3, () -> rig.dropped(0, DropReason.OVERLOADED));
        }
    }

    @Test
    void clientsOfOnePrefixStayWithOneServer() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1")
                    .persistence(Duration.ofSeconds(60), 32)
                    .build());
            int its = greeting(connect(rig, vip));
            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isEqualTo(its);

            rig.flip(0, its, Usability.SHUT, 2);
            int next = greeting(connect(rig, vip));
            assertThat(next).isNotEqualTo(its);
            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isEqualTo(next);
        }
    }

    @Test
    void theFewestActiveConnectionsWin() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1")
                    .scheduling(new Scheduling.LeastConnection())
                    .build());
            List<Socket> clients = new ArrayList<>();
            int[] perServer = new int[3];
            for (int i = 0; i < 9; i++) {
                clients.add(connect(rig, vip));
                perServer[greeting(clients.get(i))]++;
            }
            assertThat(perServer).containsExactly(3, 3, 3);
            // A failure ends the three of one server: when it is back, it is the least loaded.
            rig.flip(0, 0, Usability.SHUT, 2);
            rig.flip(0, 0, Usability.OPEN, 3);
            for (int i = 0; i < 3; i++) assertThat(greeting(connect(rig, vip))).isZero();
        }
    }

    @Test
    void aRefusalIsReportedAsSuspicionAndTheClientIsServedByAnother() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend first = rig.keep(new StreamBackend("127.0.0.1", 0));
            StreamBackend second = rig.keep(new StreamBackend("127.0.0.1", 1));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .server(first.endpoint(), 1)
                    .server(second.endpoint(), 1)
                    .build());
            first.refuse();

            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isEqualTo(1);

            counted(rig, 10, () -> rig.counters(0).forwarded());
            assertThat(rig.events).isNotEmpty().allSatisfy(event -> {
                assertThat(event).isInstanceOfSatisfying(PlaneEvent.Suspicion.class, suspicion -> {
                    assertThat(suspicion.serverSlot()).isZero();
                    assertThat(suspicion.generation()).isEqualTo(1);
                    assertThat(suspicion.evidence()).isEqualTo("connect " + first.endpoint() + ": connection refused");
                });
            });
        }
    }

    @Test
    void aTurnThatIsRefusedIsGivenToTheOthersInTurnAndNoneIsSkipped() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend refusing = rig.keep(new StreamBackend("127.0.0.1", 0));
            StreamBackend second = rig.keep(new StreamBackend("127.0.0.1", 1));
            StreamBackend third = rig.keep(new StreamBackend("127.0.0.1", 2));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .server(refusing.endpoint(), 1)
                    .server(second.endpoint(), 1)
                    .server(third.endpoint(), 1)
                    .build());
            refusing.refuse();

            List<Integer> dealt = new ArrayList<>();
            for (int i = 0; i < 6; i++) dealt.add(greeting(connect(rig, vip)));

            assertThat(dealt).containsExactly(1, 1, 2, 2, 1, 2);
        }
    }
}
