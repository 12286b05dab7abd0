package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * One non-blocking socket of one probe. No call blocks, so virtual threads may make them; between calls they wait with
 * {@link Readiness}. Belongs to the thread that opened it. Tells every failure as the kernel's own number, which
 * {@link java.net.Socket} hides behind a text in the user's language.
 */
public final class ProbeSocket implements AutoCloseable {

    /** What to open. */
    public enum Kind {
        STREAM(Sockets.SOCK_STREAM, 0, 0),
        DATAGRAM(Sockets.SOCK_DGRAM, 0, 0),
        /** ICMP echo without privilege, as far as net.ipv4.ping_group_range lets this group. */
        ECHO(Sockets.SOCK_DGRAM, Sockets.IPPROTO_ICMP, Sockets.IPPROTO_ICMPV6),
        /** ICMP with CAP_NET_RAW: the IPv4 header comes with what is received. */
        RAW_ECHO(Sockets.SOCK_RAW, Sockets.IPPROTO_ICMP, Sockets.IPPROTO_ICMPV6);

        private final int type;
        private final int protocol4;
        private final int protocol6;

        Kind(int type, int protocol4, int protocol6) {
            this.type = type;
            this.protocol4 = protocol4;
            this.protocol6 = protocol6;
        }
    }

    private static final int BUFFER_BYTES = 4_096;
    private static final int SEND_FLAGS = Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL;
    private static final int LONGEST_INTERFACE_NAME = 15; // IFNAMSIZ with its zero is 16

    private static final class Handles {
        static final MethodHandle SEND = transfer("send");
        static final MethodHandle RECV = transfer("recv");

        /** Links them now rather than in the middle of a probe, whose time is running. */
        static void link() {}

        private static MethodHandle transfer(String symbol) {
            return Libc.errnoHandle(symbol, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        }
    }

    private final int fd;
    private final boolean v6;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);

    private ProbeSocket(int fd, boolean v6) {
        this.fd = fd;
        this.v6 = v6;
    }

    /** @throws SyscallException if the kernel gives no socket */
    public static ProbeSocket open(Kind kind, boolean v6) {
        Handles.link();
        int family = v6 ? SocketAddress.AF_INET6 : SocketAddress.AF_INET;
        int type = kind.type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
        int fd = Sockets.socket(family, type, v6 ? kind.protocol6 : kind.protocol4);
        return new ProbeSocket(Libc.require(fd, "socket", v6 ? "IPv6" : "IPv4"), v6);
    }

    /** For {@link Readiness}. */
    public int fd() {
        return fd;
    }

    /** SO_BINDTODEVICE. @throws SyscallException e.g. ENODEV */
    public void bindToInterface(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_INTERFACE_NAME) throw new SyscallException("bind_if", Errno.ENODEV, name);
        MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
        int answer = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_BINDTODEVICE, buffer, bytes.length);
        Libc.require(answer, "bind_if", name);
    }

    /** SO_MARK. @throws SyscallException EPERM without CAP_NET_ADMIN */
    public void mark(int fwmark) {
        Libc.require(
                Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_MARK, fwmark),
                "fwmark",
                Integer.toUnsignedString(fwmark));
    }

    /**
     * Binds to an address of this socket's family; all zero means any, port 0 any. A fixed port may be one that rests
     * after an earlier probe (SO_REUSEADDR).
     *
     * @param shown for the exception
     * @throws SyscallException e.g. EADDRNOTAVAIL
     */
    public void bind(long high, long low, int port, String shown) {
        if (port != 0) {
            Libc.require(option(Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR), "setsockopt", "SO_REUSEADDR");
        } else {
            // The port is chosen at connect, where it need only be unique towards that peer.
            Libc.require(option(Sockets.SOL_IP, Sockets.IP_BIND_ADDRESS_NO_PORT), "setsockopt", "bind");
        }
        Libc.require(Sockets.bind(fd, v6, high, low, port), "bind", shown);
    }

    /** Has every ICMP error reported, also the ones UDP ignores by default (host unreachable; ip(7) IP_RECVERR). */
    public void reportErrors() {
        int answer = v6 ? option(Sockets.SOL_IPV6, Sockets.IPV6_RECVERR) : option(Sockets.SOL_IP, Sockets.IP_RECVERR);
        Libc.require(answer, "setsockopt", "RECVERR");
    }

    /** Closing resets the connection instead of leaving it in TIME_WAIT, where it would hold a fixed port. */
    public void resetOnClose() {
        MemorySegment linger = Libc.scratch();
        linger.set(JAVA_INT, 0, 1);
        linger.set(JAVA_INT, 4, 0);
        Libc.require(
                Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_LINGER, linger, 8), "setsockopt", "SO_LINGER");
    }

    private int option(int level, int option) {
        return Sockets.setOption(fd, level, option, 1);
    }

    /** connect(2): 0 or {@code -errno}; EINPROGRESS is a stream's usual answer. */
    public int connect(long high, long low, int port) {
        return Sockets.connect(fd, v6, high, low, port);
    }

    /** Takes SO_ERROR, a positive errno, 0 if there is none. */
    public int takeError() {
        int error = Sockets.intOption(fd, Sockets.SOL_SOCKET, Sockets.SO_ERROR);
        return Math.abs(error);
    }

    /** The source port, 0 if not bound yet. */
    public int localPort() {
        return Math.max(0, Sockets.localPort(fd));
    }

    /** Sends at most 4,096 of the bytes from {@code from}: how many, or {@code -errno}. */
    public int send(byte[] bytes, int from) {
        int length = Math.min(bytes.length - from, BUFFER_BYTES);
        MemorySegment.copy(bytes, from, buffer, JAVA_BYTE, 0, length);
        try {
            return (int) Libc.result(
                    (long) Handles.SEND.invokeExact(Libc.errnoSegment(), fd, buffer, (long) length, SEND_FLAGS));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * Sends one datagram of up to 65,507 bytes.
     *
     * @return 0 or {@code -errno}
     */
    public int sendDatagram(byte[] bytes) {
        try (Arena room = Arena.ofConfined()) {
            MemorySegment memory = room.allocate(Math.max(1, bytes.length));
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
            long sent = Libc.result(
                    (long) Handles.SEND.invokeExact(Libc.errnoSegment(), fd, memory, (long) bytes.length, SEND_FLAGS));
            return (int) Math.min(0, sent);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * Receives at most 4,096 bytes, and no more than fit from {@code from} on.
     *
     * @return how many; of a datagram its whole length even if less was kept (MSG_TRUNC); 0 at the end of a stream; or
     *     {@code -errno}
     */
    public int receive(byte[] into, int from, boolean datagram) {
        long room = Math.min(into.length - from, BUFFER_BYTES);
        int flags = Sockets.MSG_DONTWAIT | (datagram ? Sockets.MSG_TRUNC : 0);
        try {
            int count =
                    (int) Libc.result((long) Handles.RECV.invokeExact(Libc.errnoSegment(), fd, buffer, room, flags));
            if (count > 0) MemorySegment.copy(buffer, JAVA_BYTE, 0, into, from, (int) Math.min(count, room));
            return count;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    @Override
    public void close() {
        if (!arena.scope().isAlive()) return;
        arena.close();
        Libc.close(fd);
    }
}
