package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.socket.StreamService.Standing;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FIN stays FIN and reset stays reset, as a raw socket sees the segments. */
@Needs(Capability.ROOT)
class StreamWireTest {

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void endsOfStreamPassAsFinEachWayAlone(boolean v6) throws Exception {
        try (Scene scene = new Scene(v6)) {
            scene.client.shutdownOutput();
            assertThat(scene.server.getInputStream().read()).isEqualTo(-1);
            scene.awaitEnds(scene::towardsServer, "FIN");
            assertThat(scene.towardsClient()).isEmpty();

            scene.server.shutdownOutput();
            assertThat(scene.client.getInputStream().read()).isEqualTo(-1);
            scene.awaitEnds(scene::towardsClient, "FIN");
            scene.it.until("the connection has ended", () -> scene.it.relay.live() == 0);
            assertThat(scene.towardsServer()).containsExactly("FIN");
            assertThat(scene.towardsClient()).containsExactly("FIN");
        }
    }

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void theClientsResetIsAResetForTheServerAndNoFin(boolean v6) throws Exception {
        try (Scene scene = new Scene(v6)) {
            RelayUnderTest.reset(scene.client);
            StreamRelayTest.assertReset(scene.server);
            scene.awaitEnds(scene::towardsServer, "RST");
        }
    }

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void theServersResetIsAResetForTheClientAndNoFin(boolean v6) throws Exception {
        try (Scene scene = new Scene(v6)) {
            scene.server.getOutputStream().write(1);
            RelayUnderTest.reset(scene.server);
            assertThat(scene.client.getInputStream().read()).isEqualTo(1);
            StreamRelayTest.assertReset(scene.client);
            scene.awaitEnds(scene::towardsClient, "RST");
        }
    }

    @Test
    void aFailedServersConnectionsAreResetOnBothSidesAndNoFinSaysTheyWereWhole() throws Exception {
        try (Scene scene = new Scene(false)) {
            scene.it.loop.run(() -> {
                scene.it.service.servers.getFirst().standing = Standing.FAILED;
                scene.it.relay.serversChanged(scene.it.loop.nowNanos());
            });
            StreamRelayTest.assertReset(scene.client);
            scene.awaitEnds(scene::towardsClient, "RST");
            scene.awaitEnds(scene::towardsServer, "RST");
        }
    }

    @Test
    void aServersResetIsNoEndOfStreamEvenWhenTheClientIsSending() throws Exception {
        byte[] block = new byte[20_000];
        for (int i = 0; i < 100; i++) {
            try (Scene scene = new Scene(false)) {
                Thread writer = Thread.ofPlatform().daemon(true).start(() -> {
                    try {
                        while (true) scene.client.getOutputStream().write(block);
                    } catch (IOException reset) {
                        return; // as it should be
                    }
                });
                assertThat(scene.server.getInputStream().read()).isZero();
                RelayUnderTest.reset(scene.server);
                writer.join();
                scene.awaitEnds(scene::towardsClient, "RST");
            }
        }
    }

    /** A client and a server joined by a relay, and who watches them. */
    private static final class Scene implements AutoCloseable {
        final RelayUnderTest it;
        final Socket client;
        final Socket server;
        private final SegmentWitness witness;
        private final int clientPort;
        private final int serverPort;
        private final int relayPort;

        Scene(boolean v6) throws IOException {
            it = new RelayUnderTest(v6);
            witness = new SegmentWitness(v6);
            ServerSocket listener = it.server();
            client = it.client();
            server = it.accept(listener);
            client.getOutputStream().write(0);
            assertThat(server.getInputStream().read()).isZero();
            clientPort = client.getLocalPort();
            serverPort = listener.getLocalPort();
            relayPort = server.getPort();
        }

        List<String> towardsServer() {
            return witness.ends(relayPort, serverPort);
        }

        List<String> towardsClient() {
            return witness.ends(it.port, clientPort);
        }

        void awaitEnds(Supplier<List<String>> way, String end) throws InterruptedException {
            for (int i = 0; i < 500 && way.get().isEmpty(); i++) Thread.sleep(10);
            assertThat(way.get()).containsExactly(end);
        }

        @Override
        public void close() throws IOException {
            witness.close();
            it.close();
        }
    }
}
