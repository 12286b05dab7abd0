package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Endpoint;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** ICMP errors that somebody made up. */
class ForgedErrorTest {

    private static final int LOOPBACK = 0x7f000001;

    @Test
    void aThousandThatQuoteNothingWeSentChangeNothing() throws Exception {
        try (PlaneRig rig = new PlaneRig(1);
                Forger forger = new Forger()) {
            Backend first = rig.sink("127.0.0.1");
            Backend second = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip)
                    .ops()
                    .responses(0)
                    .servers(first, second)
                    .build());
            Client client = rig.client(vip, 1);
            for (int i = 0; i < 10; i++) client.send(64);
            rig.awaitHere("10", () -> first.received() + second.received() == 10);
            int ourPort = first.sources().iterator().next().getPort();

            for (int i = 0; i < 1_000; i++) forger.unreachable(ourPort, LOOPBACK + 1 + i % 5, 1 + i);
            rig.awaitHere("read", () -> rig.path(PathCounter.EVIDENCE_IGNORED) == 1_000);
            assertThat(rig.path(PathCounter.EVIDENCE)).isZero();
            assertThat(rig.events).isEmpty();
            for (int i = 0; i < 10; i++) client.send(64);
            rig.awaitHere("20", () -> first.received() + second.received() == 20);
            assertThat(first.received()).isEqualTo(10);

            for (int i = 0; i < 100; i++)
                forger.unreachable(ourPort, LOOPBACK, first.endpoint().port());
            rig.awaitHere("believed", () -> rig.path(PathCounter.EVIDENCE) == 100);
            assertThat(rig.events).as("one report, however many errors").hasSize(1);
        }
    }

    @Test
    void aBackPortBelievesOnlyWhatSpeaksOfARealserverItHasAsked() throws Exception {
        try (PlaneRig rig = new PlaneRig(1);
                Forger forger = new Forger()) {
            Backend asked = rig.sink("127.0.0.1");
            Backend neverAsked = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(new TestService(0, vip).ops().servers(asked, neverAsked).build());
            rig.client(vip, 1).send(64);
            rig.awaitHere("1", () -> asked.received() == 1);
            int ourPort = asked.sources().iterator().next().getPort();

            forger.unreachable(ourPort, LOOPBACK, neverAsked.endpoint().port());
            rig.awaitHere("read", () -> evidence(rig) == 1);
            assertThat(rig.path(PathCounter.EVIDENCE)).isZero();
            assertThat(rig.events).isEmpty();

            forger.unreachable(ourPort, LOOPBACK, asked.endpoint().port());
            rig.awaitHere("read", () -> evidence(rig) == 2);
            assertThat(rig.path(PathCounter.EVIDENCE)).isEqualTo(1);
            assertThat(rig.events).hasSize(1);
        }
    }

    private static long evidence(PlaneRig rig) {
        return rig.path(PathCounter.EVIDENCE) + rig.path(PathCounter.EVIDENCE_IGNORED);
    }

    @Test
    void oneThatComesTooLateIsIgnored() throws Exception {
        try (PlaneRig rig = new PlaneRig(1);
                Forger forger = new Forger()) {
            Backend backend = rig.sink("127.0.0.1");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(
                    new TestService(0, vip).ops().responses(0).servers(backend).build());
            rig.client(vip, 1).send(64);
            rig.awaitHere("sent", () -> backend.received() == 1);
            Thread.sleep(1_100); // beyond the window of a second
            forger.unreachable(
                    backend.sources().iterator().next().getPort(),
                    LOOPBACK,
                    backend.endpoint().port());
            rig.awaitHere("read", () -> rig.path(PathCounter.EVIDENCE_IGNORED) == 1);
            assertThat(rig.events).isEmpty();
        }
    }

    /** A raw socket that sends "port unreachable" with a quotation of choice. */
    private static final class Forger implements Closeable {
        private final Arena arena = Arena.ofConfined();
        private final MessageBatch batch = new MessageBatch(arena, 1, 1, 0);
        private final MemorySegment packet = arena.allocate(36);
        private final int fd =
                Sockets.socket(SocketAddress.AF_INET, Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC, Sockets.IPPROTO_ICMP);

        Forger() {
            assumeTrue(fd >= 0, "a raw socket needs CAP_NET_RAW");
        }

        /** As if 127.0.0.1:{@code fromPort} had sent a datagram to {@code to}:{@code toPort}. */
        void unreachable(int fromPort, int to, int toPort) {
            ByteBuffer icmp = packet.asByteBuffer();
            icmp.put(0, (byte) 3).put(1, (byte) 3).putShort(2, (short) 0).putInt(4, 0);
            icmp.putInt(8, 0x45000024)
                    .putInt(12, 0)
                    .putInt(16, 0x40110000)
                    .putInt(20, LOOPBACK)
                    .putInt(24, to);
            icmp.putShort(28, (short) fromPort).putShort(30, (short) toPort).putInt(32, 0x00100000);
            int sum = 0;
            for (int i = 0; i < 36; i += 2) sum += Short.toUnsignedInt(icmp.getShort(i));
            sum = (sum & 0xffff) + (sum >>> 16);
            sum = (sum & 0xffff) + (sum >>> 16);
            icmp.putShort(2, (short) ~sum);
            batch.vector(0, 0, packet.address(), 36);
            batch.vectorCount(0, 1);
            batch.nameLength(0, SocketAddress.put(batch.names(), batch.nameOffset(0), false, 0, LOOPBACK, 0, 0));
            batch.controlLength(0, 0);
            assertThat(batch.send(fd, 0, 1, 0)).isEqualTo(1);
        }

        @Override
        public void close() throws IOException {
            Libc.close(fd);
            arena.close();
        }
    }
}
