package io.evenkeel.health;

import static io.evenkeel.health.Probing.assertUnproven;
import static io.evenkeel.health.Probing.outcome;
import static io.evenkeel.health.Probing.target;
import static io.evenkeel.health.Probing.timing;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PingProbeTest {
    private static final Probes PROBES = new Probes();

    @AfterAll
    static void close() {
        PROBES.close();
    }

    static List<InetAddress> loopbacks() {
        return Probing.loopbacks();
    }

    /** Where neither the sysctl nor a capability allows it, the probe must say so and count for nothing. */
    @ParameterizedTest
    @MethodSource("loopbacks")
    void loopbackAnswersOrThePermissionIsNamed(InetAddress address) throws IOException {
        ProbeOutcome outcome = outcome(PROBES, new Check.Ping(timing(Duration.ofSeconds(1)), target(address, 0)));
        if (mayOpenRawSockets() || groupRangeHoldsOurGroup()) {
            assertUnproven(outcome, "host answered ping in [0-9.]+ ms; that says nothing about the service");
        } else {
            Probing.assertWorthless(outcome, "ping is not permitted here: net.ipv4.ping_group_range is \"1 0\"; .*");
        }
    }

    private static boolean mayOpenRawSockets() throws IOException {
        String effective = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .findFirst()
                .orElseThrow();
        return (Long.parseUnsignedLong(effective.substring(7).strip(), 16) >>> 13 & 1) == 1;
    }

    private static boolean groupRangeHoldsOurGroup() throws IOException {
        long[] range = Probing.pingGroupRange();
        long group = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
        return range[0] <= group && group <= range[1];
    }

    @Test
    void onlyTheReplyToOurOwnRequestCounts() {
        for (boolean v6 : List.of(false, true)) {
            byte[] request = IcmpEcho.request(v6, 0x1234, 7, 0x0102030405060708L);
            byte[] reply = request.clone();
            reply[0] = (byte) (v6 ? 129 : 0);
            assertThat(IcmpEcho.answers(reply, reply.length, request, v6, false))
                    .isTrue();
            assertThat(IcmpEcho.answers(request, request.length, request, v6, false))
                    .as("our request, seen on loopback")
                    .isFalse();
            assertThat(IcmpEcho.answers(reply, reply.length - 1, request, v6, false))
                    .as("cut short")
                    .isFalse();
            for (int byteAt : new int[] {0, 1, 6, 7, 8, 15, 16, IcmpEcho.BYTES - 1}) {
                byte[] other = reply.clone();
                other[byteAt] ^= 1;
                assertThat(IcmpEcho.answers(other, other.length, request, v6, false))
                        .as("byte " + byteAt)
                        .isFalse();
            }
            byte[] otherIdentifier = reply.clone();
            otherIdentifier[4] ^= 1;
            assertThat(IcmpEcho.answers(otherIdentifier, reply.length, request, v6, false))
                    .as("on a datagram socket the kernel has chosen the identifier")
                    .isTrue();
        }
    }

    @Test
    void aRawIpv4ReplyComesBehindItsHeader() {
        byte[] request = IcmpEcho.request(false, 5, 1, 42);
        for (int words : new int[] {5, 15}) {
            byte[] packet = new byte[4 * words + IcmpEcho.BYTES];
            packet[0] = (byte) (0x40 | words);
            System.arraycopy(request, 0, packet, 4 * words, IcmpEcho.BYTES);
            packet[4 * words] = 0;
            assertThat(IcmpEcho.answers(packet, packet.length, request, false, true))
                    .isTrue();
            packet[4 * words + 5] ^= 1;
            assertThat(IcmpEcho.answers(packet, packet.length, request, false, true))
                    .as("somebody else's identifier")
                    .isFalse();
        }
        assertThat(IcmpEcho.answers(new byte[10], 10, request, false, true)).isFalse();
        assertThat(IcmpEcho.answers(new byte[200], 200, request, false, true)).isFalse();
    }

    /** RFC 1071: with its checksum in place a packet sums to all ones. */
    @Test
    void theChecksumHolds() {
        byte[] packet = IcmpEcho.request(false, 0xfedc, 0xba98, -1);
        int sum = 0;
        for (int i = 0; i < packet.length; i += 2) sum += (packet[i] & 0xff) << 8 | (packet[i + 1] & 0xff);
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
        assertThat(sum).isEqualTo(0xffff);
    }
}
