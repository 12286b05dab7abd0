package io.evenkeel.dataplane.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.EventFd;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client gets a realserver that takes it, if there is one; else a reset and a reason. */
class StreamAttemptsTest {

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void aRefusingServerIsEvidenceAndTheNextOneServes(boolean v6) throws Exception {
        try (RelayUnderTest it = new RelayUnderTest(v6)) {
            it.refusingServer();
            it.refusingServer();
            ServerSocket listener = it.server();
            Socket client = it.client();
            Socket server = it.accept(listener);
            server.getOutputStream().write("here".getBytes(US_ASCII));

            assertThat(client.getInputStream().readNBytes(4)).asString(US_ASCII).isEqualTo("here");
            assertThat(it.forwarded()).isEqualTo(1);
            it.loop.run(() -> {
                assertThat(it.service.picked).containsExactly(0, 1, 2);
                assertThat(it.service.servers.get(0).suspicions).containsExactly(Errno.ECONNREFUSED);
                assertThat(it.service.servers.get(1).suspicions).containsExactly(Errno.ECONNREFUSED);
                assertThat(it.service.servers.get(2).suspicions).isEmpty();
                assertThat(it.service.servers.get(0).flows).isZero();
            });
        }
    }

    @Test
    void whenAllRefuseEachIsTriedOnceAndTheClientIsReset() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            it.refusingServer();
            it.refusingServer();
            it.refusingServer();
            Socket client = it.client();

            StreamRelayTest.assertReset(client);
            assertThat(it.drops(DropReason.CONNECT_FAILED)).isEqualTo(1);
            it.loop.run(() -> assertThat(it.service.picked).containsExactly(0, 1, 2));
            assertThat(it.live()).isZero();
        }
    }

    @Test
    void withoutAnyRealserverTheClientIsReset() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            Socket client = it.client();

            StreamRelayTest.assertReset(client);
            assertThat(it.drops(DropReason.NO_REALSERVER)).isEqualTo(1);
            assertThat(it.forwarded()).isZero();
        }
    }

    @Test
    void aServerThatDoesNotAnswerInTimeIsLeftForAnother() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket silent = silent(it);
            ServerSocket listener = it.server();
            Socket client = it.client();
            it.until("the silent one is asked", () -> it.service.servers.getFirst().flows == 1);
            it.loop.run(() -> it.relay.tick(it.loop.nowNanos() + StreamRelay.CONNECT_NANOS - 1_000_000_000L));
            assertThat(it.live()).isEqualTo(1);
            assertThat(it.forwarded()).isZero();

            it.loop.run(() -> it.relay.tick(it.loop.nowNanos() + StreamRelay.CONNECT_NANOS));

            Socket server = it.accept(listener);
            client.getOutputStream().write(7);
            assertThat(server.getInputStream().read()).isEqualTo(7);
            it.loop.run(() -> {
                assertThat(it.service.servers.getFirst().suspicions).containsExactly(Errno.ETIMEDOUT);
                assertThat(it.service.servers.getFirst().flows).isZero();
            });
            assertThat(silent.isBound()).isTrue();
        }
    }

    @Test
    void aConnectionTooOldIsOfferedToNobodyMore() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            silent(it);
            it.server();
            Socket client = it.client();
            it.until("the silent one is asked", () -> it.service.servers.getFirst().flows == 1);

            it.loop.run(() -> it.relay.tick(it.loop.nowNanos() + StreamRelay.GIVE_UP_NANOS));

            StreamRelayTest.assertReset(client);
            assertThat(it.drops(DropReason.CONNECT_FAILED)).isEqualTo(1);
        }
    }

    @Test
    void aClientThatResetsBeforeItIsServedIsGone() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            silent(it);
            Socket client = it.client();
            it.until("the silent one is asked", () -> it.service.servers.getFirst().flows == 1);

            RelayUnderTest.reset(client);

            it.until("it is counted", () -> it.service.drops.getOrDefault(DropReason.CLIENT_GONE, 0) == 1);
            assertThat(it.live()).isZero();
        }
    }

    @Test
    void whatAClientSendsAndEndsBeforeItIsServedIsNotLost() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            silent(it);
            ServerSocket listener = it.server();
            Socket client = it.client();
            client.getOutputStream().write("early".getBytes(US_ASCII));
            client.shutdownOutput();
            it.until("the silent one is asked", () -> it.service.servers.getFirst().flows == 1);
            it.loop.run(() -> it.relay.tick(it.loop.nowNanos() + StreamRelay.CONNECT_NANOS));

            Socket server = it.accept(listener);
            assertThat(server.getInputStream().readAllBytes())
                    .asString(US_ASCII)
                    .isEqualTo("early");
        }
    }

    @Test
    void noRouteIsOurOwnTroubleAndNotTheServers() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest(true)) {
            // fe80::/10 needs an interface to be named: connect answers at once that it cannot be reached.
            it.loop.run(() -> it.service.add(new Endpoint(IpAddress.of("fe80::1"), 80)));
            Socket client = it.client();

            StreamRelayTest.assertReset(client);
            it.loop.run(
                    () -> assertThat(it.service.servers.getFirst().suspicions).isEmpty());
            assertThat(it.drops(DropReason.CONNECT_FAILED) + it.drops(DropReason.NO_ROUTE))
                    .isEqualTo(1);
        }
    }

    @Test
    void aServerThatAnswersAndResetsAtOnceIsHeard() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            for (int i = 0; i < 50; i++) {
                Socket client = it.client();
                try (Socket server = listener.accept()) {
                    server.getOutputStream().write("no".getBytes(US_ASCII));
                    RelayUnderTest.reset(server);
                }
                assertThat(client.getInputStream().readNBytes(2))
                        .asString(US_ASCII)
                        .isEqualTo("no");
                StreamRelayTest.assertReset(client);
            }
            assertThat(it.forwarded()).isEqualTo(50);
            it.loop.run(() -> assertThat(it.service.dropped()).isZero());
        }
    }

    @Test
    void whatAServerSaidBetweenTheEventAndTheQuestionForItsErrorIsHeard() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest();
                Socket client = new Socket();
                EventFd before = new EventFd()) {
            ServerSocket listener = it.server();
            client.setSoTimeout(10_000);
            it.loop.call(() -> {
                client.connect(it.address());
                long[] watch = new long[1];
                // Is ready before the connection is: between that one's event and its handling, the server acts.
                watch[0] = it.loop.watch(before.fd(), Epoll.IN, events -> {
                    it.loop.unwatch(before.fd(), watch[0]);
                    answerAndReset(listener);
                });
                before.signal();
                it.relay.ready(Epoll.IN);
                return true;
            });
            assertThat(client.getInputStream().readNBytes(2)).asString(US_ASCII).isEqualTo("no");
            StreamRelayTest.assertReset(client);
        }
    }

    private static void answerAndReset(ServerSocket listener) {
        try (Socket server = listener.accept()) {
            server.getOutputStream().write("no".getBytes(US_ASCII));
            RelayUnderTest.reset(server);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPortThatWouldConnectToItselfIsRefused() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket own = it.listen(1);
            int fd = StreamOpening.connect(it.endpoint(own.getLocalPort()), null);
            assertThat(fd).isPositive();
            int local = Sockets.localPort(fd);

            assertThat(it.loop.call(() -> it.relay.connectedToItself(fd, it.endpoint(local))))
                    .isTrue();
            assertThat(it.loop.call(() -> it.relay.connectedToItself(fd, it.endpoint(own.getLocalPort()))))
                    .isFalse();
            Libc.close(fd);
        }
    }

    /** Adds a realserver that does not answer. */
    private static ServerSocket silent(RelayUnderTest it) throws Exception {
        ServerSocket full = it.fullListener();
        it.loop.run(() -> it.service.add(it.endpoint(full.getLocalPort())));
        return full;
    }
}
