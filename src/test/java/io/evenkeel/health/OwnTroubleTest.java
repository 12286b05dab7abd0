package io.evenkeel.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What is our own fault must never be told as the realserver's: stall, no descriptor, no permission. */
class OwnTroubleTest {

    private static final List<String> PLAIN = List.of();

    private static DatagramSocket service() throws IOException {
        return new DatagramSocket(new InetSocketAddress(Probing.loopback4(), 0));
    }

    private static String[] udp(DatagramSocket service, int timeoutMillis) {
        return new String[] {"udp", "127.0.0.1:" + service.getLocalPort(), Integer.toString(timeoutMillis), "0", "plain"
        };
    }

    @Test
    void aTimeoutWhileWeStoodStillIsWorthless() throws Exception {
        try (DatagramSocket silent = service();
                OtherProcess prober = OtherProcess.probing(PLAIN, udp(silent, 2_000))) {
            assertThat(prober.line()).isEqualTo("started");
            prober.stop();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(4_000));
            prober.resume();
            assertThat(prober.line())
                    .matches("Worthless no reply in 2 s, but we ourselves stood still for [0-9.]+ m?s");
        }
    }

    @Test
    void theSameSilenceWithoutAStallFails() throws Exception {
        try (DatagramSocket silent = service();
                OtherProcess prober = OtherProcess.probing(PLAIN, udp(silent, 500))) {
            assertThat(prober.line()).isEqualTo("started");
            assertThat(prober.line()).isEqualTo("Failed no reply in 500 ms");
        }
    }

    /** What came while we stood still lies in the socket, and is found although the deadline is long past. */
    @Test
    void anAnswerThatCameWhileWeStoodStillCounts() throws Exception {
        try (DatagramSocket service = service();
                OtherProcess prober = OtherProcess.probing(PLAIN, udp(service, 2_000))) {
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            assertThat(prober.line()).isEqualTo("started");
            service.receive(packet);
            prober.stop();
            service.send(new DatagramPacket(new byte[3], 3, packet.getSocketAddress()));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(3_000));
            prober.resume();
            assertThat(prober.line()).matches("Passed reply of 3 bytes in .*");
        }
    }

    @Test
    void aLackOfDescriptorsIsWorthless() throws Exception {
        try (OtherProcess prober = OtherProcess.probing(
                List.of("sh", "-c", "ulimit -n 64 && exec \"$@\"", "sh"),
                "tcp",
                "127.0.0.1:9",
                "500",
                "0",
                "exhaust")) {
            assertThat(prober.line()).isEqualTo("started");
            assertThat(prober.line()).isEqualTo("Worthless socket IPv4: too many open files");
        }
    }

    @Test
    void whatAnUnprivilegedDirectorMayNotDoIsWorthlessAndNamed() throws Exception {
        List<String> nobody = OtherProcess.unprivileged();
        try (OtherProcess prober = OtherProcess.probing(nobody, "tcp", "127.0.0.1:9", "500", "7", "plain")) {
            assertThat(prober.line()).isEqualTo("started");
            assertThat(prober.line()).isEqualTo("Worthless fwmark 7: operation not permitted");
        }
        long[] range = Probing.pingGroupRange();
        assumeTrue(range[0] > range[1], "net.ipv4.ping_group_range is open here");
        for (String host : List.of("127.0.0.1:0", "[::1]:0")) {
            try (OtherProcess prober = OtherProcess.probing(nobody, "ping", host, "500", "0", "plain")) {
                assertThat(prober.line()).isEqualTo("started");
                assertThat(prober.line())
                        .isEqualTo("Worthless ping is not permitted here: net.ipv4.ping_group_range is \"" + range[0]
                                + " " + range[1] + "\";"
                                + " allow it with sysctl -w net.ipv4.ping_group_range=\"0 2147483647\","
                                + " or grant CAP_NET_RAW");
            }
        }
    }

    @Test
    void latenessBeyondHalfTheTimeoutIsOurs() {
        long millis = 1_000_000;
        assertThat(StallRule.ours(150 * millis, 200 * millis)).isFalse();
        assertThat(StallRule.ours(151 * millis, 200 * millis)).isTrue();
        assertThat(StallRule.ours(0, 0)).isFalse();
        assertThat(StallRule.ours(2_551 * millis, 5_000 * millis)).isTrue();
        assertThat(StallRule.ours(2_549 * millis, 5_000 * millis)).isFalse();
    }
}
