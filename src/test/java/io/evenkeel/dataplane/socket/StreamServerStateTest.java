package io.evenkeel.dataplane.socket;

import static io.evenkeel.dataplane.socket.StreamRig.connect;
import static io.evenkeel.dataplane.socket.StreamRig.counted;
import static io.evenkeel.dataplane.socket.StreamRig.echoes;
import static io.evenkeel.dataplane.socket.StreamRig.flows;
import static io.evenkeel.dataplane.socket.StreamRig.greeting;
import static io.evenkeel.dataplane.socket.StreamRig.rig;
import static io.evenkeel.dataplane.socket.StreamRig.three;
import static io.evenkeel.dataplane.socket.StreamRig.vip;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of the connections of a realserver that fails, comes back, drains or leaves the table. */
class StreamServerStateTest {

    @Test
    void aReloadThatChangesNothingForAServerKeepsItsConnections() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            TestService service = three(rig, vip, "127.0.0.1");
            rig.apply(service.build());
            Socket client = connect(rig, vip);
            int before = greeting(client);

            StreamBackend fourth = rig.keep(new StreamBackend("127.0.0.1", 3));
            rig.apply(service.server(fourth.endpoint(), 1).build());

            echoes(client);
            assertThat(flows(rig)).isEqualTo(1);
            assertThat(rig.server(0, before).flows()).isEqualTo(1);
        }
    }

    @Test
    void aFailedServersConnectionsAreResetAtOnceAndNewOnesGoElsewhere() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1").build());
            List<Socket> clients = new ArrayList<>();
            int[] serverOf = new int[30];
            for (int i = 0; i < 30; i++) {
                clients.add(connect(rig, vip));
                serverOf[i] = greeting(clients.get(i));
            }
            rig.flip(0, 1, Usability.SHUT, 2);

            for (int i = 0; i < 30; i++) {
                if (serverOf[i] == 1) StreamRelayTest.assertReset(clients.get(i));
                else echoes(clients.get(i));
            }
            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isNotEqualTo(1);
            counted(rig, 10, () -> rig.path(PathCounter.STREAMS_RESET));
            assertThat(rig.server(0, 1).flows()).isZero();
        }
    }

    @Test
    void aServerBackWithinItsGraceKeepsItsConnections() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend only = rig.keep(new StreamBackend("127.0.0.1", 0));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .failbackGrace(Duration.ofSeconds(20))
                    .server(only.endpoint(), 1)
                    .build());
            Socket client = connect(rig, vip);
            greeting(client);

            rig.flip(0, 0, Usability.SHUT, 2);
            StreamRelayTest.assertReset(connect(rig, vip));
            rig.flip(0, 0, Usability.OPEN, 3);

            echoes(client);
            counted(rig, 1, () -> rig.dropped(0, DropReason.NO_REALSERVER));
        }
    }

    @Test
    void aRemovedServersConnectionsAreReset() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend first = rig.keep(new StreamBackend("127.0.0.1", 0));
            StreamBackend second = rig.keep(new StreamBackend("127.0.0.1", 1));
            TestService both = new TestService(0, vip).tcp().server(first.endpoint(), 1);
            rig.apply(both.server(second.endpoint(), 1).build());
            Socket[] clientOf = new Socket[2];
            for (int i = 0; i < 2; i++) {
                Socket client = connect(rig, vip);
                clientOf[greeting(client)] = client;
            }

            rig.apply(new TestService(0, vip)
                    .tcp()
                    .failbackGrace(Duration.ofSeconds(20))
                    .serverAt(1, second.endpoint(), 1, Usability.OPEN, 0, 0)
                    .build());

            StreamRelayTest.assertReset(clientOf[0]);
            echoes(clientOf[1]);
        }
    }

    @Test
    void aDrainingServerKeepsItsConnectionsAndTakesNoNewOnes() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1").build());
            Socket client = connect(rig, vip);
            int its = greeting(client);

            rig.flip(0, its, Usability.HOLDING, 1);

            for (int i = 0; i < 6; i++) assertThat(greeting(connect(rig, vip))).isNotEqualTo(its);
            echoes(client);
        }
    }

    @Test
    void aDrainingServersTemplateRunsOutThoughItIsUsed() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1")
                    .persistence(Duration.ofSeconds(1), 32)
                    .build());
            int its = greeting(connect(rig, vip));

            rig.flip(0, its, Usability.HOLDING, 1);

            int next = its;
            for (int i = 0; i < 100 && next == its; i++) {
                Thread.sleep(50);
                next = greeting(connect(rig, vip));
            }
            assertThat(next).isNotEqualTo(its);
        }
    }
}
