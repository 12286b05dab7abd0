package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies under one-packet scheduling: from the address the client asked, to the client that asked. */
class ReplyTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void everyReplyComesFromTheVip(String loopback) throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            List<Backend> backends = List.of(rig.echo(loopback, 1), rig.echo(loopback, 1), rig.echo(loopback, 1));
            Endpoint vip = PlaneRig.freeVip(loopback);
            rig.apply(new TestService(0, vip)
                    .ops()
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            Client client = rig.client(vip, 3);
            client.send(30_000, 64, 500, () -> replies(client));
            rig.awaitHere("30,000 replies", () -> replies(client) == 30_000);

            assertThat(client.repliers()).containsExactly(socketAddress(vip));
            assertThat(client.damagedReplies()).isZero();
            assertThat(backends).extracting(Backend::received).containsExactly(10_000L, 10_000L, 10_000L);
            assertThat(rig.counters(0).replies()).isEqualTo(30_000);
            assertThat(rig.counters(0).servers())
                    .extracting(server -> server.replies())
                    .containsExactly(10_000L, 10_000L, 10_000L);
            assertThat(rig.path(PathCounter.REPLY_PORTS_OPEN))
                    .as("one port for the one client")
                    .isEqualTo(1);
        }
    }

    @Test
    void manyRepliesToOneDatagramAllPass() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend backend = rig.echo("127.0.0.1", 20);
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().servers(backend).build());
            Client client = rig.client(vip, 3);
            for (int i = 0; i < 50; i++) {
                client.send(1_000);
                long wanted = (i + 1) * 20L;
                PlaneRig.await(wanted + " replies", () -> replies(client) == wanted);
            }
            assertThat(client.repliers()).containsExactly(socketAddress(vip));
            assertThat(client.damagedReplies()).isZero();
        }
    }

    @Test
    void clientsAreNotMixedUp() throws Exception {
        try (PlaneRig rig = new PlaneRig(2)) {
            Backend backend = rig.echo("127.0.0.1", 1);
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .servers(backend, rig.echo("127.0.0.1", 1))
                    .build());
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) clients.add(rig.client(vip, i));
            for (int round = 0; round < 20; round++) for (Client client : clients) client.send(64);
            for (Client client : clients) PlaneRig.await("20 replies", () -> replies(client) == 20);
            assertThat(clients).allMatch(client -> client.damagedReplies() == 0);
            assertThat(rig.path(PathCounter.REPLY_PORTS_OPEN)).isEqualTo(50);
        }
    }

    @Test
    void aWildcardVipAnswersFromTheAddressAsked() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Endpoint vip = PlaneRig.freeVip("0.0.0.0");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .servers(rig.echo("127.0.0.1", 1))
                    .build());
            for (String asked : List.of("127.0.0.5", "127.0.0.6")) {
                Endpoint endpoint = Endpoint.of(asked + ":" + vip.port());
                Client client = rig.client(endpoint, 1);
                client.send(64);
                PlaneRig.await("a reply", () -> replies(client) == 1);
                assertThat(client.repliers()).containsExactly(socketAddress(endpoint));
            }
        }
    }

    @Test
    void theExpectedRepliesFreeThePort() throws Exception {
        try (PlaneRig rig = new PlaneRig(1).replyPorts(2)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(1)
                    .servers(rig.echo("127.0.0.1", 1), rig.echo("127.0.0.1", 1))
                    .build());
            for (int i = 0; i < 40; i++) { // each a client of its own, over two ports
                Client client = rig.client(vip, i);
                client.send(64);
                PlaneRig.await("a reply", () -> replies(client) == 1);
                assertThat(client.damagedReplies()).isZero();
            }
            assertThat(rig.path(PathCounter.REPLY_PORTS_OPEN)).isLessThanOrEqualTo(2);
            assertThat(rig.path(PathCounter.REPLY_PATH_EXHAUSTED)).isZero();
        }
    }

    @Test
    void moreRepliesThanExpectedAreUnexpected() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(2)
                    .servers(rig.echo("127.0.0.1", 3))
                    .build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("the third", () -> rig.dropped(0, DropReason.REPLY_UNEXPECTED) == 1);
            assertThat(replies(client)).isEqualTo(2);
        }
    }

    @Test
    void moreRepliesThanExpectedAreUnexpectedAlsoIfTheyComeTogether() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend asked = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().responses(2).servers(asked).build());
            Client client = rig.client(vip, 5);
            client.send(64);
            PlaneRig.await("asked", () -> asked.received() == 1);
            Endpoint port =
                    Endpoint.of("127.0.0.1:" + asked.sources().iterator().next().getPort());
            Endpoint realserver = asked.endpoint();
            asked.close();
            try (SegmentSender aggregate = new SegmentSender(realserver, port)) {
                aggregate.send(3, 64, 64);
            }
            PlaneRig.await("the third", () -> rig.dropped(0, DropReason.REPLY_UNEXPECTED) == 1);
            PlaneRig.await("two replies", () -> replies(client) == 2);
            assertThat(rig.path(PathCounter.GRO_BATCHES)).isEqualTo(1);
            assertThat(rig.counters(0).replies()).isEqualTo(2);
        }
    }

    @Test
    void aPortForgetsWhomTheFlowBeforeHadAsked() throws Exception {
        try (PlaneRig rig = new PlaneRig(1).replyPorts(1)) {
            Backend first = rig.sink("127.0.0.1");
            Backend second = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(1)
                    .servers(first, second)
                    .build());
            Client before = rig.client(vip, 1);
            before.send(64);
            PlaneRig.await("the first asked", () -> first.received() == 1);
            InetSocketAddress port = new InetSocketAddress(
                    InetAddress.ofLiteral("127.0.0.1"),
                    first.sources().iterator().next().getPort());
            first.sendTo(port, new byte[10]);
            PlaneRig.await("answered", () -> replies(before) == 1);

            Client client = rig.client(vip, 2);
            client.send(64);
            PlaneRig.await("the second asked", () -> second.received() == 1);
            assertThat(second.sources()).extracting(InetSocketAddress::getPort).containsExactly(port.getPort());
            first.sendTo(port, new byte[10]);
            PlaneRig.await("a stranger now", () -> rig.dropped(0, DropReason.REPLY_STRANGER) == 1);
            second.sendTo(port, new byte[10]);
            PlaneRig.await("a reply", () -> replies(client) == 1);
        }
    }

    @Test
    void everyPortTakenForwardsOneWayAndSaysSo() throws Exception {
        try (PlaneRig rig = new PlaneRig(1).replyPorts(3)) {
            Backend backend = rig.echo("127.0.0.1", 1);
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().servers(backend).build());
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Client client = rig.client(vip, i);
                clients.add(client);
                client.send(64);
            }
            PlaneRig.await("all forwarded", () -> backend.received() == 8);
            PlaneRig.await("five replies lost", () -> rig.dropped(0, DropReason.REPLY_PATH_EXHAUSTED) == 5);
            PlaneRig.await(
                    "three replies",
                    () -> clients.stream().mapToLong(ReplyTest::replies).sum() == 3);
            assertThat(rig.path(PathCounter.REPLY_PATH_EXHAUSTED)).isEqualTo(5);
            assertThat(rig.path(PathCounter.REPLY_PORTS_OPEN)).isEqualTo(3);
            assertThat(rig.counters(0).drops()).isEmpty();
        }
    }

    @Test
    void aPortWhoseReplyMayStillComeRestsBeforeItServesAnother() throws Exception {
        try (PlaneRig rig = new PlaneRig(1).replyPorts(1)) {
            Backend silent = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .timeout(Duration.ofMillis(300))
                    .servers(silent)
                    .build());
            Client first = rig.client(vip, 1);
            first.send(64);
            PlaneRig.await("forwarded", () -> silent.received() == 1);
            PlaneRig.await("resting", () -> rig.path(PathCounter.REPLY_PORTS_RESTING) == 1);
            InetSocketAddress port = silent.sources().iterator().next();
            silent.sendTo(port, new byte[20]); // too late
            PlaneRig.await("counted", () -> rig.dropped(0, DropReason.REPLY_UNEXPECTED) == 1);
            rig.client(vip, 2).send(64);
            PlaneRig.await("one way", () -> rig.path(PathCounter.REPLY_PATH_EXHAUSTED) == 1);
            PlaneRig.await("rested", () -> rig.path(PathCounter.REPLY_PORTS_RESTING) == 0);
            Client third = rig.client(vip, 3);
            silent.forget();
            third.send(64);
            PlaneRig.await("forwarded", () -> silent.received() == 1);
            assertThat(silent.sources()).containsExactly(port);
        }
    }

    @Test
    void aStrangersReplyIsNotPassedOn() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend asked = rig.echo("127.0.0.1", 1);
            Backend neverAsked = rig.sink("127.0.0.1");
            Backend foreign = rig.sink("127.0.0.3");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .server(asked.endpoint(), 1)
                    .server(neverAsked.endpoint(), 1, Usability.SHUT, 0, 0)
                    .build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("a reply", () -> replies(client) == 1);
            InetSocketAddress port = asked.sources().iterator().next();
            InetSocketAddress reachable = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port.getPort());
            neverAsked.sendTo(reachable, new byte[64]);
            foreign.sendTo(reachable, new byte[64]);
            PlaneRig.await("two strangers", () -> rig.dropped(0, DropReason.REPLY_STRANGER) == 2);
            assertThat(replies(client)).isEqualTo(1);
            asked.sendTo(reachable, new byte[64]);
            PlaneRig.await("one more from the one asked", () -> replies(client) == 2);
        }
    }

    @Test
    void repliesToAOneWayServiceAreUnexpected() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(rig.echo("127.0.0.1", 1))
                    .build());
            Client client = rig.client(vip, 1);
            for (int i = 0; i < 10; i++) client.send(64);
            PlaneRig.await("counted", () -> rig.dropped(0, DropReason.REPLY_UNEXPECTED) == 10);
            assertThat(replies(client)).isZero();
        }
    }

    @Test
    void repliesUnderWayPassAfterTheirRealserverIsShutOrRemoved() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Backend leaving = rig.sink("127.0.0.1");
            Backend staying = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().servers(leaving, staying).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            client.send(64);
            PlaneRig.await("both asked", () -> leaving.received() == 1 && staying.received() == 1);
            InetSocketAddress port = new InetSocketAddress(
                    InetAddress.ofLiteral("127.0.0.1"),
                    leaving.sources().iterator().next().getPort());
            rig.flip(0, 0, Usability.SHUT, 2);
            leaving.sendTo(port, new byte[10]);
            PlaneRig.await("a reply of the shut one", () -> replies(client) == 1);
            rig.apply(new TestService(0, vip)
                    .ops()
                    .serverAt(1, staying.endpoint(), 1, Usability.OPEN, 0, 0)
                    .build());
            leaving.sendTo(port, new byte[10]);
            PlaneRig.await("a reply of the removed one", () -> replies(client) == 2);
        }
    }

    private static InetSocketAddress socketAddress(Endpoint endpoint) {
        return new InetSocketAddress(endpoint.address().toString(), endpoint.port());
    }

    private static long replies(Client client) {
        try {
            return client.replies();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
