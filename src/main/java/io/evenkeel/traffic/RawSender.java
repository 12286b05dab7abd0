package io.evenkeel.traffic;

import io.evenkeel.linux.Libc;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends IPv4 packets that somebody else has built, headers and all, as a raw socket lets root do (raw(7)): fragments in any
 * order, errors nobody caused. The kernel fills in the header checksum. Blocks; any platform thread.
 */
final class RawSender {
    private static final int IPPROTO_RAW = 255;
    private static final int MAX_BYTES = 65_535;
    private static final int DESTINATION_AT = 16;

    private RawSender() {}

    static void send(List<byte[]> packets, int perSecond) {
        int socket = Libc.require(
                Sockets.socket(SocketAddress.AF_INET, Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC, IPPROTO_RAW),
                "socket",
                "raw packets");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(MAX_BYTES);
            MessageBatch batch = new MessageBatch(arena, 1, 1, 0);
            long started = System.nanoTime();
            for (int i = 0; i < packets.size(); i++) {
                byte[] packet = packets.get(i);
                MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 0, packet.length);
                batch.vector(0, 0, memory.address(), packet.length);
                batch.vectorCount(0, 1);
                Wire.destination(batch, 0, destination(packet), 0);
                Libc.require(batch.send(socket, 0, 1, 0), "sendmmsg", "raw packet " + i);
                long left = started + (long) ((i + 1) * 1e9 / perSecond) - System.nanoTime();
                if (left > 0) LockSupport.parkNanos(left);
            }
        } finally {
            Libc.close(socket);
        }
    }

    private static InetAddress destination(byte[] packet) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(packet, DESTINATION_AT, DESTINATION_AT + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are an address
        }
    }
}
