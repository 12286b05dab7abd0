package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Scheduling;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Flows: a client socket keeps its realserver, until that fails. */
class TrackedFlowTest {

    @Test
    void aFlowSticksAndNewFlowsTakeTurns() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends =
                    List.of(rig.echo("127.0.0.1", 1), rig.echo("127.0.0.1", 1), rig.echo("127.0.0.1", 1));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends).build());
            List<Client> clients = clients(rig, vip, 30);
            for (int round = 0; round < 10; round++) for (Client client : clients) client.send(64);
            for (Client client : clients) PlaneRig.await("10 replies", () -> replies(client) == 10);
            assertThat(backends).extracting(Backend::received).containsExactly(100L, 100L, 100L);
            assertThat(backends)
                    .as("ten flows each")
                    .allMatch(backend -> backend.sources().size() == 10);
            assertThat(rig.counters(0).servers())
                    .extracting(server -> server.flows())
                    .containsExactly(10L, 10L, 10L);
            assertThat(rig.counters(0).flowsMoved()).isZero();
        }
    }

    @Test
    void theNextPacketLeavesAShutRealserver() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends).responses(0).build());
            Client client = rig.client(vip, 1);
            for (int i = 0; i < 5; i++) client.send(64);
            PlaneRig.await("5", () -> sum(backends) == 5);
            assertThat(backends.get(0).received()).isEqualTo(5);
            rig.flip(0, 0, Usability.SHUT, 2);
            client.send(64);
            PlaneRig.await("the sixth", () -> sum(backends) == 6);
            assertThat(backends.get(1).received()).isEqualTo(1);
            assertThat(rig.counters(0).flowsMoved()).isEqualTo(1);

            rig.flip(0, 0, Usability.OPEN, 2); // it does not come back of itself
            client.send(64);
            PlaneRig.await("the seventh", () -> sum(backends) == 7);
            assertThat(backends.get(1).received()).isEqualTo(2);
            assertThat(rig.counters(0).flowsMoved()).isEqualTo(1);
            assertThat(rig.server(0, 0).flows()).isZero();
            assertThat(rig.server(0, 1).flows()).isEqualTo(1);
        }
    }

    @Test
    void aFlowOfAnOlderGenerationMoves() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends).responses(0).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("1", () -> sum(backends) == 1);
            rig.flip(0, 0, Usability.SHUT, 2);
            rig.flip(0, 0, Usability.OPEN, 2); // failed and came back while the client was silent
            client.send(64);
            PlaneRig.await("2", () -> sum(backends) == 2);
            assertThat(rig.counters(0).flowsMoved()).isEqualTo(1);
        }
    }

    @Test
    void holdingKeepsFlowsAndTakesNoNewOnes() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends).responses(0).build());
            Client old = rig.client(vip, 1);
            old.send(64);
            PlaneRig.await("1", () -> sum(backends) == 1);
            rig.flip(0, 0, Usability.HOLDING, 1);
            for (Client client : clients(rig, vip, 10)) client.send(64);
            for (int i = 0; i < 10; i++) old.send(64);
            PlaneRig.await("21", () -> sum(backends) == 21);
            assertThat(backends).extracting(Backend::received).containsExactly(11L, 10L);
            assertThat(rig.counters(0).flowsMoved()).isZero();
        }
    }

    @Test
    void anIdleFlowEndsAfterItsTime() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends)
                    .responses(0)
                    .timeout(Duration.ofMillis(200))
                    .build());
            rig.client(vip, 1).send(64);
            PlaneRig.await("a flow", () -> rig.server(0, 0).flows() == 1);
            PlaneRig.await("none", () -> rig.server(0, 0).flows() == 0);
            assertThat(rig.counters(0).flowsMoved()).isZero();
        }
    }

    @Test
    void thresholdsTurnNewFlowsAwayUntilTheLowerOneIsPassed() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .responses(0)
                    .timeout(Duration.ofMillis(700))
                    .server(backends.get(0).endpoint(), 1, Usability.OPEN, 2, 1)
                    .server(backends.get(1).endpoint(), 1, Usability.OPEN, 3, 0)
                    .build());
            List<Client> clients = clients(rig, vip, 7);
            for (Client client : clients) client.send(64);
            rig.awaitReceived(0, 7);
            PlaneRig.await("5", () -> sum(backends) == 5);
            assertThat(backends).extracting(Backend::received).containsExactly(2L, 3L);
            assertThat(rig.dropped(0, DropReason.OVERLOADED)).isEqualTo(2);
            clients.getFirst().send(64); // a flow that exists goes on
            PlaneRig.await("6", () -> sum(backends) == 6);
            PlaneRig.await(
                    "all over",
                    () -> rig.server(0, 0).flows() + rig.server(0, 1).flows() == 0);
            Client late = rig.client(vip, 99);
            late.send(64);
            PlaneRig.await("7", () -> sum(backends) == 7);
        }
    }

    @Test
    void leastConnectionCountsFlowsOfAllWorkers() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends)
                    .responses(0)
                    .scheduling(new Scheduling.LeastConnection())
                    .build());
            int sent = 0;
            for (Client client : clients(rig, vip, 30)) {
                client.send(64);
                rig.awaitReceived(0, ++sent); // one after the other, so that two workers do not judge at once
            }
            PlaneRig.await("30", () -> sum(backends) == 30);
            assertThat(backends).extracting(Backend::received).containsExactly(10L, 10L, 10L);
        }
    }

    @Test
    void persistenceKeepsAClientsSocketsTogether() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends)
                    .responses(0)
                    .persistence(Duration.ofSeconds(60), 32)
                    .build());
            for (Client client : clients(rig, vip, 20)) client.send(64);
            PlaneRig.await("20", () -> sum(backends) == 20);
            assertThat(backends).extracting(Backend::received).containsExactlyInAnyOrder(20L, 0L, 0L);
            int held = backends.get(0).received() == 20 ? 0 : backends.get(1).received() == 20 ? 1 : 2;

            rig.flip(0, held, Usability.SHUT, 2);
            for (Client client : clients(rig, vip, 20)) client.send(64);
            PlaneRig.await("40", () -> sum(backends) == 40);
            assertThat(backends).extracting(Backend::received).containsExactlyInAnyOrder(20L, 20L, 0L);
        }
    }

    @Test
    void persistenceHoldsUnderOnePacketSchedulingToo() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends)
                    .ops()
                    .responses(0)
                    .persistence(Duration.ofSeconds(60), 24)
                    .build());
            Client near = rig.keep(new Client(vip, "127.0.0.77", 1));
            Client far = rig.keep(new Client(vip, "127.0.9.1", 2));
            for (int i = 0; i < 10; i++) {
                near.send(64);
                far.send(64);
            }
            PlaneRig.await("20", () -> sum(backends) == 20);
            assertThat(backends).extracting(Backend::received).containsExactly(10L, 10L);
            assertThat(backends).allMatch(backend -> backend.disordered() == 0);
            rig.keep(new Client(vip, "127.0.0.200", 3)).send(64); // of the first client's network
            PlaneRig.await("21", () -> sum(backends) == 21);
            assertThat(backends).extracting(Backend::received).containsExactly(11L, 10L);
        }
    }

    @Test
    void aTemplateInUseIsRenewedUnlessItsRealserverDrains() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(service(vip, backends)
                    .ops()
                    .responses(0)
                    .persistence(Duration.ofSeconds(1), 32)
                    .build());
            Client client = rig.client(vip, 1);
            long longestGap = sendForTwoSeconds(client);
            assumeTrue(longestGap < 900_000_000L, "this machine stood still for nearly a second");
            PlaneRig.await("all", () -> sum(backends) == client.sent());
            assertThat(backends.get(1).received())
                    .as("the template was renewed")
                    .isZero();

            rig.flip(0, 0, Usability.HOLDING, 1);
            PlaneRig.await("the template runs out under way", () -> {
                send(client);
                return backends.get(1).received() > 0;
            });
        }
    }

    private static long sendForTwoSeconds(Client client) throws Exception {
        long longestGap = 0;
        long last = System.nanoTime();
        for (int i = 0; i < 40; i++) {
            send(client);
            Thread.sleep(50);
            longestGap = Math.max(longestGap, System.nanoTime() - last);
            last = System.nanoTime();
        }
        return longestGap;
    }

    private static void send(Client client) {
        try {
            client.send(64);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static TestService service(Endpoint vip, List<Backend> backends) {
        return new TestService(0, vip)
                .responses(ForwardedService.UNKNOWN_RESPONSES)
                .servers(backends.toArray(Backend[]::new));
    }

    private static List<Client> clients(PlaneRig rig, Endpoint vip, int count) throws IOException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) clients.add(rig.client(vip, i));
        return clients;
    }

    private static long sum(List<Backend> backends) {
        return backends.stream().mapToLong(Backend::received).sum();
    }

    private static long replies(Client client) {
        try {
            return client.replies();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
