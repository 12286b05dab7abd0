package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The calls that open, name and tune sockets (socket(2), ip(7), ipv6(7), udp(7), socket(7)). Each answers what the
 * kernel answered or {@code -errno}. Any thread; none of these calls blocks on sockets opened with
 * {@link #SOCK_NONBLOCK}.
 */
public final class Sockets {
    private Sockets() {}

    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;

    public static final int IPPROTO_ICMP = 1;
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_UDP = 17;
    public static final int IPPROTO_ICMPV6 = 58;

    public static final int SOL_SOCKET = 1;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_ERROR = 4;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_NO_CHECK = 11;
    public static final int SO_LINGER = 13;
    public static final int SO_REUSEPORT = 15;
    public static final int SO_BINDTODEVICE = 25;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_MARK = 36;
    public static final int SO_RXQ_OVFL = 40;
    public static final int SO_MEMINFO = 55;
    public static final int SO_NETNS_COOKIE = 71;

    public static final int SOL_IP = 0;
    public static final int IP_PKTINFO = 8;
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IP_RECVERR = 11;
    public static final int IP_MTU = 14;
    public static final int IP_FREEBIND = 15;
    public static final int IP_TRANSPARENT = 19;
    public static final int IP_BIND_ADDRESS_NO_PORT = 24;
    public static final int IP_PMTUDISC_DONT = 0;

    public static final int SOL_IPV6 = 41;
    public static final int IPV6_MTU = 24;
    public static final int IPV6_RECVERR = 25;
    public static final int IPV6_V6ONLY = 26;
    public static final int IPV6_RECVPKTINFO = 49;
    public static final int IPV6_PKTINFO = 50;
    public static final int IPV6_TRANSPARENT = 75;
    public static final int IPV6_FREEBIND = 78;

    public static final int SOL_UDP = 17;
    public static final int UDP_SEGMENT = 103;
    public static final int UDP_GRO = 104;

    public static final int MSG_PEEK = 0x2;
    public static final int MSG_CTRUNC = 0x8;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_ERRQUEUE = 0x2000;
    public static final int MSG_NOSIGNAL = 0x4000;

    public static final int SHUT_RD = 0;
    public static final int SHUT_WR = 1;
    public static final int SHUT_RDWR = 2;

    public static final int POLLIN = 1;
    public static final int POLLOUT = 4;

    /** SK_MEMINFO_DROPS: which of SO_MEMINFO's words counts datagrams the kernel dropped before us. */
    private static final int MEMINFO_DROPS = 8;

    private static final int MEMINFO_BYTES = 9 * 4;

    private static final class Handles {
        static final MethodHandle SOCKET =
                Libc.errnoHandle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle BIND = named("bind");
        static final MethodHandle CONNECT = named("connect");
        static final MethodHandle GETSOCKNAME =
                Libc.errnoHandle("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        static final MethodHandle SETSOCKOPT = Libc.errnoHandle(
                "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle GETSOCKOPT = Libc.errnoHandle(
                "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        static final MethodHandle MEMINFO = Libc.plainHandle(
                "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
        static final MethodHandle LISTEN =
                Libc.errnoHandle("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle SHUTDOWN =
                Libc.errnoHandle("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle POLL =
                Libc.errnoHandle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

        private static MethodHandle named(String symbol) {
            return Libc.errnoHandle(symbol, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        }
    }

    /** socket(2): a descriptor. */
    public static int socket(int family, int type, int protocol) {
        try {
            return Libc.result((int) Handles.SOCKET.invokeExact(Libc.errnoSegment(), family, type, protocol));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** bind(2) to the address and port; port 0 lets the kernel choose. */
    public static int bind(int fd, boolean v6, long high, long low, int port) {
        MemorySegment name = Libc.scratch();
        int length = SocketAddress.put(name, 0, v6, high, low, port, 0);
        try {
            return Libc.result((int) Handles.BIND.invokeExact(Libc.errnoSegment(), fd, name, length));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** connect(2); EINPROGRESS is the usual answer of a non-blocking stream socket. */
    public static int connect(int fd, boolean v6, long high, long low, int port) {
        MemorySegment name = Libc.scratch();
        int length = SocketAddress.put(name, 0, v6, high, low, port, 0);
        try {
            return Libc.result((int) Handles.CONNECT.invokeExact(Libc.errnoSegment(), fd, name, length));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * getsockname(2) into {@code name}, to be read with {@link SocketAddress}.
     *
     * @param name at least {@link SocketAddress#BYTES} bytes
     */
    public static int getsockname(int fd, MemorySegment name) {
        MemorySegment length = Libc.lengthScratch();
        length.set(JAVA_INT, 0, (int) name.byteSize());
        try {
            return Libc.result((int) Handles.GETSOCKNAME.invokeExact(Libc.errnoSegment(), fd, name, length));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** The local port, 0..65535. */
    public static int localPort(int fd) {
        MemorySegment name = Libc.scratch();
        int answer = getsockname(fd, name);
        return answer < 0 ? answer : SocketAddress.port(name, 0);
    }

    /** setsockopt(2) with an int. */
    public static int setOption(int fd, int level, int option, int value) {
        MemorySegment memory = Libc.scratch();
        memory.set(JAVA_INT, 0, value);
        return setOption(fd, level, option, memory, 4);
    }

    /** setsockopt(2) with any value. */
    public static int setOption(int fd, int level, int option, MemorySegment value, int length) {
        try {
            return Libc.result(
                    (int) Handles.SETSOCKOPT.invokeExact(Libc.errnoSegment(), fd, level, option, value, length));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** getsockopt(2) of an int that cannot be negative (sizes, MTU, SO_ERROR). */
    public static int intOption(int fd, int level, int option) {
        MemorySegment memory = Libc.scratch();
        int answer = getOption(fd, level, option, memory, 4);
        return answer < 0 ? answer : memory.get(JAVA_INT, 0);
    }

    /**
     * getsockopt(2) of 64 bits.
     *
     * @throws SyscallException if the kernel refuses
     */
    static long longOption(int fd, int level, int option, String subject) {
        MemorySegment memory = Libc.scratch();
        Libc.require(getOption(fd, level, option, memory, Long.BYTES), "getsockopt", subject);
        return memory.get(JAVA_LONG, 0);
    }

    /**
     * How many datagrams the kernel dropped on this socket since it was opened, as an unsigned 32-bit number that wraps
     * (SO_MEMINFO). Unlike SO_RXQ_OVFL it tells the tail too: nothing need arrive afterwards.
     *
     * @return the count, or −1 if the kernel does not tell
     */
    public static long drops(int fd) {
        MemorySegment memory = Libc.scratch();
        MemorySegment length = Libc.lengthScratch();
        length.set(JAVA_INT, 0, MEMINFO_BYTES);
        try {
            int answer =
                    (int) Handles.MEMINFO.invokeExact(fd, SOL_SOCKET, SO_MEMINFO, memory.address(), length.address());
            return answer < 0 ? -1 : Integer.toUnsignedLong(memory.get(JAVA_INT, 4L * MEMINFO_DROPS));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static int getOption(int fd, int level, int option, MemorySegment value, int length) {
        MemorySegment lengthMemory = Libc.lengthScratch();
        lengthMemory.set(JAVA_INT, 0, length);
        try {
            return Libc.result(
                    (int) Handles.GETSOCKOPT.invokeExact(Libc.errnoSegment(), fd, level, option, value, lengthMemory));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** listen(2). */
    public static int listen(int fd, int backlog) {
        try {
            return Libc.result((int) Handles.LISTEN.invokeExact(Libc.errnoSegment(), fd, backlog));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** shutdown(2). */
    public static int shutdown(int fd, int how) {
        try {
            return Libc.result((int) Handles.SHUTDOWN.invokeExact(Libc.errnoSegment(), fd, how));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * poll(2) of one descriptor: blocks up to {@code timeoutMillis}, so never on a virtual thread.
     *
     * @return 1 when ready, 0 on timeout
     */
    public static int poll(int fd, int events, int timeoutMillis) {
        MemorySegment memory = Libc.scratch();
        memory.set(JAVA_INT, 0, fd);
        memory.set(JAVA_INT, 4, events & 0xffff); // events, and revents = 0
        try {
            return Libc.result((int) Handles.POLL.invokeExact(Libc.errnoSegment(), memory, 1L, timeoutMillis));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
