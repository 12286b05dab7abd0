package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.Libc;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A raw socket that sees every TCP segment that reaches this host: needs CAP_NET_RAW. */
final class SegmentWitness implements Closeable {
    private static final int FIN = 1;
    private static final int RST = 4;
    private static final int BUFFER = 65_536;
    private static final int MESSAGES = 16;
    private static final ValueLayout.OfShort PORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Arena arena = Arena.ofConfined();
    private final MessageBatch batch = new MessageBatch(arena, MESSAGES, 1, 64);
    private final MemorySegment buffers = arena.allocate((long) MESSAGES * BUFFER);
    private final List<String> seen = new ArrayList<>();
    private final boolean v6;
    private final int fd;

    SegmentWitness(boolean v6) {
        this.v6 = v6;
        int family = v6 ? SocketAddress.AF_INET6 : SocketAddress.AF_INET;
        fd = Sockets.socket(
                family, Sockets.SOCK_RAW | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, Sockets.IPPROTO_TCP);
        assertThat(fd).isPositive();
        Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, 16 << 20);
    }

    /** The ends of streams, FIN or RST, among all segments so far from one port to another: each kind once, in order. */
    List<String> ends(int fromPort, int toPort) {
        receive();
        String way = fromPort + ">" + toPort + " ";
        return seen.stream()
                .filter(end -> end.startsWith(way))
                .map(end -> end.substring(way.length()))
                .distinct()
                .toList();
    }

    private void receive() {
        while (true) {
            for (int i = 0; i < MESSAGES; i++) {
                batch.vector(i, 0, buffers.address() + (long) i * BUFFER, BUFFER);
                batch.vectorCount(i, 1);
            }
            int messages = batch.receive(fd, MESSAGES, 0);
            if (messages <= 0) return;
            for (int i = 0; i < messages; i++) note((long) i * BUFFER);
        }
    }

    private void note(long packet) {
        // An IPv4 raw socket shows the IP header (RFC 791: its length in words of 4), an IPv6 one does not.
        long segment = v6 ? packet : packet + (buffers.get(ValueLayout.JAVA_BYTE, packet) & 15) * 4L;
        int flags = buffers.get(ValueLayout.JAVA_BYTE, segment + 13); // RFC 9293 section 3.1
        if ((flags & (FIN | RST)) == 0) return;
        int from = Short.toUnsignedInt(buffers.get(PORT, segment));
        int to = Short.toUnsignedInt(buffers.get(PORT, segment + 2));
        seen.add(from + ">" + to + " " + ((flags & RST) != 0 ? "RST" : "FIN"));
    }

    @Override
    public void close() {
        Libc.close(fd);
        arena.close();
    }
}
