package io.evenkeel.dataplane.socket;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What holds at any moment, not only at the end: both laws, the split over workers, the meaning of an acknowledgement. */
class LawsTest {

    @Test
    void bothLawsHoldInEveryReading() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .servers(rig.echo("127.0.0.1", 1), rig.echo("127.0.0.1", 1))
                    .server(PlaneRig.freeVip("127.0.0.1"), 1) // closed: errors, too
                    .build());
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) clients.add(rig.client(vip, i));
            AtomicBoolean reading = new AtomicBoolean(true);
            CompletableFuture<Long> readings = CompletableFuture.supplyAsync(() -> read(rig, reading));
            for (int i = 0; i < 4_000; i++) {
                for (Client client : clients) client.send(64);
                if (i % 10 == 0) for (Client client : clients) client.takeReplies();
                if (i % 100 == 0) Thread.sleep(1);
            }
            reading.set(false);
            assertThat(readings.get()).isGreaterThan(50);
        }
    }

    private static long read(PlaneRig rig, AtomicBoolean reading) {
        long readings = 0;
        ServiceCounters before = unsettled(rig);
        while (reading.get()) {
            ServiceCounters now = unsettled(rig);
            assertThat(now.imbalance()).as("%s", now).isZero();
            assertThat(now.servers().stream()
                            .mapToLong(ServerCounters::forwarded)
                            .sum())
                    .isEqualTo(now.forwarded());
            assertThat(now.received()).isGreaterThanOrEqualTo(before.received());
            assertThat(now.replies()).isGreaterThanOrEqualTo(before.replies());
            before = now;
            readings++;
        }
        return readings;
    }

    /** As any thread reads them at any moment, in the middle of a batch too. */
    private static ServiceCounters unsettled(PlaneRig rig) {
        return requireNonNull(rig.plane.counters().services().get(0));
    }

    @Test
    void theSplitIsExactOverAllWorkers() throws Exception {
        try (PlaneRig rig = new PlaneRig(3)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 30; i++) clients.add(rig.client(vip, i));
            for (int i = 1; i <= 300; i++) {
                for (Client client : clients) client.send(64);
                long sent = 30L * i;
                if (i % 20 == 0) rig.awaitHere(sent + "", () -> sum(backends) == sent);
            }
            assertThat(backends).extracting(Backend::received).containsExactly(3_000L, 3_000L, 3_000L);
            assertThat(backends).allMatch(backend -> backend.disordered() == 0);
        }
    }

    @Test
    void workersThatTakeTurnsAtOnceNeitherSkipNorRepeatOne() throws Exception {
        try (PlaneRig rig = new PlaneRig(3)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 24; i++) clients.add(rig.client(vip, i));
            int rounds = 12_000; // what a full socket loses takes no turn and is counted as received
            for (int i = 0; i < rounds; i++) for (Client client : clients) client.send(64);
            rig.awaitReceived(0, (long) rounds * clients.size());
            // Equal shares alone would not do: a batch that takes the turns of another gives each its share of them.
            assertThat(turnsTaken(rig)).isEqualTo(rig.counters(0).forwarded());
            assertThat(rig.counters(0).servers())
                    .extracting(ServerCounters::forwarded)
                    .hasSize(3)
                    .allSatisfy(forwarded -> assertThat(forwarded)
                            .isBetween(
                                    rig.counters(0).forwarded() / 3,
                                    rig.counters(0).forwarded() / 3 + 1));
        }
    }

    private static long turnsTaken(PlaneRig rig) throws ReflectiveOperationException {
        Field live = SocketPlane.class.getDeclaredField("live");
        live.setAccessible(true);
        Map<?, ?> services = (Map<?, ?>) live.get(rig.plane);
        return ((LiveService) services.values().iterator().next()).turn.get();
    }

    @Test
    void nothingGoesToARealserverAfterItsFlipIsAcknowledged() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            AtomicBoolean sending = new AtomicBoolean(true);
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) clients.add(rig.client(vip, i));
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    while (sending.get()) {
                        for (Client client : clients) client.send(64);
                        Thread.sleep(1);
                    }
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            for (int generation = 2; generation < 40; generation += 2) {
                rig.flip(0, 0, Usability.SHUT, generation);
                long atAcknowledgement = rig.server(0, 0).forwarded();
                Thread.sleep(10);
                assertThat(rig.server(0, 0).forwarded()).isEqualTo(atAcknowledgement);
                rig.flip(0, 0, Usability.OPEN, generation);
                PlaneRig.await("more", () -> rig.server(0, 0).forwarded() > atAcknowledgement);
            }
            sending.set(false);
            sender.join();
            rig.awaitHere("all", () -> sum(backends) == rig.counters(0).forwarded());
            assertThat(rig.counters(0).drops()).isEmpty();
        }
    }

    private static long sum(List<Backend> backends) {
        return backends.stream().mapToLong(Backend::received).sum();
    }
}
