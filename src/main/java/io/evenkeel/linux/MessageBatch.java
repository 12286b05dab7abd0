package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * An array of struct mmsghdr with an address, a row of iovecs and control space for each message: what recvmmsg(2) and
 * sendmmsg(2) take. One thread at a time; after construction nothing allocates.
 *
 * <p>Where an iovec points is the caller's business: the memory must live as long as the call.
 */
public final class MessageBatch {
    private static final long STRIDE = Layouts.MMSGHDR.byteSize();
    private static final long NAME = offset(Layouts.MSGHDR, "msg_name");
    private static final long NAME_LENGTH = offset(Layouts.MSGHDR, "msg_namelen");
    private static final long VECTORS = offset(Layouts.MSGHDR, "msg_iov");
    private static final long VECTOR_COUNT = offset(Layouts.MSGHDR, "msg_iovlen");
    private static final long CONTROL = offset(Layouts.MSGHDR, "msg_control");
    private static final long CONTROL_LENGTH = offset(Layouts.MSGHDR, "msg_controllen");
    private static final long FLAGS = offset(Layouts.MSGHDR, "msg_flags");
    private static final long LENGTH = offset(Layouts.MMSGHDR, "msg_len");
    private static final long VECTOR_STRIDE = Layouts.IOVEC.byteSize();
    private static final long VECTOR_LENGTH = offset(Layouts.IOVEC, "iov_len");
    private static final long NAME_STRIDE = 32; // sockaddr_in6, rounded up

    // Addresses travel as plain longs: a MemorySegment argument would cost an acquire and release per call.
    private static final FunctionDescriptor RECVMMSG =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final FunctionDescriptor SENDMMSG =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);

    private static final class Handles {
        static final MethodHandle RECEIVE = Libc.plainHandle("recvmmsg", RECVMMSG);
        static final MethodHandle RECEIVE_WITH_ERRNO = Libc.errnoHandle("recvmmsg", RECVMMSG);
        static final MethodHandle SEND = Libc.plainHandle("sendmmsg", SENDMMSG);
        static final MethodHandle SEND_WITH_ERRNO = Libc.errnoHandle("sendmmsg", SENDMMSG);
    }

    private final int messages;
    private final int vectorsPerMessage;
    private final int controlBytes;
    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment controls;
    private boolean repeated;

    /**
     * @param arena what the arrays live in; must outlive the batch
     * @param messages capacity, ≥ 1
     * @param vectorsPerMessage iovecs reserved for each message, ≥ 1
     * @param controlBytes control space of each message, a multiple of 8, may be 0
     */
    public MessageBatch(Arena arena, int messages, int vectorsPerMessage, int controlBytes) {
        if (controlBytes % 8 != 0) throw new IllegalArgumentException("control space must be a multiple of 8");
        this.messages = messages;
        this.vectorsPerMessage = vectorsPerMessage;
        this.controlBytes = controlBytes;
        headers = arena.allocate(STRIDE * messages, 8);
        vectors = arena.allocate(VECTOR_STRIDE * messages * vectorsPerMessage, 8);
        names = arena.allocate(NAME_STRIDE * messages, 8);
        controls = arena.allocate(Math.max(8, (long) controlBytes * messages), 8);
        for (int i = 0; i < messages; i++) {
            headers.set(JAVA_LONG, i * STRIDE + NAME, names.address() + i * NAME_STRIDE);
            headers.set(JAVA_LONG, i * STRIDE + VECTORS, vectors.address() + vectorOffset(i, 0));
            headers.set(JAVA_LONG, i * STRIDE + CONTROL, controls.address() + controlOffset(i));
        }
    }

    /** Capacity in messages. */
    public int messages() {
        return messages;
    }

    /** Iovecs a message can have. */
    public int vectorsPerMessage() {
        return vectorsPerMessage;
    }

    private long vectorOffset(int message, int index) {
        return VECTOR_STRIDE * ((long) message * vectorsPerMessage + index);
    }

    /** Points one iovec of a message at memory. */
    public void vector(int message, int index, long address, long length) {
        long at = vectorOffset(message, index);
        vectors.set(JAVA_LONG, at, address);
        vectors.set(JAVA_LONG, at + VECTOR_LENGTH, length);
    }

    /** Where an iovec points. */
    public long vectorAddress(int message, int index) {
        return vectors.get(JAVA_LONG, vectorOffset(message, index));
    }

    public long vectorLength(int message, int index) {
        return vectors.get(JAVA_LONG, vectorOffset(message, index) + VECTOR_LENGTH);
    }

    /** How many iovecs of the message are used, 0..{@link #vectorsPerMessage()}. */
    public void vectorCount(int message, int count) {
        headers.set(JAVA_LONG, message * STRIDE + VECTOR_COUNT, count);
    }

    public int vectorCount(int message) {
        return (int) headers.get(JAVA_LONG, message * STRIDE + VECTOR_COUNT);
    }

    /** Where the addresses lie, to be read and written with {@link SocketAddress}. */
    public MemorySegment names() {
        return names;
    }

    public long nameOffset(int message) {
        return message * NAME_STRIDE;
    }

    /** Length of the message's address; 0 sends to where the socket is connected. */
    public void nameLength(int message, int length) {
        headers.set(JAVA_INT, message * STRIDE + NAME_LENGTH, length);
    }

    /** Where the control messages lie, to be read and written with {@link ControlMessages}. */
    public MemorySegment controls() {
        return controls;
    }

    public long controlOffset(int message) {
        return (long) message * controlBytes;
    }

    public void controlLength(int message, int length) {
        headers.set(JAVA_LONG, message * STRIDE + CONTROL_LENGTH, length);
    }

    /** What the kernel wrote: bytes of control messages. */
    public int controlLength(int message) {
        return (int) headers.get(JAVA_LONG, message * STRIDE + CONTROL_LENGTH);
    }

    /** Flags of a received message: {@link Sockets#MSG_TRUNC}, {@link Sockets#MSG_CTRUNC}. */
    public int flags(int message) {
        return headers.get(JAVA_INT, message * STRIDE + FLAGS);
    }

    /** Bytes received or sent. */
    public int length(int message) {
        return headers.get(JAVA_INT, message * STRIDE + LENGTH);
    }

    /**
     * recvmmsg(2) into the first {@code count} messages. Address and control lengths are made whole again first: the
     * kernel has overwritten them at the last receive.
     *
     * @return messages received, ≥ 1, or {@code -errno} (EAGAIN when there is nothing)
     */
    public int receive(int fd, int count, int flags) {
        for (int i = 0; i < count; i++) {
            long header = i * STRIDE;
            headers.set(JAVA_INT, header + NAME_LENGTH, SocketAddress.BYTES);
            headers.set(JAVA_LONG, header + CONTROL_LENGTH, controlBytes);
        }
        int all = flags | Sockets.MSG_DONTWAIT;
        try {
            int answer = (int) Handles.RECEIVE.invokeExact(fd, headers.address(), count, all, 0L);
            if (answer >= 0) return answer;
            return Libc.result((int)
                    Handles.RECEIVE_WITH_ERRNO.invokeExact(Libc.errnoSegment(), fd, headers.address(), count, all, 0L));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * sendmmsg(2) of {@code count} messages starting with {@code from}. A call that fails is made once more to learn
     * why: if the error was that of an earlier datagram, waiting in the socket, the second succeeds.
     *
     * @return messages sent, ≥ 1, or {@code -errno} of the first. When fewer were sent than asked, the error of the
     *     next one shows only when it is sent again.
     */
    public int send(int fd, int from, int count, int flags) {
        long first = headers.address() + from * STRIDE;
        int all = flags | Sockets.MSG_DONTWAIT;
        repeated = false;
        try {
            int answer = (int) Handles.SEND.invokeExact(fd, first, count, all);
            if (answer >= 0) return answer;
            repeated = true;
            return Libc.result((int) Handles.SEND_WITH_ERRNO.invokeExact(Libc.errnoSegment(), fd, first, count, all));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** The last {@link #send} succeeded only when it was made once more: an error had waited in the socket. */
    public boolean repeated() {
        return repeated;
    }
}
