package io.evenkeel.traffic;

import io.evenkeel.linux.ControlMessages;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends numbered datagrams in aggregates: several of equal length in one system call with UDP_SEGMENT, so that a receiver
 * with UDP_GRO gets them as one message. One-way, from one socket. Run once, by a platform thread.
 */
final class AggregateSender {
    private static final int CONTROL_BYTES = 24;

    private final SendPlan plan;
    private final SendRecord record;
    private final Payload payload = new Payload();

    AggregateSender(SendPlan plan) {
        this.plan = plan;
        this.record = new SendRecord(plan);
    }

    /** Does the work. Throws SyscallException if the kernel refuses. */
    SendRecord run() {
        boolean v6 = plan.target().getAddress() instanceof Inet6Address;
        int family = v6 ? SocketAddress.AF_INET6 : SocketAddress.AF_INET;
        int socket = Libc.require(
                Sockets.socket(family, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0), "socket", "aggregates");
        try (Arena arena = Arena.ofConfined()) {
            send(socket, arena);
        } finally {
            Libc.close(socket);
        }
        return record;
    }

    private void send(int socket, Arena arena) {
        MemorySegment memory = arena.allocate(Payload.MAX_BYTES);
        MessageBatch batch = new MessageBatch(arena, 1, 1, CONTROL_BYTES);
        Wire.destination(batch, 0, plan.target().getAddress(), plan.target().getPort());
        Sizes.Draw sizes = plan.sizes().draw();
        long started = System.nanoTime();
        while (record.sent() < plan.count()) {
            int length = Math.max(Payload.HEADER_BYTES, sizes.next());
            long room = Math.min(Payload.MAX_BYTES / length, plan.count() - record.sent());
            int datagrams = (int) Math.min(plan.aggregate(), room);
            for (int i = 0; i < datagrams; i++) write(memory.asSlice((long) i * length, length), length);
            batch.vector(0, 0, memory.address(), (long) datagrams * length);
            batch.vectorCount(0, 1);
            batch.controlLength(0, ControlMessages.putSegmentSize(batch.controls(), batch.controlOffset(0), length));
            Libc.require(batch.send(socket, 0, 1, 0), "sendmmsg", Addresses.text(plan.target()));
            pace(started);
        }
    }

    private void write(MemorySegment at, int length) {
        long now = System.nanoTime();
        payload.write(at.asByteBuffer(), plan.run(), 0, record.sent(), now, length);
        record.noteSent(now, length);
    }

    private void pace(long started) {
        if (!(plan.pacing() instanceof Pacing.OpenLoop(int perSecond))) return;
        long due = started + (long) (record.sent() * 1e9 / perSecond);
        long left = due - System.nanoTime();
        if (left > 0) LockSupport.parkNanos(left);
    }
}
