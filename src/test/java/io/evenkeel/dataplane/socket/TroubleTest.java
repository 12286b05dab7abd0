package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.model.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the network does to a plane: closed ports, forged errors, full buffers. */
class TroubleTest {

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 0", "127.0.0.1, -1", "::1, 0", "::1, -1"})
    void aClosedPortCostsItsNeighboursNothing(String loopback, int responses) throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend first = rig.sink(loopback);
            Backend third = rig.sink(loopback);
            Endpoint closed = PlaneRig.freeVip(loopback);
            Endpoint vip = PlaneRig.freeVip(loopback);
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(responses)
                    .server(first.endpoint(), 1)
                    .server(closed, 1)
                    .server(third.endpoint(), 1)
                    .build());
            Client client = rig.client(vip, 1);
            for (int i = 1; i <= 3_000; i++) {
                client.send(64);
                if (i % 30 != 0) continue;
                long sent = i;
                rig.awaitHere(sent + " dealt", () -> first.received() + third.received() == sent * 2 / 3);
            }
            assertThat(first.received()).isEqualTo(1_000);
            assertThat(third.received()).isEqualTo(1_000);
            assertThat(first.disordered() + third.disordered()).isZero();
            assertThat(rig.counters(0).forwarded()).isEqualTo(3_000);
            assertThat(rig.path(PathCounter.EVIDENCE)).isPositive();
            assertThat(rig.events).isNotEmpty();
            assertThat(rig.events)
                    .allSatisfy(event -> assertThat(event)
                            .isInstanceOfSatisfying(PlaneEvent.Suspicion.class, suspicion -> {
                                assertThat(suspicion.serviceSlot()).isZero();
                                assertThat(suspicion.serverSlot()).isEqualTo(1);
                                assertThat(suspicion.generation()).isEqualTo(1);
                                assertThat(suspicion.evidence()).isEqualTo("port unreachable from " + closed.address());
                            }));
        }
    }

    @Test
    void datagramsSentWhileAnErrorWaitsAreSentAgain() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend open = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .server(PlaneRig.freeVip("127.0.0.1"), 1)
                    .server(open.endpoint(), 1)
                    .build());
            try (SegmentSender sender = new SegmentSender(vip)) {
                // Lengths alternate in pairs, so that no run is longer than one and each message meets the last one's
                // error.
                for (int i = 0; i < 200; i++) sender.send(8, 100, 100);
            }
            rig.awaitHere("800", () -> open.received() == 800);
            assertThat(rig.path(PathCounter.PENDING_ERRORS)).isPositive();
            assertThat(rig.path(PathCounter.RESENT)).isPositive();
            assertThat(rig.counters(0).forwarded()).isEqualTo(1_600);
        }
    }

    @Test
    void receiveOverflowIsReceivedAndDropped() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend backend = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(
                    new TestService(0, vip).ops().responses(0).servers(backend).build());
            LoopbackFiles.shrinkReceiveBuffers(vip);
            Client client = rig.client(vip, 1);
            for (int i = 0; i < 20_000; i++) client.send(1_000);
            rig.awaitHere("20,000 accounted for", () -> rig.counters(0).received() == 20_000);
            long overflow = rig.dropped(0, DropReason.RECEIVE_OVERFLOW);
            assertThat(overflow).isPositive();
            assertThat(rig.counters(0).forwarded()).isEqualTo(20_000 - overflow);
        }
    }

    @Test
    void aMessageWhoseControlDataDidNotFitIsNotForwardedAndCountsAsOne() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend backend = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().servers(backend).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            rig.awaitHere("1", () -> backend.received() == 1);
            InetSocketAddress port = backend.sources().iterator().next();
            LoopbackFiles.crowdControlDataOfReplies();
            backend.sendTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port.getPort()), new byte[64]);
            rig.awaitHere("a reply", () -> rig.counters(0).repliesReceived() == 1);
            assertThat(rig.dropped(0, DropReason.REPLY_TRUNCATED)).isEqualTo(1);

            LoopbackFiles.crowdControlData(vip);
            for (int i = 0; i < 5; i++) client.send(64);
            rig.awaitReceived(0, 6);
            assertThat(rig.dropped(0, DropReason.TRUNCATED)).isEqualTo(5);
            assertThat(rig.counters(0).forwarded()).isEqualTo(1);
        }
    }

    @Test
    void aRefusedAggregateLeavesInParts() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            LoopbackFiles.forbidSegments(); // sockets without checksums cannot segment: EINVAL or EIO
            try (SegmentSender sender = new SegmentSender(vip)) {
                for (int i = 0; i < 10; i++) sender.send(40, 100, 60);
            }
            rig.awaitHere("400", () -> sum(backends) == 400);
            assertThat(backends).extracting(Backend::received).containsExactly(200L, 200L);
            assertThat(backends).allMatch(backend -> backend.damaged() == 0 && backend.disordered() == 0);
            assertThat(rig.path(PathCounter.GSO_REFUSED))
                    .as("once for each realserver")
                    .isEqualTo(2);
            assertThat(rig.path(PathCounter.SINGLE_SENDS)).isEqualTo(400);
            assertThat(rig.path(PathCounter.GSO_SENDS)).isZero();
        }
    }

    private static long sum(List<Backend> backends) {
        return backends.stream().mapToLong(Backend::received).sum();
    }

    @Test
    void aClientThatIsGoneHarmsNobody() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend backend = rig.echo("127.0.0.1", 1);
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().servers(backend).build());
            for (int i = 0; i < 20; i++) {
                try (Client gone = new Client(vip, "127.0.0.1", i)) {
                    gone.send(64);
                }
            }
            rig.awaitHere("20", () -> rig.counters(0).replies() == 20);
            Client client = rig.client(vip, 99);
            client.send(64);
            PlaneRig.await("a reply", () -> replies(client) == 1);
        }
    }

    private static long replies(Client client) {
        try {
            return client.replies();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
