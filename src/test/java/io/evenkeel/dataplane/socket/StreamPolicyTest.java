package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.socket.StreamService.Standing;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a realserver's failure, its return, time and the end of the service mean for connections. */
class StreamPolicyTest {
    private static final long GRACE = Duration.ofSeconds(30).toNanos();

    @Test
    void connectionsOfAFailedServerAreResetAtOnceAndOthersAreNot() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            Pair first = pair(it, it.server());
            Pair second = pair(it, it.server());
            Pair third = pair(it, it.listenerOf(0));

            it.loop.run(() -> {
                fail(it, 0);
                it.relay.serversChanged(it.loop.nowNanos());
            });

            StreamRelayTest.assertReset(first.client);
            StreamRelayTest.assertReset(first.server);
            StreamRelayTest.assertReset(third.client);
            passes(second);
            assertThat(it.path(PathCounter.STREAMS_RESET)).isEqualTo(2);
            assertThat(it.live()).isEqualTo(1);
        }
    }

    @Test
    void connectionsOfARemovedServerAreResetAtOnceWhateverTheGrace() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            it.loop.run(() -> it.service.failbackGraceNanos = GRACE);
            Pair pair = pair(it, it.server());

            it.loop.run(() -> {
                it.service.servers.getFirst().standing = Standing.REMOVED;
                it.relay.serversChanged(it.loop.nowNanos());
            });

            StreamRelayTest.assertReset(pair.client);
        }
    }

    @Test
    void aServerThatFailedUnnoticedHasANewGenerationAndLosesItsConnections() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            Pair pair = pair(it, it.server());

            it.loop.run(() -> {
                it.service.servers.getFirst().generation++;
                it.relay.serversChanged(it.loop.nowNanos());
            });

            StreamRelayTest.assertReset(pair.client);
        }
    }

    @Test
    void aServerBackWithinItsGraceKeepsItsConnections() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            it.loop.run(() -> it.service.failbackGraceNanos = GRACE);
            Pair pair = pair(it, it.server());
            it.loop.run(() -> {
                fail(it, 0);
                it.relay.serversChanged(it.loop.nowNanos());
                it.relay.tick(it.loop.nowNanos() + GRACE - 1_000_000_000L);
            });
            passes(pair);

            it.loop.run(() -> {
                it.service.servers.getFirst().standing = Standing.KEEPS;
                it.relay.serversChanged(it.loop.nowNanos() + GRACE - 500_000_000L);
                it.relay.tick(it.loop.nowNanos() + 2 * GRACE);
            });

            passes(pair);
            assertThat(it.path(PathCounter.STREAMS_RESET)).isZero();
        }
    }

    @Test
    void aServerThatStaysAwayLongerThanItsGraceLosesItsConnections() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            it.loop.run(() -> it.service.failbackGraceNanos = GRACE);
            Pair pair = pair(it, it.server());

            it.loop.run(() -> {
                fail(it, 0);
                it.relay.serversChanged(it.loop.nowNanos());
                it.relay.tick(it.loop.nowNanos() + GRACE);
            });

            StreamRelayTest.assertReset(pair.client);
            assertThat(it.path(PathCounter.STREAMS_RESET)).isEqualTo(1);
        }
    }

    @Test
    void aSecondFailureHasAGraceOfItsOwn() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            it.loop.run(() -> it.service.failbackGraceNanos = GRACE);
            Pair pair = pair(it, it.server());
            it.loop.run(() -> {
                long now = it.loop.nowNanos();
                fail(it, 0);
                it.relay.serversChanged(now);
                it.service.servers.getFirst().standing = Standing.KEEPS;
                it.relay.serversChanged(now + GRACE / 2);
                fail(it, 0);
                it.relay.serversChanged(now + GRACE);
                it.relay.tick(now + GRACE + GRACE / 2);
            });
            passes(pair);
        }
    }

    @Test
    void aConnectionThatHadNotReachedAFailedServerTriesAnother() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket full = it.fullListener();
            it.loop.run(() -> it.service.add(it.endpoint(full.getLocalPort())));
            ServerSocket listener = it.server();
            Socket client = it.client();
            it.until("the first is asked", () -> it.service.servers.getFirst().flows == 1);

            it.loop.run(() -> {
                fail(it, 0);
                it.relay.serversChanged(it.loop.nowNanos());
            });

            passes(new Pair(client, it.accept(listener)));
            assertThat(it.path(PathCounter.STREAMS_RESET)).isZero();
        }
    }

    @Test
    void aConnectionOnWhichNothingMovesForTooLongIsReset() throws Exception {
        long idle = Duration.ofMinutes(15).toNanos();
        assertThat(StreamRelay.IDLE_NANOS).isEqualTo(idle);
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            Pair talking = pair(it, listener);
            Pair silent = pair(it, listener);
            long lastMove = it.loop.call(it.loop::nowNanos);
            passes(talking);

            it.loop.run(() -> it.relay.tick(lastMove + idle));

            StreamRelayTest.assertReset(silent.client);
            StreamRelayTest.assertReset(silent.server);
            passes(talking);
            assertThat(it.path(PathCounter.STREAMS_IDLE)).isEqualTo(1);
        }
    }

    @Test
    void stoppingRefusesNewClientsAtOnceAndKeepsTheOthers() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            Pair pair = pair(it, it.server());

            it.loop.run(it.relay::stopTaking);

            try (Socket late = new Socket()) {
                assertThat(catchThrowable(() -> late.connect(it.address()))).hasMessageContaining("refused");
            }
            passes(pair);
            assertThat(it.live()).isEqualTo(1);
        }
    }

    @Test
    void theEndOfTheRelayResetsWhatIsCutOffAndCountsWhatNeverArrived() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket full = it.fullListener();
            Pair pair = pair(it, it.server());
            it.loop.run(() -> {
                it.service.servers.getFirst().takesNew = false;
                it.service.add(it.endpoint(full.getLocalPort()));
            });
            Socket waiting = it.client();
            it.until("it waits", () -> it.relay.live() == 2);

            it.loop.run(it.relay::close);

            StreamRelayTest.assertReset(pair.client);
            StreamRelayTest.assertReset(pair.server);
            StreamRelayTest.assertReset(waiting);
            assertThat(it.drops(DropReason.SHUTTING_DOWN)).isEqualTo(1);
            assertThat(it.live()).isZero();
        }
    }

    private record Pair(Socket client, Socket server) {}

    private static Pair pair(RelayUnderTest it, ServerSocket listener) throws Exception {
        Pair pair = new Pair(it.client(), it.accept(listener));
        passes(pair);
        return pair;
    }

    private static void passes(Pair pair) throws Exception {
        pair.client.getOutputStream().write(42);
        assertThat(pair.server.getInputStream().read()).isEqualTo(42);
        pair.server.getOutputStream().write(43);
        assertThat(pair.client.getInputStream().read()).isEqualTo(43);
    }

    private static void fail(RelayUnderTest it, int slot) {
        it.service.servers.get(slot).standing = Standing.FAILED;
        it.service.servers.get(slot).takesNew = false;
        it.service.servers.get(slot).generation++;
    }
}
