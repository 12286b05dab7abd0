package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * One epoll instance (epoll(7)) and the array its events arrive in. {@link #await} and the accessors belong to one
 * thread, which must be a platform thread since the call blocks; add, modify and remove may be called from any.
 */
public final class Epoll implements AutoCloseable {
    public static final int IN = 0x001;
    public static final int OUT = 0x004;
    public static final int ERR = 0x008;
    public static final int HUP = 0x010;
    public static final int RDHUP = 0x2000;
    public static final int ONESHOT = 1 << 30;
    public static final int EDGE = 1 << 31;

    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;
    private static final int CLOEXEC = 0x80000;

    private static final long STRIDE = Layouts.EPOLL_EVENT.byteSize();
    private static final long DATA = offset(Layouts.EPOLL_EVENT, "data");

    private static final FunctionDescriptor EPOLL_WAIT =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);

    private static final class Handles {
        static final MethodHandle CREATE = Libc.errnoHandle("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        static final MethodHandle CONTROL =
                Libc.errnoHandle("epoll_ctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
        static final MethodHandle WAIT = Libc.plainHandle("epoll_wait", EPOLL_WAIT);
        static final MethodHandle WAIT_WITH_ERRNO = Libc.errnoHandle("epoll_wait", EPOLL_WAIT);
    }

    private final int fd;
    private final int capacity;
    private final MemorySegment events;

    /**
     * @param arena what the event array lives in; must outlive this
     * @param capacity most events of one wait, ≥ 1
     * @throws SyscallException if the kernel gives no instance
     */
    public Epoll(Arena arena, int capacity) {
        this.capacity = capacity;
        events = arena.allocate(STRIDE * capacity, 8);
        try {
            fd = Libc.require(
                    Libc.result((int) Handles.CREATE.invokeExact(Libc.errnoSegment(), CLOEXEC)), "epoll_create1", "");
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Readable when a watched descriptor is ready, so that one instance can watch another. */
    public int fd() {
        return fd;
    }

    /** Watches a descriptor; {@code token} comes back with its events. Answers 0 or {@code -errno}. */
    public int add(int watched, int interest, long token) {
        return control(CTL_ADD, watched, interest, token);
    }

    /** Changes what is watched for. Answers 0 or {@code -errno}. */
    public int modify(int watched, int interest, long token) {
        return control(CTL_MOD, watched, interest, token);
    }

    /** Stops watching; closing the descriptor does the same. Answers 0 or {@code -errno}. */
    public int remove(int watched) {
        return control(CTL_DEL, watched, 0, 0);
    }

    private int control(int operation, int watched, int interest, long token) {
        MemorySegment event = Libc.scratch();
        event.set(JAVA_INT_UNALIGNED, 0, interest);
        event.set(JAVA_LONG_UNALIGNED, DATA, token);
        try {
            return Libc.result((int) Handles.CONTROL.invokeExact(Libc.errnoSegment(), fd, operation, watched, event));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * epoll_wait(2). If it fails, it is made once more without waiting, to learn why.
     *
     * @param timeoutMillis 0 looks only, −1 waits for ever
     * @return events to read, 0 on timeout, or {@code -errno} (EINTR is usual)
     */
    public int await(int timeoutMillis) {
        try {
            int answer = (int) Handles.WAIT.invokeExact(fd, events.address(), capacity, timeoutMillis);
            if (answer >= 0) return answer;
            return Libc.result(
                    (int) Handles.WAIT_WITH_ERRNO.invokeExact(Libc.errnoSegment(), fd, events.address(), capacity, 0));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** What happened: {@link #IN}, {@link #OUT}, {@link #ERR}, {@link #HUP}, {@link #RDHUP}. */
    public int events(int index) {
        return events.get(JAVA_INT_UNALIGNED, index * STRIDE);
    }

    /** The token given with {@link #add}. */
    public long token(int index) {
        return events.get(JAVA_LONG_UNALIGNED, index * STRIDE + DATA);
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
