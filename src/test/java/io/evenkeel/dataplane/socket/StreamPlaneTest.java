package io.evenkeel.dataplane.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Scheduling;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP services through the whole plane: scheduling, states, reloads, counters. */
class StreamPlaneTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void connectionsAreDealtExactlyByTurnOverAllWorkers(String address) throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip(address);
            rig.apply(three(rig, vip, address).build());
            int[] perServer = new int[3];
            for (int i = 0; i < 300; i++) {
                try (Socket client = connect(rig, vip)) {
                    perServer[greeting(client)]++;
                    client.getOutputStream().write(i);
                    assertThat(client.getInputStream().read()).isEqualTo(i & 255);
                }
            }
            assertThat(perServer).containsExactly(100, 100, 100);
            rig.awaitHere("all ended", () -> flows(rig) == 0);
            counted(rig, 300, () -> rig.counters(0).forwarded());
            counted(rig, 100, () -> rig.server(0, 1).forwarded());
            counted(rig, 3 * 300, () -> rig.path(PathCounter.SPLICED_BYTES));
        }
    }

    @Test
    void aReloadThatChangesNothingForAServerKeepsItsConnections() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            TestService service = three(rig, vip, "127.0.0.1");
            rig.apply(service.build());
            Socket client = connect(rig, vip);
            int before = greeting(client);

            StreamBackend fourth = rig.keep(new StreamBackend("127.0.0.1", 3));
            rig.apply(service.server(fourth.endpoint(), 1).build());

            echoes(client);
            assertThat(flows(rig)).isEqualTo(1);
            assertThat(rig.server(0, before).flows()).isEqualTo(1);
        }
    }

    @Test
    void aFailedServersConnectionsAreResetAtOnceAndNewOnesGoElsewhere() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1").build());
            List<Socket> clients = new ArrayList<>();
            int[] serverOf = new int[30];
            for (int i = 0; i < 30; i++) {
                clients.add(connect(rig, vip));
                serverOf[i] = greeting(clients.get(i));
            }
            rig.flip(0, 1, Usability.SHUT, 2);

            for (int i = 0; i < 30; i++) {
                if (serverOf[i] == 1) StreamRelayTest.assertReset(clients.get(i));
                else echoes(clients.get(i));
            }
            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isNotEqualTo(1);
            counted(rig, 10, () -> rig.path(PathCounter.STREAMS_RESET));
            assertThat(rig.server(0, 1).flows()).isZero();
        }
    }

    @Test
    void aServerBackWithinItsGraceKeepsItsConnections() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend only = rig.keep(new StreamBackend("127.0.0.1", 0));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .failbackGrace(Duration.ofSeconds(20))
                    .server(only.endpoint(), 1)
                    .build());
            Socket client = connect(rig, vip);
            greeting(client);

            rig.flip(0, 0, Usability.SHUT, 2);
            StreamRelayTest.assertReset(connect(rig, vip));
            rig.flip(0, 0, Usability.OPEN, 3);

            echoes(client);
            counted(rig, 1, () -> rig.dropped(0, DropReason.NO_REALSERVER));
        }
    }

    @Test
    void aRemovedServersConnectionsAreReset() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend first = rig.keep(new StreamBackend("127.0.0.1", 0));
            StreamBackend second = rig.keep(new StreamBackend("127.0.0.1", 1));
            TestService both = new TestService(0, vip).tcp().server(first.endpoint(), 1);
            rig.apply(both.server(second.endpoint(), 1).build());
            Socket[] clientOf = new Socket[2];
            for (int i = 0; i < 2; i++) {
                Socket client = connect(rig, vip);
                clientOf[greeting(client)] = client;
            }

            rig.apply(new TestService(0, vip)
                    .tcp()
                    .failbackGrace(Duration.ofSeconds(20))
                    .serverAt(1, second.endpoint(), 1, Usability.OPEN, 0, 0)
                    .build());

            StreamRelayTest.assertReset(clientOf[0]);
            echoes(clientOf[1]);
        }
    }

    @Test
    void aDrainingServerKeepsItsConnectionsAndTakesNoNewOnes() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1").build());
            Socket client = connect(rig, vip);
            int its = greeting(client);

            rig.flip(0, its, Usability.HOLDING, 1);

            for (int i = 0; i < 6; i++) assertThat(greeting(connect(rig, vip))).isNotEqualTo(its);
            echoes(client);
        }
    }

    @Test
    void aServerAtItsUpperThresholdTakesNoMoreUntilItIsBelowTheLower() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend only = rig.keep(new StreamBackend("127.0.0.1", 0));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .server(only.endpoint(), 1, Usability.OPEN, 4, 2)
                    .build());
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(connect(rig, vip));
                greeting(clients.get(i));
            }
            StreamRelayTest.assertReset(connect(rig, vip));
            for (int left = 3; left >= 2; left--) {
                clients.removeLast().close();
                int now = left;
                rig.awaitHere("one ended", () -> flows(rig) == now);
                StreamRelayTest.assertReset(connect(rig, vip));
            }
            clients.removeLast().close();
            rig.awaitHere("below the lower threshold", () -> flows(rig) == 1);

            greeting(connect(rig, vip));
            counted(rig, 3, () -> rig.dropped(0, DropReason.OVERLOADED));
        }
    }

    @Test
    void clientsOfOnePrefixStayWithOneServer() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1")
                    .persistence(Duration.ofSeconds(60), 32)
                    .build());
            int its = greeting(connect(rig, vip));
            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isEqualTo(its);

            rig.flip(0, its, Usability.SHUT, 2);
            int next = greeting(connect(rig, vip));
            assertThat(next).isNotEqualTo(its);
            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isEqualTo(next);
        }
    }

    @Test
    void theFewestActiveConnectionsWin() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            rig.apply(three(rig, vip, "127.0.0.1")
                    .scheduling(new Scheduling.LeastConnection())
                    .build());
            List<Socket> clients = new ArrayList<>();
            int[] perServer = new int[3];
            for (int i = 0; i < 9; i++) {
                clients.add(connect(rig, vip));
                perServer[greeting(clients.get(i))]++;
            }
            assertThat(perServer).containsExactly(3, 3, 3);
            // A failure ends the three of one server: when it is back, it is the least loaded.
            rig.flip(0, 0, Usability.SHUT, 2);
            rig.flip(0, 0, Usability.OPEN, 3);
            for (int i = 0; i < 3; i++) assertThat(greeting(connect(rig, vip))).isZero();
        }
    }

    @Test
    void aRefusalIsReportedAsSuspicionAndTheClientIsServedByAnother() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend first = rig.keep(new StreamBackend("127.0.0.1", 0));
            StreamBackend second = rig.keep(new StreamBackend("127.0.0.1", 1));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .server(first.endpoint(), 1)
                    .server(second.endpoint(), 1)
                    .build());
            first.refuse();

            for (int i = 0; i < 10; i++) assertThat(greeting(connect(rig, vip))).isEqualTo(1);

            counted(rig, 10, () -> rig.counters(0).forwarded());
            assertThat(rig.events).isNotEmpty().allSatisfy(event -> {
                assertThat(event).isInstanceOfSatisfying(PlaneEvent.Suspicion.class, suspicion -> {
                    assertThat(suspicion.serverSlot()).isZero();
                    assertThat(suspicion.generation()).isEqualTo(1);
                    assertThat(suspicion.evidence()).isEqualTo("connect " + first.endpoint() + ": connection refused");
                });
            });
        }
    }

    @Test
    void aTurnThatIsRefusedIsGivenToTheOthersInTurnAndNoneIsSkipped() throws Exception {
        try (PlaneRig rig = rig()) {
            Endpoint vip = vip("127.0.0.1");
            StreamBackend refusing = rig.keep(new StreamBackend("127.0.0.1", 0));
            StreamBackend second = rig.keep(new StreamBackend("127.0.0.1", 1));
            StreamBackend third = rig.keep(new StreamBackend("127.0.0.1", 2));
            rig.apply(new TestService(0, vip)
                    .tcp()
                    .server(refusing.endpoint(), 1)
                    .server(second.endpoint(), 1)
                    .server(third.endpoint(), 1)
                    .build());
            refusing.refuse();

            List<Integer> dealt = new ArrayList<>();
            for (int i = 0; i < 6; i++) dealt.add(greeting(connect(rig, vip)));

            assertThat(dealt).containsExactly(1, 1, 2, 2, 1, 2);
        }
    }

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

    private static PlaneRig rig() {
        RelayUnderTest.warmUp();
        return new PlaneRig(2);
    }

    private static TestService three(PlaneRig rig, Endpoint vip, String address) throws IOException {
        TestService service = new TestService(0, vip).tcp();
        for (int i = 0; i < 3; i++)
            service.server(rig.keep(new StreamBackend(address, i)).endpoint(), 1);
        return service;
    }

    /** Counters are shown at the end of a batch, which a client may outrun. */
    private static void counted(PlaneRig rig, long expected, LongSupplier counter) throws InterruptedException {
        rig.awaitHere("a count of " + expected, () -> counter.getAsLong() >= expected);
        assertThat(counter.getAsLong()).isEqualTo(expected);
    }

    private static long flows(PlaneRig rig) {
        return rig.server(0, 0).flows()
                + rig.server(0, 1).flows()
                + rig.server(0, 2).flows();
    }

    private static Endpoint vip(String address) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            return new Endpoint(IpAddress.of(address), free.getLocalPort());
        }
    }

    private static InetSocketAddress address(Endpoint endpoint) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(endpoint.address().toBytes()), endpoint.port());
    }

    private static Socket connect(PlaneRig rig, Endpoint vip) throws IOException {
        Socket client = rig.keep(new Socket());
        client.connect(address(vip));
        client.setSoTimeout(10_000);
        return client;
    }

    private static int greeting(Socket client) throws IOException {
        return client.getInputStream().read();
    }

    private static void echoes(Socket client) throws IOException {
        client.getOutputStream().write(77);
        assertThat(client.getInputStream().read()).isEqualTo(77);
    }
}
