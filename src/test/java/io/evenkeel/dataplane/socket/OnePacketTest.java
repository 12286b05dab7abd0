package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Scheduling;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One-packet scheduling, one way: every datagram by itself, no state for any client. */
class OnePacketTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void oneSocketAloneIsDealtExactThirds(String loopback) throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.sink(loopback), rig.sink(loopback), rig.sink(loopback));
            Endpoint vip = PlaneRig.freeVip(loopback);
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            long files = PlaneRig.openFiles();
            Client client = rig.client(vip, 1);
            client.send(90_000, 64, 1_500, () -> sum(backends));
            PlaneRig.await("90,000 at the realservers", () -> sum(backends) >= 90_000);

            assertThat(backends).extracting(Backend::received).containsExactly(30_000L, 30_000L, 30_000L);
            assertThat(backends).allMatch(backend -> backend.damaged() == 0 && backend.disordered() == 0);
            assertThat(rig.counters(0).received()).isEqualTo(90_000);
            assertThat(rig.counters(0).forwarded()).isEqualTo(90_000);
            assertThat(rig.counters(0).servers())
                    .extracting(server -> server.forwarded())
                    .containsExactly(30_000L, 30_000L, 30_000L);
            assertThat(PlaneRig.openFiles() - files)
                    .as("the client's own socket alone")
                    .isEqualTo(1);
        }
    }

    @Test
    void weightsAreKeptExactly() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .server(backends.get(0).endpoint(), 5)
                    .server(backends.get(1).endpoint(), 3)
                    .server(backends.get(2).endpoint(), 2)
                    .build());
            rig.client(vip, 1).send(50_000, 64, 1_500, () -> sum(backends));
            PlaneRig.await("all", () -> sum(backends) >= 50_000);
            assertThat(backends).extracting(Backend::received).containsExactly(25_000L, 15_000L, 10_000L);
        }
    }

    @Test
    void leastConnectionDealsByWeightToo() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .scheduling(new Scheduling.WeightedLeastConnection())
                    .server(backends.get(0).endpoint(), 5)
                    .server(backends.get(1).endpoint(), 3)
                    .server(backends.get(2).endpoint(), 2)
                    .build());
            rig.client(vip, 1).send(30_000, 64, 1_500, () -> sum(backends));
            PlaneRig.await("all", () -> sum(backends) >= 30_000);
            assertThat(backends.get(0).received()).isBetween(14_850L, 15_150L);
            assertThat(backends.get(1).received()).isBetween(8_910L, 9_090L);
            assertThat(backends.get(2).received()).isBetween(5_940L, 6_060L);
        }
    }

    /** Its clients have no other: a hash without a fallback knows none. */
    @Test
    void aSuspectRealserverKeepsTheClientsThatAHashGivesIt() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .scheduling(new Scheduling.SourceHash(false, false))
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            Client client = rig.client(vip, 1);
            client.send(100, 64, 100, () -> sum(backends));
            PlaneRig.await("100", () -> sum(backends) >= 100);
            int its = backends.get(0).received() > 0 ? 0 : 1;
            assertThat(backends.get(its).received())
                    .as("one client, one realserver")
                    .isEqualTo(100);
            rig.flip(0, its, Usability.SUSPECT, 1);
            client.send(100, 64, 100, () -> sum(backends));
            PlaneRig.await("200", () -> rig.counters(0).received() >= 200);
            PlaneRig.await("200 at the realserver", () -> backends.get(its).received() >= 200);
            assertThat(rig.counters(0).drops()).isEmpty();
        }
    }

    @Test
    void everySizeArrivesAsItWasSent() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            Client client = rig.client(vip, 7);
            long bytes = 0;
            for (int i = 0; i < 10_000; i++) {
                int length = i % 100 < 50 ? random.nextInt(1_473) : 700; // bursts of equal size make aggregates
                bytes += length;
                client.send(length);
                if (i % 200 == 199) {
                    long sent = i + 1L;
                    PlaneRig.await("seed " + seed, () -> sum(backends) >= sent);
                }
            }
            assertThat(backends).extracting(Backend::received).containsExactly(5_000L, 5_000L);
            assertThat(backends).as("seed %d", seed).allMatch(b -> b.damaged() == 0 && b.disordered() == 0);
            long arrived = backends.stream()
                    .flatMap(backend -> backend.lengths().stream())
                    .mapToLong(Integer::longValue)
                    .sum();
            assertThat(arrived).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void theLongestAndTheEmptyDatagramPass(String loopback) throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend backend = rig.sink(loopback);
            Endpoint vip = PlaneRig.freeVip(loopback);
            rig.apply(
                    new TestService(0, vip).ops().responses(0).servers(backend).build());
            Client client = rig.client(vip, 1);
            int[] lengths = {0, 65_507, 0, 0, 65_507, 1, 65_506, 0};
            for (int length : lengths) client.send(length);
            PlaneRig.await("all", () -> backend.received() == lengths.length);
            assertThat(backend.lengths()).containsExactly(0, 65_507, 0, 0, 65_507, 1, 65_506, 0);
            assertThat(backend.damaged()).isZero();
        }
    }

    @Test
    void anAggregateIsDealtDatagramByDatagram() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            try (SegmentSender sender = new SegmentSender(vip)) {
                for (int i = 0; i < 30; i++) sender.send(60, 100, 40);
            }
            PlaneRig.await("all", () -> sum(backends) == 30 * 60);
            assertThat(backends).extracting(Backend::received).containsExactly(600L, 600L, 600L);
            assertThat(backends).allMatch(backend -> backend.damaged() == 0 && backend.disordered() == 0);
            assertThat(rig.path(PathCounter.GRO_BATCHES)).isEqualTo(30);
            assertThat(rig.path(PathCounter.GSO_SENDS)).isPositive();
            assertThat(rig.path(PathCounter.GSO_SEGMENTS)).isGreaterThan(1_000);
            assertThat(backends.get(2).lengths())
                    .filteredOn(length -> length == 40)
                    .hasSize(30);
        }
    }

    @Test
    void withoutSegmentsEveryDatagramLeavesByItself() throws Exception {
        try (PlaneRig rig = new PlaneRig(1, 1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            try (SegmentSender sender = new SegmentSender(vip)) {
                for (int i = 0; i < 10; i++) sender.send(60, 100, 100);
            }
            PlaneRig.await("all", () -> sum(backends) == 600);
            assertThat(backends).extracting(Backend::received).containsExactly(300L, 300L);
            assertThat(rig.path(PathCounter.SINGLE_SENDS)).isEqualTo(600);
            assertThat(rig.path(PathCounter.GSO_SENDS)).isZero();
        }
    }

    @Test
    void nobodyUsableIsCountedAndTakesNoTurn() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            Client client = rig.client(vip, 1);
            client.send(64); // the first turn
            PlaneRig.await("one", () -> sum(backends) == 1);
            for (int i = 0; i < 3; i++) rig.flip(0, i, Usability.SHUT, 2);
            for (int i = 0; i < 10; i++) client.send(64);
            rig.awaitReceived(0, 11);
            assertThat(rig.dropped(0, DropReason.NO_REALSERVER)).isEqualTo(10);
            for (int i = 0; i < 3; i++) rig.flip(0, i, Usability.OPEN, 2);
            for (int i = 0; i < 2; i++) client.send(64); // the second and the third turn
            PlaneRig.await("three", () -> sum(backends) == 3);
            assertThat(backends).extracting(Backend::received).containsExactly(1L, 1L, 1L);
        }
    }

    @Test
    void aSuspectTakesTurnsOnlyWhenNobodyIsOpen() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            rig.flip(0, 0, Usability.SUSPECT, 1);
            Client client = rig.client(vip, 1);
            for (int i = 0; i < 20; i++) client.send(64);
            PlaneRig.await("20", () -> sum(backends) == 20);
            assertThat(backends).extracting(Backend::received).containsExactly(0L, 20L);
            rig.flip(0, 1, Usability.HOLDING, 1);
            for (int i = 0; i < 20; i++) client.send(64);
            PlaneRig.await("40", () -> sum(backends) == 40);
            assertThat(backends).extracting(Backend::received).containsExactly(20L, 20L);
        }
    }

    private static long sum(List<Backend> backends) {
        return backends.stream().mapToLong(Backend::received).sum();
    }
}
