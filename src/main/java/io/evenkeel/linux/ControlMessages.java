package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.INT_BE;
import static io.evenkeel.linux.Layouts.LONG_BE;
import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Control messages (cmsg(3)) of datagram sockets: a reader that keeps what the last {@link #read} found, and writers for
 * what we send. Owned by one thread; allocates nothing.
 *
 * <pre>
 *   +0 cmsg_len (8)   +8 cmsg_level (4)   +12 cmsg_type (4)   +16 data … padded to 8
 * </pre>
 */
public final class ControlMessages {
    /** Room for everything we ask the kernel to attach to one received message. */
    public static final int RECEIVE_BYTES = 128;

    private static final long HEADER = Layouts.CMSGHDR.byteSize();
    private static final long LEVEL = offset(Layouts.CMSGHDR, "cmsg_level");
    private static final long TYPE = offset(Layouts.CMSGHDR, "cmsg_type");
    private static final long V4_SPEC_DST = offset(Layouts.IN_PKTINFO, "ipi_spec_dst");
    private static final long V6_ADDRESS = offset(Layouts.IN6_PKTINFO, "ipi6_addr");
    private static final long V6_INTERFACE = offset(Layouts.IN6_PKTINFO, "ipi6_ifindex");
    private static final long EE_ERRNO = offset(Layouts.SOCK_EXTENDED_ERR, "ee_errno");
    private static final long EE_ORIGIN = offset(Layouts.SOCK_EXTENDED_ERR, "ee_origin");
    private static final long EE_TYPE = offset(Layouts.SOCK_EXTENDED_ERR, "ee_type");
    private static final long EE_CODE = offset(Layouts.SOCK_EXTENDED_ERR, "ee_code");
    private static final long EE_INFO = offset(Layouts.SOCK_EXTENDED_ERR, "ee_info");
    private static final long EE_BYTES = Layouts.SOCK_EXTENDED_ERR.byteSize();

    /** ee_origin: who reported an error (linux/errqueue.h). */
    public static final int ORIGIN_LOCAL = 1;

    public static final int ORIGIN_ICMP = 2;
    public static final int ORIGIN_ICMP6 = 3;

    private int segmentSize;
    private boolean overflowSeen;
    private int overflow;
    private boolean localSeen;
    private long localHigh;
    private long localLow;
    private boolean errorSeen;
    private int errorErrno;
    private int errorOrigin;
    private int errorType;
    private int errorCode;
    private int errorInfo;
    private boolean offenderSeen;
    private boolean offenderV6;
    private long offenderHigh;
    private long offenderLow;

    /**
     * Reads the control messages of one received message. Unknown ones are skipped.
     *
     * @return false if a length in them is impossible; what was found before it stays readable
     */
    public boolean read(MemorySegment memory, long at, long length) {
        segmentSize = 0;
        overflowSeen = false;
        localSeen = false;
        errorSeen = false;
        offenderSeen = false;
        long end = at + length;
        long next = at;
        while (end - next >= HEADER) {
            long messageLength = memory.get(JAVA_LONG_UNALIGNED, next);
            if (messageLength < HEADER || messageLength > end - next) return false;
            int level = memory.get(JAVA_INT_UNALIGNED, next + LEVEL);
            int type = memory.get(JAVA_INT_UNALIGNED, next + TYPE);
            if (!take(memory, next + HEADER, messageLength - HEADER, level, type)) return false;
            next += (messageLength + 7) & -8L;
        }
        return true;
    }

    private boolean take(MemorySegment memory, long data, long length, int level, int type) {
        return switch (level) {
            case Sockets.SOL_UDP -> type != Sockets.UDP_GRO || takeSegmentSize(memory, data, length);
            case Sockets.SOL_SOCKET -> type != Sockets.SO_RXQ_OVFL || takeOverflow(memory, data, length);
            case Sockets.SOL_IP ->
                switch (type) {
                    case Sockets.IP_PKTINFO -> takeLocal4(memory, data, length);
                    case Sockets.IP_RECVERR -> takeError(memory, data, length);
                    default -> true;
                };
            case Sockets.SOL_IPV6 ->
                switch (type) {
                    case Sockets.IPV6_PKTINFO -> takeLocal6(memory, data, length);
                    case Sockets.IPV6_RECVERR -> takeError(memory, data, length);
                    default -> true;
                };
            default -> true;
        };
    }

    private boolean takeSegmentSize(MemorySegment memory, long data, long length) {
        if (length < 4) return false;
        segmentSize = memory.get(JAVA_INT_UNALIGNED, data);
        return segmentSize > 0;
    }

    private boolean takeOverflow(MemorySegment memory, long data, long length) {
        if (length < 4) return false;
        overflowSeen = true;
        overflow = memory.get(JAVA_INT_UNALIGNED, data);
        return true;
    }

    private boolean takeLocal4(MemorySegment memory, long data, long length) {
        if (length < Layouts.IN_PKTINFO.byteSize()) return false;
        localSeen = true;
        localHigh = 0;
        localLow = Integer.toUnsignedLong(memory.get(INT_BE, data + V4_SPEC_DST));
        return true;
    }

    private boolean takeLocal6(MemorySegment memory, long data, long length) {
        if (length < Layouts.IN6_PKTINFO.byteSize()) return false;
        localSeen = true;
        localHigh = memory.get(LONG_BE, data + V6_ADDRESS);
        localLow = memory.get(LONG_BE, data + V6_ADDRESS + 8);
        return true;
    }

    private boolean takeError(MemorySegment memory, long data, long length) {
        if (length < EE_BYTES) return false;
        errorSeen = true;
        errorErrno = memory.get(JAVA_INT_UNALIGNED, data + EE_ERRNO);
        errorOrigin = Byte.toUnsignedInt(memory.get(JAVA_BYTE, data + EE_ORIGIN));
        errorType = Byte.toUnsignedInt(memory.get(JAVA_BYTE, data + EE_TYPE));
        errorCode = Byte.toUnsignedInt(memory.get(JAVA_BYTE, data + EE_CODE));
        errorInfo = memory.get(JAVA_INT_UNALIGNED, data + EE_INFO);
        long offender = data + EE_BYTES; // SO_EE_OFFENDER: the address follows the structure
        long room = length - EE_BYTES;
        if (room < SocketAddress.V4_BYTES) return true;
        int family = SocketAddress.family(memory, offender);
        boolean v6 = family == SocketAddress.AF_INET6;
        if ((!v6 && family != SocketAddress.AF_INET) || (v6 && room < SocketAddress.BYTES)) return true;
        offenderSeen = true;
        offenderV6 = v6;
        offenderHigh = SocketAddress.high(memory, offender);
        offenderLow = SocketAddress.low(memory, offender);
        return true;
    }

    /** Bytes of each datagram of an aggregate (UDP_GRO), the last may be shorter; 0 if the message is one datagram. */
    public int segmentSize() {
        return segmentSize;
    }

    /** SO_RXQ_OVFL was attached: {@link #overflow()} is valid. */
    public boolean overflowSeen() {
        return overflowSeen;
    }

    /** Datagrams dropped on the socket before this one was queued: cumulative, unsigned, wrapping. */
    public int overflow() {
        return overflow;
    }

    /** The packet's own destination was attached (IP_PKTINFO, IPV6_PKTINFO). */
    public boolean localSeen() {
        return localSeen;
    }

    public long localHigh() {
        return localHigh;
    }

    public long localLow() {
        return localLow;
    }

    /** An extended error was attached (IP_RECVERR): the error accessors are valid. */
    public boolean errorSeen() {
        return errorSeen;
    }

    public int errorErrno() {
        return errorErrno;
    }

    public int errorOrigin() {
        return errorOrigin;
    }

    /** ICMP type. */
    public int errorType() {
        return errorType;
    }

    /** ICMP code. */
    public int errorCode() {
        return errorCode;
    }

    /** For "fragmentation needed" and "packet too big": the MTU. */
    public int errorInfo() {
        return errorInfo;
    }

    /** Who sent the ICMP error, if it is known. */
    public boolean offenderSeen() {
        return offenderSeen;
    }

    public boolean offenderV6() {
        return offenderV6;
    }

    public long offenderHigh() {
        return offenderHigh;
    }

    public long offenderLow() {
        return offenderLow;
    }

    /** Writes UDP_SEGMENT at {@code at}; answers the bytes used, 24. */
    public static int putSegmentSize(MemorySegment memory, long at, int segmentSize) {
        int used = putHeader(memory, at, 2, Sockets.SOL_UDP, Sockets.UDP_SEGMENT);
        memory.set(JAVA_SHORT_UNALIGNED, at + HEADER, (short) segmentSize);
        return used;
    }

    /** Writes IP_PKTINFO or IPV6_PKTINFO that makes the packet leave from the address; answers the bytes used, ≤ 40. */
    public static int putSource(MemorySegment memory, long at, boolean v6, long high, long low) {
        long data = at + HEADER;
        if (v6) {
            int used = putHeader(memory, at, Layouts.IN6_PKTINFO.byteSize(), Sockets.SOL_IPV6, Sockets.IPV6_PKTINFO);
            memory.set(LONG_BE, data + V6_ADDRESS, high);
            memory.set(LONG_BE, data + V6_ADDRESS + 8, low);
            memory.set(JAVA_INT_UNALIGNED, data + V6_INTERFACE, 0);
            return used;
        }
        int used = putHeader(memory, at, Layouts.IN_PKTINFO.byteSize(), Sockets.SOL_IP, Sockets.IP_PKTINFO);
        memory.set(JAVA_INT_UNALIGNED, data, 0); // any interface
        memory.set(INT_BE, data + V4_SPEC_DST, (int) low);
        memory.set(JAVA_INT_UNALIGNED, data + V4_SPEC_DST + 4, 0);
        return used;
    }

    private static int putHeader(MemorySegment memory, long at, long dataBytes, int level, int type) {
        memory.set(JAVA_LONG_UNALIGNED, at, HEADER + dataBytes);
        memory.set(JAVA_INT_UNALIGNED, at + LEVEL, level);
        memory.set(JAVA_INT_UNALIGNED, at + TYPE, type);
        return (int) (HEADER + ((dataBytes + 7) & -8L));
    }
}
