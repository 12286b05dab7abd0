package io.evenkeel.dataplane.socket;

import static io.evenkeel.dataplane.socket.StreamRig.address;
import static io.evenkeel.dataplane.socket.StreamRig.connect;
import static io.evenkeel.dataplane.socket.StreamRig.echoes;
import static io.evenkeel.dataplane.socket.StreamRig.greeting;
import static io.evenkeel.dataplane.socket.StreamRig.rig;
import static io.evenkeel.dataplane.socket.StreamRig.three;
import static io.evenkeel.dataplane.socket.StreamRig.vip;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a TCP service begins, serves and ends with: ports, addresses, the PROXY header, stopping. */
class StreamServiceLifeTest {

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "::1, ::1", "127.0.0.7, 0.0.0.0", "::1, ::"})
    void theRealserverIsToldWhoTheClientIs(String address, String bound) throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip(address);
            ServerSocket listener = rig.keep(new ServerSocket(0, 10, InetAddress.getByName(address)));
            rig.apply(new TestService(0, new Endpoint(IpAddress.of(bound), vip.port()))
                    .tcp()
                    .proxyProtocol()
                    .server(new Endpoint(IpAddress.of(address), listener.getLocalPort()), 1)
                    .build());
            Socket client = connect(rig, vip);
            client.getOutputStream().write("payload".getBytes(US_ASCII));
            client.shutdownOutput();

            byte[] all = rig.keep(listener.accept()).getInputStream().readAllBytes();

            ProxyHeaderReader header = ProxyHeaderReader.read(all).orElseThrow();
            assertThat(header.stream()).isTrue();
            assertThat(header.source())
                    .isEqualTo(new Endpoint(
                            IpAddress.ofBytes(client.getLocalAddress().getAddress()), client.getLocalPort()));
            assertThat(header.destination()).isEqualTo(vip);
            assertThat(new String(all, header.length(), all.length - header.length(), US_ASCII))
                    .isEqualTo("payload");
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.9", "::1, ::1"})
    void connectionsLeaveFromTheConfiguredAddresses(String address, String source) throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip(address);
            ServerSocket listener = rig.keep(new ServerSocket(0, 10, InetAddress.getByName(address)));
            Endpoint server = new Endpoint(IpAddress.of(address), listener.getLocalPort());
            ForwardedService service =
                    new TestService(0, vip).tcp().server(server, 1).build();
            List<IpAddress> sources = List.of(IpAddress.of("127.0.0.9"), IpAddress.of("::1"));
            Preparation prepared = rig.plane.prepare(new ForwardingTable(1, List.of(service), 16, sources));
            rig.plane.commit((Preparation.Ready) prepared).get(5, TimeUnit.SECONDS);

            for (int i = 0; i < 4; i++) {
                connect(rig, vip);
                InetAddress seen = rig.keep(listener.accept()).getInetAddress();
                assertThat(IpAddress.ofBytes(seen.getAddress())).isEqualTo(IpAddress.of(source));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPortThatSomeoneElseListensOnIsSeen(boolean reusePort) throws Exception {
        try (PlaneRig rig = rig();
                ServerSocket foreign = new ServerSocket()) {
            foreign.setOption(StandardSocketOptions.SO_REUSEPORT, reusePort);
            foreign.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Endpoint vip = new Endpoint(IpAddress.of("127.0.0.1"), foreign.getLocalPort());

            Preparation answer =
                    rig.plane.prepare(rig.table(three(rig, vip, "127.0.0.1").build()));

            assertThat(answer).isInstanceOfSatisfying(Preparation.Denied.class, denied -> {
                assertThat(denied.refused().what()).contains(vip + "/tcp").contains("port in use");
                assertThat(denied.refused().remedy()).contains("ss -ltnp");
            });
        }
    }

    @Test
    void aServiceThatLeavesAndComesBackServesAgainAtOnce() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            ForwardedService service = three(rig, vip, "127.0.0.1").build();
            for (int round = 0; round < 3; round++) {
                rig.apply(service);
                Socket client = connect(rig, vip);
                greeting(client);
                rig.apply();
                StreamRelayTest.assertReset(client);
                assertThatThrownBy(() -> connect(rig, vip)).isInstanceOf(ConnectException.class);
            }
        }
    }

    @Test
    void anAbandonedPreparationLeavesThePortFree() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            Preparation prepared =
                    rig.plane.prepare(rig.table(three(rig, vip, "127.0.0.1").build()));
            assertThatThrownBy(() -> connect(rig, vip)).isInstanceOf(ConnectException.class);

            rig.plane.abandon((Preparation.Ready) prepared);

            try (ServerSocket other = new ServerSocket(vip.port(), 1, InetAddress.getLoopbackAddress())) {
                assertThat(other.isBound()).isTrue();
            }
        }
    }

    @Test
    void stoppingRefusesAtOnceAndIsDoneWhenTheLastConnectionHasEnded() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1").build());
            Socket client = connect(rig, vip);
            greeting(client);

            CompletableFuture<Void> stopped = rig.plane.stopTaking(Duration.ofSeconds(30));
            PlaneRig.await("listeners closed", () -> refused(vip));
            echoes(client);
            assertThat(stopped).isNotDone();
            client.close();

            stopped.get(5, TimeUnit.SECONDS);
        }
    }

    private static boolean refused(Endpoint vip) {
        try (Socket late = new Socket(address(vip).getAddress(), vip.port())) {
            return late.isClosed();
        } catch (IOException e) {
            return requireNonNull(e.getMessage()).contains("refused");
        }
    }
}
