package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A pipe (pipe(7)) as the kernel's buffer between two sockets: splice(2) moves pages in and out, and no byte of them is
 * ever seen by this process. Never blocks. Owned by one thread.
 */
public final class Pipe {
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;

    private static final class Handles {
        static final MethodHandle PIPE = Libc.errnoHandle("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle FCNTL = Libc.errnoHandle(
                "fcntl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        static final MethodHandle SPLICE = Libc.errnoHandle(
                "splice", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    }

    private int readFd = -1;
    private int writeFd = -1;

    /** Opens it with the kernel's usual capacity (64 KiB, less for a user who has very many). Answers 0 or {@code -errno}. */
    public int open() {
        MemorySegment both = Libc.scratch();
        try {
            int answer = Libc.result((int) Handles.PIPE.invokeExact(Libc.errnoSegment(), both, O_NONBLOCK | O_CLOEXEC));
            if (answer < 0) return answer;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
        readFd = both.get(JAVA_INT, 0);
        writeFd = both.get(JAVA_INT, 4);
        return 0;
    }

    /**
     * Asks for another capacity. One of its pages can hold as little as one packet's payload, so that a pipe is full
     * before its bytes are.
     *
     * @return the capacity in bytes, or {@code -errno}: EPERM when the user's share of pipe memory is used up
     */
    public int resize(int bytes) {
        try {
            return Libc.result((int) Handles.FCNTL.invokeExact(Libc.errnoSegment(), writeFd, F_SETPIPE_SZ, bytes));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * Moves what a socket has received into the pipe. If the pipe is empty, EAGAIN says that the socket has nothing.
     *
     * @return bytes moved, 0 at the end of the stream, or {@code -errno}
     */
    public long fill(int socket, long most) {
        return splice(socket, writeFd, most);
    }

    /**
     * Moves what is in the pipe into a socket.
     *
     * @param most bytes that the pipe holds: asking for more than that would tell the socket that more follows
     * @return bytes moved, or {@code -errno}; EAGAIN when the socket takes no more now
     */
    public long drain(int socket, long most) {
        return splice(readFd, socket, most);
    }

    private static long splice(int from, int to, long most) {
        try {
            return Libc.result((long) Handles.SPLICE.invokeExact(
                    Libc.errnoSegment(),
                    from,
                    MemorySegment.NULL,
                    to,
                    MemorySegment.NULL,
                    most,
                    SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Closes both ends; what is in the pipe is lost. Once. */
    public void close() {
        Libc.close(readFd);
        Libc.close(writeFd);
    }
}
