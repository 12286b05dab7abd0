package io.evenkeel.health;

import static io.evenkeel.health.Probing.assertFailed;
import static io.evenkeel.health.Probing.assertPassed;
import static io.evenkeel.health.Probing.assertUnproven;
import static io.evenkeel.health.Probing.assertWorthless;
import static io.evenkeel.health.Probing.outcome;
import static io.evenkeel.health.Probing.target;
import static io.evenkeel.health.Probing.timing;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UdpProbeTest {
    private static final Duration TIMEOUT = Duration.ofMillis(200);
    private static final Probes PROBES = new Probes();

    @AfterAll
    static void close() {
        PROBES.close();
    }

    static List<InetAddress> loopbacks() {
        return Probing.loopbacks();
    }

    private static Check check(Check.Target target, String payload, Optional<String> reply) {
        return new Check.Udp(
                timing(TIMEOUT), target, new Check.HexBytes(payload), reply.map(Check.ReplyPattern::new), 0, 255);
    }

    /** Answers the first datagram with {@code answers}, each in a datagram; {@code null} echoes. */
    private static DatagramSocket server(InetAddress address, String... answers) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 0));
        socket.setSoTimeout(10_000);
        Thread.ofPlatform().daemon().start(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
            try {
                socket.receive(packet);
                for (String answer : answers) {
                    byte[] bytes = answer.equals("echo")
                            ? Arrays.copyOf(packet.getData(), packet.getLength())
                            : HexFormat.of().parseHex(answer);
                    socket.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
                }
            } catch (IOException closedByTheTest) {
                assertThat(socket.isClosed()).isTrue();
            }
        });
        return socket;
    }

    @ParameterizedTest
    @MethodSource("loopbacks")
    void aReplyPasses(InetAddress address) throws IOException {
        try (DatagramSocket server = server(address, "echo")) {
            Check check = check(target(address, server.getLocalPort()), "6162636465", Optional.of("6162XX6465"));
            assertPassed(outcome(PROBES, check), "reply of 5 bytes in [0-9.]+ ms");
        }
    }

    @ParameterizedTest
    @MethodSource("loopbacks")
    void aClosedPortFailsByItsIcmpErrorWithoutWaiting(InetAddress address) throws IOException {
        int port;
        try (DatagramSocket free = new DatagramSocket(new InetSocketAddress(address, 0))) {
            port = free.getLocalPort();
        }
        for (Optional<String> reply : List.of(Optional.<String>empty(), Optional.of(""))) {
            assertFailed(
                    outcome(PROBES, check(target(address, port), "00", reply)),
                    "port closed \\(ICMP port unreachable\\)");
        }
    }

    @Test
    void silencePassesWithoutProofUnlessAReplyIsRequired() throws IOException {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(Probing.loopback4(), 0))) {
            Check.Target target = target(Probing.loopback4(), silent.getLocalPort());
            assertUnproven(
                    outcome(PROBES, check(target, "00", Optional.empty())),
                    "silent and no ICMP error in 200 ms; no reply is required");
            assertFailed(outcome(PROBES, check(target, "00", Optional.of(""))), "no reply in 200 ms");
        }
    }

    @Test
    void anyReplyIsProofWhereNoneIsRequired() throws IOException {
        try (DatagramSocket server = server(Probing.loopback4(), "ff")) {
            Check.Target target = target(Probing.loopback4(), server.getLocalPort());
            assertPassed(outcome(PROBES, check(target, "00", Optional.empty())), "reply of 1 byte in .*");
        }
    }

    @Test
    void anEmptyDatagramIsAReplyToo() throws IOException {
        try (DatagramSocket server = server(Probing.loopback4(), "")) {
            Check.Target target = target(Probing.loopback4(), server.getLocalPort());
            assertPassed(outcome(PROBES, check(target, "", Optional.of(""))), "reply of 0 bytes in .*");
        }
    }

    @Test
    void aReplyThatDiffersFails() throws IOException {
        try (DatagramSocket server = server(Probing.loopback4(), "0102")) {
            Check.Target target = target(Probing.loopback4(), server.getLocalPort());
            assertFailed(
                    outcome(PROBES, check(target, "00", Optional.of("01ff"))),
                    "reply differs at byte 1: 02 instead of ff");
        }
    }

    @Test
    void aReplyLongerThanAllowedIsMeasuredWhole() throws IOException {
        try (DatagramSocket server = server(Probing.loopback4(), "01".repeat(1_400))) {
            Check.Target target = target(Probing.loopback4(), server.getLocalPort());
            assertFailed(
                    outcome(PROBES, check(target, "00", Optional.of("01"))),
                    "reply of 1400 bytes, at most 255 allowed");
        }
    }

    /** The socket is connected: a reply from elsewhere is not one. */
    @Test
    void strangersAreNotHeard() throws IOException {
        try (DatagramSocket server = new DatagramSocket(new InetSocketAddress(Probing.loopback4(), 0));
                DatagramSocket stranger = new DatagramSocket(new InetSocketAddress(Probing.loopback4(), 0))) {
            server.setSoTimeout(5_000);
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                    server.receive(packet);
                    stranger.send(new DatagramPacket(new byte[1], 1, packet.getSocketAddress()));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            Check.Target target = target(Probing.loopback4(), server.getLocalPort());
            assertFailed(outcome(PROBES, check(target, "00", Optional.of(""))), "no reply in 200 ms");
        }
    }

    @Test
    void aPayloadLongerThanADatagramMakesTheProbeWorthless() throws IOException {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(Probing.loopback4(), 0))) {
            Check.Target target = target(Probing.loopback4(), silent.getLocalPort());
            assertWorthless(
                    outcome(PROBES, check(target, "00".repeat(65_508), Optional.empty())), "send: message too long");
        }
    }
}
