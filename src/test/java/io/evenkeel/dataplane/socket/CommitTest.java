package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tables come and go whole, and what belongs to a service's key survives them. */
class CommitTest {

    @Test
    void aPortInUseIsSeenAlthoughTheOwnerSharesIt() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            for (boolean shares : new boolean[] {false, true}) {
                try (DatagramSocket owner = new DatagramSocket(null)) {
                    owner.setOption(java.net.StandardSocketOptions.SO_REUSEPORT, shares);
                    owner.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
                    Endpoint vip = Endpoint.of("127.0.0.1:" + owner.getLocalPort());
                    long files = PlaneRig.openFiles();
                    Preparation preparation = rig.plane.prepare(rig.table(
                            new TestService(0, vip).ops().server(vip, 1).build()));
                    assertThat(preparation).isInstanceOfSatisfying(Preparation.Denied.class, denied -> {
                        assertThat(denied.service().orElseThrow().vip()).isEqualTo(vip);
                        assertThat(denied.refused().what()).isEqualTo("bind " + vip + "/udp: port in use");
                        assertThat(denied.refused().remedy()).contains("ss -lunp");
                    });
                    assertThat(PlaneRig.openFiles()).isEqualTo(files);
                }
            }
        }
    }

    @Test
    void oneRefusalRefusesTheWholeTable() throws Exception {
        try (PlaneRig rig = new PlaneRig(1);
                DatagramSocket owner =
                        new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
            Endpoint free = PlaneRig.freeVip("127.0.0.1");
            Endpoint taken = Endpoint.of("127.0.0.1:" + owner.getLocalPort());
            long files = PlaneRig.openFiles();
            Preparation preparation = rig.plane.prepare(rig.table(
                    new TestService(0, free).ops().server(free, 1).build(),
                    new TestService(1, taken).ops().server(free, 1).build()));
            assertThat(preparation).isInstanceOf(Preparation.Denied.class);
            assertThat(PlaneRig.openFiles()).isEqualTo(files);
            try (DatagramSocket stillFree = bound(free)) {
                assertThat(stillFree.isBound()).isTrue();
            }
        }
    }

    @Test
    void whatThePlaneCannotDoIsRefusedWithTheRemedy() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            ForwardedService nat = new TestService(0, vip).server(vip, 1).build();
            ForwardedServer direct =
                    new ForwardedServer(0, vip, new Forwarding.DirectRouting(), 1, Usability.OPEN, 1, 0, 0);
            assertDenied(rig, with(nat, List.of(direct)), "lb_kind DR");
            ForwardedServer four = nat.servers().getFirst();
            ForwardedServer six =
                    new ForwardedServer(1, Endpoint.of("[::1]:9"), new Forwarding.Nat(), 1, Usability.OPEN, 1, 0, 0);
            assertDenied(rig, with(nat, List.of(four, six)), "both address families");
            assertThat(SocketPlane.limitsHere(3).workers()).isEqualTo(3);
            assertThat(SocketPlane.limitsHere(1).keepsClientAddress()).isFalse();
            assertThat(SocketPlane.limitsHere(1).directRouting()).isPresent();
            assertThat(SocketPlane.limitsHere(1).tunnel()).isPresent();
        }
    }

    @Test
    void abandonGivesEverythingBack() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            long files = PlaneRig.openFiles();
            Preparation preparation = rig.plane.prepare(
                    rig.table(new TestService(0, vip).server(vip, 1).build()));
            assertThat(PlaneRig.openFiles()).isGreaterThan(files);
            rig.plane.abandon((Preparation.Ready) preparation);
            assertThat(PlaneRig.openFiles()).isEqualTo(files);
            try (DatagramSocket free = bound(vip)) {
                assertThat(free.isBound()).isTrue();
            }
        }
    }

    @Test
    void aCommitUnderLoadLosesNothingAndKeepsTheTurn() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            ForwardedService service = new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build();
            rig.apply(service);
            Client client = rig.client(vip, 1);
            AtomicBoolean sending = new AtomicBoolean(true);
            AtomicLong commits = new AtomicLong();
            Thread director = Thread.ofPlatform().start(() -> {
                try {
                    while (sending.get()) {
                        ForwardedService other = new TestService(1, PlaneRig.freeVip("127.0.0.1"))
                                .server(vip, 1)
                                .build();
                        if (commits.incrementAndGet() % 2 == 0) rig.apply(service);
                        else rig.apply(service, other);
                        Thread.sleep(5);
                    }
                    rig.apply(service);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            client.send(30_000, 64, 1_000, () -> sum(backends));
            sending.set(false);
            director.join();
            rig.awaitHere("all", () -> sum(backends) == 30_000);
            assertThat(commits.get()).isGreaterThan(5);
            assertThat(backends).extracting(Backend::received).containsExactly(10_000L, 10_000L, 10_000L);
            assertThat(backends).allMatch(backend -> backend.disordered() == 0);
            assertThat(rig.counters(0).received()).isEqualTo(30_000);
            assertThat(rig.counters(0).forwarded()).isEqualTo(30_000);
        }
    }

    @Test
    void whatHadArrivedForAServiceThatLeavesIsStillForwarded() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend backend = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            ForwardedService service =
                    new TestService(0, vip).ops().responses(0).servers(backend).build();
            Client client = rig.client(vip, 1);
            for (int round = 1; round <= 20; round++) {
                rig.apply(service);
                for (int i = 0; i < 1_000; i++) client.send(64); // faster than they are forwarded
                rig.apply();
                long sent = client.sent();
                rig.awaitHere(sent + "", () -> backend.received() == sent);
            }
        }
    }

    @Test
    void flowsAndTheirRepliesSurviveACommit() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend first = rig.echo("127.0.0.1", 1);
            Backend second = rig.echo("127.0.0.1", 1);
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).servers(first, second).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("a reply", () -> replies(client) == 1);
            rig.apply(new TestService(0, vip)
                    .server(first.endpoint(), 7)
                    .server(second.endpoint(), 9)
                    .build());
            client.send(64);
            PlaneRig.await("another", () -> replies(client) == 2);
            assertThat(first.received()).isEqualTo(2);
            assertThat(first.sources()).hasSize(1);
        }
    }

    @Test
    void aRemovedRealserversFlowsMove() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend first = rig.sink("127.0.0.1");
            Backend second = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(
                    new TestService(0, vip).responses(0).servers(first, second).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("1", () -> first.received() == 1);
            rig.apply(new TestService(0, vip)
                    .responses(0)
                    .serverAt(1, second.endpoint(), 1, Usability.OPEN, 0, 0)
                    .build());
            client.send(64);
            PlaneRig.await("2", () -> second.received() == 1);
            assertThat(rig.counters(0).flowsMoved()).isEqualTo(1);
        }
    }

    @Test
    void slotsGivenToOthersStartAtZero() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend first = rig.sink("127.0.0.1");
            Backend second = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().responses(0).servers(first).build());
            rig.client(vip, 1).send(64);
            PlaneRig.await("1", () -> rig.server(0, 0).forwarded() == 1);
            rig.apply(new TestService(0, vip).ops().responses(0).servers(second).build());
            assertThat(rig.counters(0).forwarded()).isEqualTo(1);
            assertThat(rig.server(0, 0).forwarded()).isZero();
            Endpoint other = PlaneRig.freeVip("127.0.0.1");
            rig.apply(
                    new TestService(0, other).ops().responses(0).servers(second).build());
            ServiceCounters counters = rig.counters(0);
            assertThat(counters.received()).isZero();
            assertThat(counters.servers()).isEmpty();
            try (DatagramSocket free = bound(vip)) {
                assertThat(free.isBound()).isTrue();
            }
        }
    }

    @Test
    void theWildcardAndAnAddressOfItLiveSideBySide() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            Backend general = rig.sink("127.0.0.1");
            Backend special = rig.sink("127.0.0.1");
            Endpoint any = PlaneRig.freeVip("0.0.0.0");
            Endpoint one = Endpoint.of("127.0.0.8:" + any.port());
            ForwardedService wide =
                    new TestService(0, any).ops().responses(0).servers(general).build();
            rig.apply(wide);
            rig.apply(
                    wide,
                    new TestService(1, one).ops().responses(0).servers(special).build());
            rig.client(one, 1).send(64);
            PlaneRig.await("special", () -> special.received() == 1);
            rig.client(Endpoint.of("127.0.0.9:" + any.port()), 1).send(64);
            PlaneRig.await("general", () -> general.received() == 1);
        }
    }

    @Test
    void stoppingRefusesNewWorkWhileRepliesPass() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            Backend backend = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(
                    new TestService(0, vip).ops().responses(1).servers(backend).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("asked", () -> backend.received() == 1);
            CompletableFuture<Void> stopped = rig.plane.stopTaking(Duration.ofSeconds(20));
            PlaneRig.await("refused", () -> {
                send(client);
                return rig.dropped(0, DropReason.SHUTTING_DOWN) > 0;
            });
            assertThat(stopped).isNotDone();
            InetSocketAddress port = backend.sources().iterator().next();
            backend.sendTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port.getPort()), new byte[8]);
            stopped.get(5, TimeUnit.SECONDS);
            assertThat(replies(client)).isEqualTo(1);
        }
    }

    @Test
    void stoppingEndsAfterItsGrace() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend silent = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().servers(silent).build());
            rig.client(vip, 1).send(64);
            PlaneRig.await("asked", () -> silent.received() == 1);
            rig.plane.stopTaking(Duration.ofMillis(300)).get(5, TimeUnit.SECONDS);
        }
    }

    private static DatagramSocket bound(Endpoint endpoint) throws SocketException {
        return new DatagramSocket(new InetSocketAddress(endpoint.address().toString(), endpoint.port()));
    }

    private static ForwardedService with(ForwardedService like, List<ForwardedServer> servers) {
        return new ForwardedService(
                like.slot(),
                like.key(),
                like.schedule(),
                like.onePacket(),
                like.responses(),
                like.udpTimeoutNanos(),
                like.persistence(),
                like.transparent(),
                like.proxyProtocol(),
                like.failbackGraceNanos(),
                servers);
    }

    private static void assertDenied(PlaneRig rig, ForwardedService service, String what) {
        assertThat(service.key().protocol()).isEqualTo(Protocol.UDP);
        assertThat(rig.plane.prepare(rig.table(service))).isInstanceOfSatisfying(Preparation.Denied.class, denied -> {
            assertThat(denied.refused().what()).contains(what);
            assertThat(denied.refused().remedy()).isNotEmpty();
        });
    }

    private static void send(Client client) {
        try {
            client.send(64);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
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
