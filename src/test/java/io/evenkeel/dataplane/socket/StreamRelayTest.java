package io.evenkeel.dataplane.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.dataplane.PathCounter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one end of a relayed connection does, the other sees. */
class StreamRelayTest {
    private static final long MANY_BYTES = 100L << 20;

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void aHundredMegabytesArriveWholeInBothDirectionsAtOnce(boolean v6) throws Exception {
        try (RelayUnderTest it = new RelayUnderTest(v6);
                var threads = Executors.newCachedThreadPool()) {
            ServerSocket listener = it.server();
            Socket client = it.client();
            Socket server = it.accept(listener);

            CompletableFuture<Long> sentUp = CompletableFuture.supplyAsync(() -> send(client, 1), threads);
            CompletableFuture<Long> sentDown = CompletableFuture.supplyAsync(() -> send(server, 2), threads);
            CompletableFuture<Long> gotUp = CompletableFuture.supplyAsync(() -> checksum(server), threads);
            long gotDown = checksum(client);

            assertThat(gotUp.join()).isEqualTo(sentUp.join());
            assertThat(gotDown).isEqualTo(sentDown.join());
            it.until("the connection has ended", () -> it.relay.live() == 0);
            assertThat(it.path(PathCounter.SPLICED_BYTES)).isEqualTo(2 * MANY_BYTES);
            assertThat(it.forwarded()).isEqualTo(1);
        }
    }

    @Test
    void theClientsEndOfStreamReachesTheServerAndTheAnswerStillComes() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            Socket client = it.client();
            client.getOutputStream().write("question".getBytes(US_ASCII));
            client.shutdownOutput();
            Socket server = it.accept(listener);

            assertThat(server.getInputStream().readAllBytes())
                    .asString(US_ASCII)
                    .isEqualTo("question");
            it.until("it counts as inactive", () -> it.service.servers.getFirst().active == 0);
            assertThat(it.live()).isEqualTo(1);
            server.getOutputStream().write("answer".getBytes(US_ASCII));
            server.close();

            assertThat(client.getInputStream().readAllBytes())
                    .asString(US_ASCII)
                    .isEqualTo("answer");
            it.until("the connection has ended", () -> it.relay.live() == 0);
        }
    }

    @Test
    void theServersEndOfStreamReachesTheClientWhichMayGoOnSending() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            Socket client = it.client();
            Socket server = it.accept(listener);
            server.getOutputStream().write("greeting".getBytes(US_ASCII));
            server.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes())
                    .asString(US_ASCII)
                    .isEqualTo("greeting");
            client.getOutputStream().write("late".getBytes(US_ASCII));
            client.close();

            assertThat(server.getInputStream().readAllBytes())
                    .asString(US_ASCII)
                    .isEqualTo("late");
            it.until("the connection has ended", () -> it.relay.live() == 0);
        }
    }

    @Test
    void theClientsResetReachesTheServerAsAReset() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            Socket client = it.client();
            Socket server = it.accept(listener);

            RelayUnderTest.reset(client);

            assertReset(server);
            it.until("the connection has ended", () -> it.relay.live() == 0);
        }
    }

    @Test
    void theServersResetReachesTheClientAfterWhatItHadSent() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            Socket client = it.client();
            Socket server = it.accept(listener);
            server.getOutputStream().write("last words".getBytes(US_ASCII));

            RelayUnderTest.reset(server);

            assertThat(client.getInputStream().readNBytes(10))
                    .asString(US_ASCII)
                    .isEqualTo("last words");
            assertReset(client);
            it.until("the connection has ended", () -> it.relay.live() == 0);
        }
    }

    @Test
    void aResetAfterAnEndOfStreamIsStillAReset() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            Socket client = it.client();
            Socket server = it.accept(listener);
            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);

            RelayUnderTest.reset(client);

            it.until("the connection has ended", () -> it.relay.live() == 0);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) server.getOutputStream().write(1);
                    })
                    .isInstanceOf(SocketException.class);
        }
    }

    static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    private static long send(Socket socket, int seed) {
        Random random = new Random(seed);
        CRC32C sum = new CRC32C();
        byte[] block = new byte[1 << 16];
        try {
            OutputStream out = socket.getOutputStream();
            for (long left = MANY_BYTES; left > 0; ) {
                int length = (int) Math.min(left, 1 + random.nextInt(block.length));
                random.nextBytes(block);
                out.write(block, 0, length);
                sum.update(block, 0, length);
                left -= length;
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return sum.getValue();
    }

    private static long checksum(Socket socket) {
        CRC32C sum = new CRC32C();
        byte[] block = new byte[1 << 16];
        try {
            InputStream in = socket.getInputStream();
            for (int n = in.read(block); n >= 0; n = in.read(block)) sum.update(block, 0, n);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return sum.getValue();
    }
}
