package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A wake-up that epoll can watch (eventfd(2)). Any thread signals, the watching one drains; neither blocks. The owner
 * closes it once nobody signals any more.
 */
public final class EventFd implements AutoCloseable {
    private static final int FLAGS = 0x800 | 0x80000; // EFD_NONBLOCK | EFD_CLOEXEC

    private static final class Handles {
        static final MethodHandle EVENTFD =
                Libc.errnoHandle("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle READ =
                Libc.errnoHandle("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
        static final MethodHandle WRITE =
                Libc.errnoHandle("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    }

    private final int fd;

    /** @throws SyscallException if the kernel gives none */
    public EventFd() {
        try {
            fd = Libc.require(
                    Libc.result((int) Handles.EVENTFD.invokeExact(Libc.errnoSegment(), 0, FLAGS)), "eventfd", "");
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** The descriptor, to be watched for reading. */
    public int fd() {
        return fd;
    }

    /** Makes the descriptor readable. A counter that is full is readable already, so no error is possible. */
    public void signal() {
        MemorySegment one = Libc.scratch();
        one.set(JAVA_LONG, 0, 1);
        try {
            long written = (long) Handles.WRITE.invokeExact(Libc.errnoSegment(), fd, one, 8L);
            assert written == 8 || written == -1 : written;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Takes all signals given so far; true if there was one. */
    public boolean drain() {
        try {
            return (long) Handles.READ.invokeExact(Libc.errnoSegment(), fd, Libc.scratch(), 8L) == 8;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
