package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two ways in which a realserver learns who the client is. */
class ClientAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void everyDatagramBearsThePrefix(String loopback) throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink(loopback), rig.sink(loopback));
            Endpoint vip = PlaneRig.freeVip(loopback);
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .proxyProtocol()
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            Client client = rig.client(vip, 4);
            for (int i = 0; i < 20; i++) client.send(i == 7 ? 0 : 100);
            try (SegmentSender sender = new SegmentSender(vip)) {
                sender.send(40, 100, 60);
            }
            rig.awaitHere("60", () -> sum(backends) == 60);
            assertThat(backends).extracting(Backend::received).containsExactly(30L, 30L);
            assertThat(rig.path(PathCounter.GSO_SENDS)).isPositive();
            int ofClient = 0;
            for (Backend backend : backends) {
                for (byte[] datagram : backend.first()) {
                    ProxyHeaderReader header = ProxyHeaderReader.read(datagram).orElseThrow();
                    assertThat(header.stream()).isFalse();
                    assertThat(header.destination()).isEqualTo(vip);
                    if (header.source().equals(endpoint(client.local()))) ofClient++;
                    ByteBuffer payload =
                            ByteBuffer.wrap(Arrays.copyOfRange(datagram, header.length(), datagram.length));
                    assertThat(payload.remaining()).isIn(0, 60, 100);
                    assertThat(payload.remaining() == 0 || Payload.intact(payload))
                            .isTrue();
                }
            }
            assertThat(ofClient).isEqualTo(20);
        }
    }

    @Test
    void whatNoLongerFitsIsTooBigAndTakesNoTurn() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .proxyProtocol()
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            Client client = rig.client(vip, 4);
            for (int i = 0; i < 10; i++) {
                client.send(65_507 - 28);
                client.send(65_507 - 27);
                rig.awaitReceived(0, 2L * (i + 1));
            }
            rig.awaitHere("10", () -> sum(backends) == 10);
            assertThat(backends).extracting(Backend::received).containsExactly(5L, 5L);
            assertThat(backends.getFirst().lengths()).containsOnly(65_507);
            assertThat(rig.dropped(0, DropReason.TOO_BIG)).isEqualTo(10);
        }
    }

    @Test
    void repliesPassBesideThePrefix() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .proxyProtocol()
                    .servers(rig.echo("127.0.0.1", 1))
                    .build());
            Client client = rig.client(vip, 4);
            client.send(50);
            PlaneRig.await("a reply", () -> replies(client) == 1);
        }
    }

    @Test
    void transparentShowsEveryClientsOwnAddressAndPort() throws Exception {
        assumeTrue(SocketPlane.limitsHere(1).transparent().isEmpty(), "transparent needs CAP_NET_ADMIN");
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .transparent()
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            long files = PlaneRig.openFiles();
            int clientCount = 1_500; // more than both workers have sockets for
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (int i = 0; i < clientCount; i++) {
                try (Client client = Client.sharing(vip, "127.0." + (1 + i % 7) + ".9", i)) {
                    addresses.add(client.local());
                    for (int n = 0; n < 4; n++) client.send(64);
                }
                if (i % 50 == 49) {
                    long sent = 4L * (i + 1);
                    rig.awaitHere(sent + "", () -> sum(backends) == sent);
                }
            }
            assertThat(backends).extracting(Backend::received).containsExactly(3_000L, 3_000L);
            for (Backend backend : backends) {
                assertThat(backend.sources()).isSubsetOf(addresses).hasSize((int)
                        addresses.stream().distinct().count());
                assertThat(backend.disordered()).isZero();
            }
            assertThat(PlaneRig.openFiles() - files).isLessThanOrEqualTo(2L * TransparentSockets.MAX_SOCKETS);
        }
    }

    @Test
    void aTransparentClientHasOneSocketHoweverMuchItSends() throws Exception {
        assumeTrue(SocketPlane.limitsHere(1).transparent().isEmpty(), "transparent needs CAP_NET_ADMIN");
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend backend = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .transparent()
                    .servers(backend)
                    .build());
            try (Client first = Client.sharing(vip, "127.0.1.9", 1);
                    Client second = Client.sharing(vip, "127.0.1.9", 2)) {
                long files = PlaneRig.openFiles();
                for (int i = 1; i <= 20; i++) {
                    first.send(64);
                    second.send(64);
                    long sent = 2L * i;
                    rig.awaitHere(sent + "", () -> backend.received() == sent);
                }
                assertThat(PlaneRig.openFiles() - files).isEqualTo(2);
                assertThat(backend.sources()).containsExactlyInAnyOrder(first.local(), second.local());
            }
        }
    }

    @Test
    void transparentIsForOneWayServices() throws Exception {
        assumeTrue(SocketPlane.limitsHere(1).transparent().isEmpty(), "transparent needs CAP_NET_ADMIN");
        try (PlaneRig rig = new PlaneRig(1)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            ForwardedService service =
                    new TestService(0, vip).transparent().server(vip, 1).build();
            assertThat(rig.plane.prepare(rig.table(service)))
                    .isInstanceOfSatisfying(
                            Preparation.Denied.class,
                            denied -> assertThat(denied.refused().remedy()).contains("responses 0"));
        }
    }

    private static Endpoint endpoint(InetSocketAddress address) {
        return new Endpoint(IpAddress.ofBytes(address.getAddress().getAddress()), address.getPort());
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
