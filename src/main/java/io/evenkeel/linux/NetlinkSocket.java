package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A socket of NETLINK_ROUTE, or of another protocol of netlink(7), with the block it receives into. It speaks to the network namespace of the thread
 * that opened it, whoever uses it later. Owned by one thread at a time. Only
 * {@link #await} blocks.
 */
final class NetlinkSocket implements NetlinkExchange.Blocks, AutoCloseable {
    /** The largest block the kernel makes for us: it fills half of this in a dump. */
    static final int BLOCK_BYTES = 64 * 1024;

    private static final long NAME_PORT = offset(Layouts.SOCKADDR_NL, "nl_pid");
    private static final int NAME_BYTES = (int) Layouts.SOCKADDR_NL.byteSize();

    private static final class Handles {
        static final MethodHandle BIND =
                Libc.errnoHandle("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle SENDTO = Libc.errnoHandle(
                "sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle RECVFROM = Libc.errnoHandle(
                "recvfrom", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));
    }

    private final Arena arena = Arena.ofShared(); // opened by one thread, used by another
    private final MemorySegment block = arena.allocate(BLOCK_BYTES, 8);
    private final MemorySegment name = arena.allocate(Layouts.SOCKADDR_NL);
    private final MemorySegment nameLength = arena.allocate(JAVA_INT);
    private final int fd;

    /**
     * Opens and binds it, strict checking and extended acknowledgements on.
     *
     * @param receiveBytes of the kernel's queue for it; a process without CAP_NET_ADMIN gets at most net.core.rmem_max
     * @throws SyscallException if the kernel refuses
     */
    NetlinkSocket(int receiveBytes) {
        this(Rtnetlink.NETLINK_ROUTE, receiveBytes);
    }

    /** As {@link #NetlinkSocket(int)}, of another protocol. */
    NetlinkSocket(int protocol, int receiveBytes) {
        int type = Sockets.SOCK_RAW | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
        fd = Libc.require(Sockets.socket(Rtnetlink.AF_NETLINK, type, protocol), "socket", "AF_NETLINK");
        try {
            int answer = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, receiveBytes);
            if (answer < 0) option(Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, receiveBytes, "SO_RCVBUF");
            option(Rtnetlink.SOL_NETLINK, Rtnetlink.NETLINK_CAP_ACK, 1, "NETLINK_CAP_ACK");
            option(Rtnetlink.SOL_NETLINK, Rtnetlink.NETLINK_EXT_ACK, 1, "NETLINK_EXT_ACK");
            option(Rtnetlink.SOL_NETLINK, Rtnetlink.NETLINK_GET_STRICT_CHK, 1, "NETLINK_GET_STRICT_CHK");
            Libc.require(bind(), "bind", "AF_NETLINK");
        } catch (SyscallException refused) {
            close();
            throw refused;
        }
    }

    private void option(int level, int option, int value, String subject) {
        Libc.require(Sockets.setOption(fd, level, option, value), "setsockopt", subject);
    }

    private int bind() {
        name.fill((byte) 0);
        name.set(JAVA_SHORT, 0, (short) Rtnetlink.AF_NETLINK); // port 0: the kernel chooses
        try {
            return Libc.result((int) Handles.BIND.invokeExact(Libc.errnoSegment(), fd, name, NAME_BYTES));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * Hears what the kernel tells a multicast group from now on.
     *
     * @throws SyscallException if the kernel has no such group
     */
    void join(int group) {
        option(Rtnetlink.SOL_NETLINK, Rtnetlink.NETLINK_ADD_MEMBERSHIP, group, "NETLINK_ADD_MEMBERSHIP");
    }

    int fd() {
        return fd;
    }

    /** Sends a request to the kernel, which works on it before this returns. Answers 0 or {@code -errno}. */
    int send(MemorySegment request, long bytes) {
        name.fill((byte) 0);
        name.set(JAVA_SHORT, 0, (short) Rtnetlink.AF_NETLINK); // port 0 is the kernel
        while (true) {
            long answer;
            try {
                answer = Libc.result((long)
                        Handles.SENDTO.invokeExact(Libc.errnoSegment(), fd, request, bytes, 0, name, NAME_BYTES));
            } catch (Throwable thrown) {
                throw Libc.unexpected(thrown);
            }
            if (answer != -Errno.EINTR) return (int) Math.min(answer, 0);
        }
    }

    /**
     * Receives one block into {@link #block}; one that did not come from the kernel counts as empty.
     *
     * @return its bytes; −EAGAIN if there is none, −ENOBUFS if the kernel has dropped some, −EMSGSIZE if it is larger
     *     than the block, or another {@code -errno}
     */
    int receive() {
        while (true) {
            nameLength.set(JAVA_INT, 0, NAME_BYTES);
            long answer;
            try {
                answer = Libc.result((long) Handles.RECVFROM.invokeExact(
                        Libc.errnoSegment(), fd, block, (long) BLOCK_BYTES, Sockets.MSG_TRUNC, name, nameLength));
            } catch (Throwable thrown) {
                throw Libc.unexpected(thrown);
            }
            if (answer == -Errno.EINTR) continue;
            if (answer < 0) return (int) answer;
            if (name.get(JAVA_INT, NAME_PORT) != 0) return 0;
            return answer > BLOCK_BYTES ? -Errno.EMSGSIZE : (int) answer;
        }
    }

    /** As {@link #receive}, but waits. The kernel answers before a request has been sent, so it hardly ever does. */
    @Override
    public int await(int patienceMillis) {
        while (true) {
            int bytes = receive();
            if (bytes != -Errno.EAGAIN) return bytes;
            int ready = Sockets.poll(fd, Sockets.POLLIN, patienceMillis);
            if (ready == 0) return -Errno.ETIMEDOUT;
            if (ready < 0 && ready != -Errno.EINTR) return ready;
        }
    }

    /** What {@link #receive} received last; overwritten by the next. */
    @Override
    public MemorySegment block() {
        return block;
    }

    @Override
    public void close() {
        if (fd >= 0) Libc.close(fd);
        arena.close();
    }
}
