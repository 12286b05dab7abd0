package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The calls that only stream sockets have (tcp(7), accept(2)). Each answers what the kernel answered or {@code -errno}.
 * Any thread; none of these calls blocks on sockets opened with {@link Sockets#SOCK_NONBLOCK}.
 */
public final class StreamSockets {
    private StreamSockets() {}

    public static final int TCP_NODELAY = 1;
    public static final int TCP_INFO = 11;
    public static final int TCP_NOTSENT_LOWAT = 25;

    /** States that {@link #state} answers (RFC 9293 section 3.3.2, the kernel's numbers). */
    public static final int TCP_ESTABLISHED = 1;

    public static final int TCP_FIN_WAIT2 = 5;
    public static final int TCP_CLOSE = 7;
    public static final int TCP_CLOSE_WAIT = 8;

    private static final class Handles {
        static final MethodHandle ACCEPT =
                Libc.errnoHandle("accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
        static final MethodHandle SEND =
                Libc.errnoHandle("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    }

    /**
     * accept4(2): a non-blocking descriptor. The errors of connections that died before they were accepted come as
     * answers of this call too.
     *
     * @param name at least {@link SocketAddress#BYTES} bytes: takes the peer's address
     */
    public static int accept(int listener, MemorySegment name) {
        MemorySegment length = Libc.lengthScratch();
        length.set(JAVA_INT, 0, (int) name.byteSize());
        try {
            return Libc.result((int) Handles.ACCEPT.invokeExact(
                    Libc.errnoSegment(), listener, name, length, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** send(2) of bytes of our own, without raising SIGPIPE: bytes taken. */
    public static long send(int fd, MemorySegment bytes, long length) {
        try {
            return Libc.result(
                    (long) Handles.SEND.invokeExact(Libc.errnoSegment(), fd, bytes, length, Sockets.MSG_NOSIGNAL));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Closes the socket so that its peer sees a reset, whatever was still to be sent (socket(7), SO_LINGER of 0 s). */
    public static void reset(int fd) {
        MemorySegment linger = Libc.scratch();
        linger.set(JAVA_INT, offset(Layouts.LINGER, "l_onoff"), 1);
        linger.set(JAVA_INT, offset(Layouts.LINGER, "l_linger"), 0);
        Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_LINGER, linger, (int) Layouts.LINGER.byteSize());
        Libc.close(fd);
    }

    /** The connection's state: the first byte of tcp_info. */
    public static int state(int fd) {
        int answer = Sockets.intOption(fd, Sockets.IPPROTO_TCP, TCP_INFO);
        return answer < 0 ? answer : answer & 0xff;
    }
}
