package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Sockets;
import io.evenkeel.linux.StreamSockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much one direction takes at a time. */
class StreamDirectionTest {

    @Test
    void aBudgetEndsAPumpAndTheNextOneGoesOn() throws Exception {
        try (Way way = new Way()) {
            way.write(3 * (int) StreamDirection.CHUNK);
            way.both();

            assertThat(way.pump(1)).isBetween(1L, StreamDirection.CHUNK);
            assertThat(way.direction.unfinished).isTrue();
            long moved = way.pump(1);
            assertThat(moved).isBetween(1L, StreamDirection.CHUNK);

            way.pump(Long.MAX_VALUE);
            assertThat(way.direction.unfinished).isFalse();
            assertThat(way.from.readable).isFalse();
            assertThat(way.direction.finished).isFalse();
        }
    }

    @Test
    void nothingIsReadWhileTheFarSideTakesNothing() throws Exception {
        try (Way way = new Way()) {
            way.write(2 * (int) StreamDirection.CHUNK);
            way.both();
            way.to.writable = false;

            assertThat(way.pump(Long.MAX_VALUE)).isZero();
            assertThat(way.pump(Long.MAX_VALUE)).isZero();
            assertThat(way.from.readable).as("the rest is still in the socket").isTrue();
        }
    }

    @Test
    void theEndOfTheStreamComesAfterTheLastByteAndOnce() throws Exception {
        try (Way way = new Way()) {
            way.write(10);
            way.far.shutdownOutput();
            way.both();

            assertThat(way.pump(Long.MAX_VALUE)).isEqualTo(10);
            assertThat(way.direction.finished).isTrue();
            assertThat(way.pump(Long.MAX_VALUE)).isZero();
            assertThat(way.reader.getInputStream().readNBytes(11)).hasSize(10);
        }
    }

    @Test
    void whatIsAcceptedInheritsWhatARelayedSocketNeeds() throws Exception {
        try (Way way = new Way()) {
            for (StreamEnd end : List.of(way.from, way.to)) {
                assertThat(Sockets.intOption(end.fd, Sockets.IPPROTO_TCP, StreamSockets.TCP_NODELAY))
                        .isEqualTo(1);
                assertThat(Sockets.intOption(end.fd, Sockets.IPPROTO_TCP, StreamSockets.TCP_NOTSENT_LOWAT))
                        .isEqualTo(StreamOpening.UNSENT_BYTES);
            }
        }
    }

    /** far → from ⇒ to → reader, pumped by hand. */
    private static final class Way implements AutoCloseable {
        private final RelayUnderTest it = new RelayUnderTest();
        final StreamDirection direction = new StreamDirection();
        final Socket far = new Socket();
        final StreamEnd from;
        final StreamEnd to;
        final Socket reader;

        Way() throws Exception {
            int listener = StreamOpening.open(it.endpoint(0));
            assertThat(Sockets.listen(listener, 1)).isZero();
            far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Sockets.localPort(listener)));
            ServerSocket target = it.listen(1);
            int toFd = StreamOpening.connect(it.endpoint(target.getLocalPort()), null);
            reader = it.accept(target);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment name = arena.allocate(32, 8);
                int fromFd = StreamSockets.accept(listener, name);
                assertThat(fromFd).isPositive();
                Libc.close(listener);
                StreamOrigin origin = new StreamOrigin(false, 0, 0, 0, 0, 0, 0);
                StreamConnection nobody = new StreamConnection(it.relay, origin, fromFd, 0);
                from = new StreamEnd(nobody, it.loop, fromFd);
                to = new StreamEnd(nobody, it.loop, toFd);
            }
        }

        void write(int bytes) throws Exception {
            far.getOutputStream().write(new byte[bytes]);
            Thread.sleep(50); // until it lies in the other socket
        }

        void both() {
            from.readable = true;
            to.writable = true;
        }

        long pump(long budget) {
            return it.loop.call(() -> direction.pump(from, to, it.pool, budget));
        }

        @Override
        public void close() throws IOException {
            it.loop.run(() -> direction.release(it.pool));
            from.reset();
            to.reset();
            far.close();
            it.close();
        }
    }
}
