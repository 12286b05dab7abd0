package io.evenkeel.health;

import static io.evenkeel.health.Probing.assertFailed;
import static io.evenkeel.health.Probing.assertPassed;
import static io.evenkeel.health.Probing.assertWorthless;
import static io.evenkeel.health.Probing.outcome;
import static io.evenkeel.health.Probing.target;
import static io.evenkeel.health.Probing.timing;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TcpProbeTest {
    private static final Duration TIMEOUT = Duration.ofMillis(200);
    private static final Probes PROBES = new Probes();

    @AfterAll
    static void close() {
        PROBES.close();
    }

    static List<InetAddress> loopbacks() {
        return Probing.loopbacks();
    }

    private static ProbeOutcome probe(Check.Target target) {
        return outcome(PROBES, new Check.Tcp(timing(TIMEOUT), target));
    }

    @ParameterizedTest
    @MethodSource("loopbacks")
    void aListeningPortPasses(InetAddress address) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, address)) {
            assertPassed(probe(target(address, server.getLocalPort())), "connected in [0-9.]+ ms");
            try (Socket probed = server.accept()) {
                assertThat(probed.getInputStream().read())
                        .as("connects, sends nothing, closes")
                        .isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("loopbacks")
    void aClosedPortFails(InetAddress address) throws IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, address)) {
            port = server.getLocalPort();
        }
        assertFailed(probe(target(address, port)), "connection refused");
    }

    /** A full accept queue: the kernel drops further connection requests, as a dead host would. */
    @Test
    void aBlackHoleFailsAtTheTimeout() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, Probing.loopback4())) {
            List<Socket> fillers = fill(server);
            long start = System.nanoTime();
            assertFailed(probe(target(Probing.loopback4(), server.getLocalPort())), "no answer in 200 ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(TIMEOUT, TIMEOUT.multipliedBy(4));
            for (Socket filler : fillers) filler.close();
        }
    }

    private static List<Socket> fill(ServerSocket server) {
        List<Socket> fillers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket filler = new Socket();
            fillers.add(filler);
            try {
                filler.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 100);
            } catch (IOException full) {
                return fillers;
            }
        }
        throw new AssertionError("the queue of one holds eight");
    }

    @Test
    void bindAddressAndPortAreWhatTheServerSees() throws IOException {
        IpAddress source = IpAddress.of("127.0.0.77");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByAddress(source.toBytes()))) {
            port = free.getLocalPort();
        }
        try (ServerSocket server = new ServerSocket(0, 50, Probing.loopback4())) {
            Endpoint endpoint = new Endpoint(IpAddress.of("127.0.0.1"), server.getLocalPort());
            Check.Target bound = new Check.Target(endpoint, Optional.of(source), port, Optional.empty(), 0);
            // the same fixed port again and again: no probe leaves it waiting
            for (int i = 0; i < 3; i++) {
                assertPassed(probe(bound), "connected in .*");
                try (Socket probed = server.accept()) {
                    assertThat(probed.getRemoteSocketAddress())
                            .isEqualTo(new InetSocketAddress(InetAddress.getByAddress(source.toBytes()), port));
                }
            }
        }
    }

    @Test
    void anAddressWeDoNotHaveMakesTheProbeWorthless() {
        Check.Target bound = new Check.Target(
                Endpoint.of("127.0.0.1:9"), Optional.of(IpAddress.of("192.0.2.55")), 0, Optional.empty(), 0);
        assertWorthless(probe(bound), "bind 192.0.2.55: address not available");
    }

    @Test
    void addressesOfDifferentFamiliesMakeTheProbeWorthless() {
        Check.Target bound = new Check.Target(
                Endpoint.of("[::1]:9"), Optional.of(IpAddress.of("127.0.0.1")), 0, Optional.empty(), 0);
        assertWorthless(probe(bound), "bind 127.0.0.1: address family not supported");
    }

    @Test
    void anInterfaceThatIsNotThereMakesTheProbeWorthless() {
        for (String name : List.of("ek-none0", "a-name-longer-than-any-interface")) {
            Check.Target bound =
                    new Check.Target(Endpoint.of("127.0.0.1:9"), Optional.empty(), 0, Optional.of(name), 0);
            assertWorthless(probe(bound), "bind_if " + name + ": no such device");
        }
    }

    @Test
    void aProbeCanBeBoundToAnInterface() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, Probing.loopback4())) {
            Endpoint endpoint = new Endpoint(IpAddress.of("127.0.0.1"), server.getLocalPort());
            assertPassed(
                    probe(new Check.Target(endpoint, Optional.empty(), 0, Optional.of("lo"), 0)), "connected in .*");
        }
    }
}
