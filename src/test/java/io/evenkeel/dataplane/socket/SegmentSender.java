package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.ControlMessages;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A client, or a realserver that answers, that sends many datagrams in one message (UDP_SEGMENT), so that the receiver
 * gets an aggregate.
 */
final class SegmentSender implements Closeable {
    private final Arena arena = Arena.ofConfined();
    private final MessageBatch batch = new MessageBatch(arena, 1, 64, 64);
    private final MemorySegment buffer = arena.allocate(65_536);
    private final Endpoint vip;
    private final int fd;
    private long sequence;

    /** Sends from a port that the kernel chooses. */
    SegmentSender(Endpoint vip) {
        this.vip = vip;
        int family = vip.address().v6() ? SocketAddress.AF_INET6 : SocketAddress.AF_INET;
        fd = Libc.require(Sockets.socket(family, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0), "socket", "udp");
    }

    SegmentSender(Endpoint from, Endpoint to) {
        this(to);
        IpAddress address = from.address();
        Libc.require(Sockets.bind(fd, address.v6(), address.high(), address.low(), from.port()), "bind", "" + from);
    }

    /** {@code count} datagrams of {@code length} bytes, the last of {@code lastLength}. */
    void send(int count, int length, int lastLength) {
        for (int i = 0; i < count; i++) {
            int itsLength = i == count - 1 ? lastLength : length;
            Payload.write(buffer.asSlice((long) i * length, length).asByteBuffer(), 5, sequence++, itsLength);
            batch.vector(0, i, buffer.address() + (long) i * length, itsLength);
        }
        batch.vectorCount(0, count);
        batch.nameLength(
                0,
                SocketAddress.put(
                        batch.names(),
                        batch.nameOffset(0),
                        vip.address().v6(),
                        vip.address().high(),
                        vip.address().low(),
                        vip.port(),
                        0));
        batch.controlLength(0, ControlMessages.putSegmentSize(batch.controls(), batch.controlOffset(0), length));
        assertThat(batch.send(fd, 0, 1, 0)).isEqualTo(1);
    }

    @Override
    public void close() {
        Libc.close(fd);
        arena.close();
    }
}
