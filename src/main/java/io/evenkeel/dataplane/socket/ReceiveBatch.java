package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.linux.ControlMessages;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One recvmmsg(2) and what it brought. A message is one datagram, or an aggregate of datagrams of equal length (the last
 * may be shorter) that UDP_GRO put together. The bytes stay where they are until the next {@link #receive}. Owned by one
 * worker; allocates nothing once built.
 */
final class ReceiveBatch {
    /** Messages of one receive. */
    static final int MESSAGES = 64;

    /** Longer than any UDP payload and any aggregate. */
    private static final int BUFFER_BYTES = 65_536;

    // Not a power of two: else all short datagrams of a batch would compete for the same few cache sets.
    private static final int BUFFER_STRIDE = BUFFER_BYTES + 3 * 64;

    private final MessageBatch batch;
    private final MemorySegment buffers;
    private final long buffersAddress;
    private final ControlMessages control = new ControlMessages();
    private final CounterPublisher paths;
    private final int[] segment = new int[MESSAGES];
    private final int[] datagrams = new int[MESSAGES];
    private final long[] localHigh = new long[MESSAGES];
    private final long[] localLow = new long[MESSAGES];
    private int total;
    private int truncated;
    private boolean overflowSeen;
    private int overflow;

    ReceiveBatch(Arena arena, CounterPublisher paths) {
        this.paths = paths;
        batch = new MessageBatch(arena, MESSAGES, 1, ControlMessages.RECEIVE_BYTES);
        buffers = arena.allocate((long) BUFFER_STRIDE * MESSAGES, 64);
        buffersAddress = buffers.address();
        for (int i = 0; i < MESSAGES; i++) {
            batch.vector(i, 0, address(i), BUFFER_BYTES);
            batch.vectorCount(i, 1);
        }
    }

    /**
     * Receives what waits on {@code fd}, up to {@link #MESSAGES} messages.
     *
     * @return messages, ≥ 1, or {@code -errno}
     */
    int receive(int fd) {
        int count = batch.receive(fd, MESSAGES, 0);
        if (count < 0) return count;
        total = 0;
        truncated = 0;
        overflowSeen = false;
        for (int i = 0; i < count; i++) examine(i);
        paths.count(PathCounter.RECEIVE_CALLS, 1);
        return count;
    }

    private void examine(int i) {
        int length = batch.length(i);
        boolean readable = control.read(batch.controls(), batch.controlOffset(i), batch.controlLength(i));
        if (!readable || (batch.flags(i) & (Sockets.MSG_TRUNC | Sockets.MSG_CTRUNC)) != 0) {
            datagrams[i] = 0; // how many it was cannot be told: counted as one
            truncated++;
            return;
        }
        int segmentSize = control.segmentSize();
        segment[i] = segmentSize > 0 && segmentSize < length ? segmentSize : length;
        datagrams[i] = segment[i] == 0 ? 1 : (length + segment[i] - 1) / segment[i];
        total += datagrams[i];
        if (datagrams[i] > 1) paths.count(PathCounter.GRO_BATCHES, 1);
        localHigh[i] = control.localSeen() ? control.localHigh() : 0;
        localLow[i] = control.localSeen() ? control.localLow() : 0;
        if (control.overflowSeen()) {
            overflowSeen = true;
            overflow = control.overflow(); // the latest message knows most
        }
    }

    /** Whole datagrams of all messages. */
    int total() {
        return total;
    }

    /** Messages that cannot be forwarded because something of them is missing; their {@link #datagrams} is 0. */
    int truncated() {
        return truncated;
    }

    /** The kernel told how many it has dropped on this socket since it was opened: {@link #overflow}. */
    boolean overflowSeen() {
        return overflowSeen;
    }

    int overflow() {
        return overflow;
    }

    int datagrams(int message) {
        return datagrams[message];
    }

    /** Where the message's first byte lies. */
    long address(int message) {
        return buffersAddress + (long) message * BUFFER_STRIDE;
    }

    int length(int message) {
        return batch.length(message);
    }

    /** Bytes from one datagram of the message to the next. */
    int segment(int message) {
        return segment[message];
    }

    long sourceHigh(int message) {
        return SocketAddress.high(batch.names(), batch.nameOffset(message));
    }

    long sourceLow(int message) {
        return SocketAddress.low(batch.names(), batch.nameOffset(message));
    }

    int sourcePort(int message) {
        return SocketAddress.port(batch.names(), batch.nameOffset(message));
    }

    int sourceScope(int message) {
        return SocketAddress.scope(batch.names(), batch.nameOffset(message));
    }

    /** The address the packet was sent to, 0 unless the socket asks for it. */
    long localHigh(int message) {
        return localHigh[message];
    }

    long localLow(int message) {
        return localLow[message];
    }
}
