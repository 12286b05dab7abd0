package io.evenkeel.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The structures of Linux that this room reads and writes, once. A test compiles a C program and holds every size and
 * offset here to the compiler's. Immutable.
 */
final class Layouts {
    private Layouts() {}

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** Network byte order, for ports and addresses. */
    static final ValueLayout.OfShort SHORT_BE = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    static final ValueLayout.OfInt INT_BE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfLong LONG_BE = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    static final StructLayout SOCKADDR_IN = structLayout(
                    SHORT.withName("sin_family"),
                    SHORT.withName("sin_port"),
                    INT.withName("sin_addr"),
                    paddingLayout(8))
            .withName("struct sockaddr_in");

    static final StructLayout SOCKADDR_IN6 = structLayout(
                    SHORT.withName("sin6_family"),
                    SHORT.withName("sin6_port"),
                    INT.withName("sin6_flowinfo"),
                    sequenceLayout(16, BYTE).withName("sin6_addr"),
                    INT.withName("sin6_scope_id"))
            .withName("struct sockaddr_in6");

    static final StructLayout IOVEC =
            structLayout(LONG.withName("iov_base"), LONG.withName("iov_len")).withName("struct iovec");

    static final StructLayout MSGHDR = structLayout(
                    LONG.withName("msg_name"),
                    INT.withName("msg_namelen"),
                    paddingLayout(4),
                    LONG.withName("msg_iov"),
                    LONG.withName("msg_iovlen"),
                    LONG.withName("msg_control"),
                    LONG.withName("msg_controllen"),
                    INT.withName("msg_flags"),
                    paddingLayout(4))
            .withName("struct msghdr");

    static final StructLayout MMSGHDR = structLayout(
                    MSGHDR.withName("msg_hdr"), INT.withName("msg_len"), paddingLayout(4))
            .withName("struct mmsghdr");

    static final StructLayout CMSGHDR = structLayout(
                    LONG.withName("cmsg_len"), INT.withName("cmsg_level"), INT.withName("cmsg_type"))
            .withName("struct cmsghdr");

    static final StructLayout IN_PKTINFO = structLayout(
                    INT.withName("ipi_ifindex"), INT.withName("ipi_spec_dst"), INT.withName("ipi_addr"))
            .withName("struct in_pktinfo");

    static final StructLayout IN6_PKTINFO = structLayout(
                    sequenceLayout(16, BYTE).withName("ipi6_addr"), INT.withName("ipi6_ifindex"))
            .withName("struct in6_pktinfo");

    static final StructLayout SOCK_EXTENDED_ERR = structLayout(
                    INT.withName("ee_errno"),
                    BYTE.withName("ee_origin"),
                    BYTE.withName("ee_type"),
                    BYTE.withName("ee_code"),
                    BYTE.withName("ee_pad"),
                    INT.withName("ee_info"),
                    INT.withName("ee_data"))
            .withName("struct sock_extended_err");

    static final StructLayout LINGER =
            structLayout(INT.withName("l_onoff"), INT.withName("l_linger")).withName("struct linger");

    static final StructLayout RLIMIT =
            structLayout(LONG.withName("rlim_cur"), LONG.withName("rlim_max")).withName("struct rlimit");

    static final StructLayout POLLFD = structLayout(
                    INT.withName("fd"), SHORT.withName("events"), SHORT.withName("revents"))
            .withName("struct pollfd");

    /** Packed on x86-64 only: 12 bytes with data at 4 there, 16 bytes with data at 8 elsewhere. */
    static final StructLayout EPOLL_EVENT = System.getProperty("os.arch").equals("amd64")
            ? structLayout(INT.withName("events"), LONG.withByteAlignment(1).withName("data"))
                    .withName("struct epoll_event")
            : structLayout(INT.withName("events"), paddingLayout(4), LONG.withName("data"))
                    .withName("struct epoll_event");

    /** Offset of a field in bytes. */
    static long offset(StructLayout struct, String field) {
        return struct.byteOffset(groupElement(field));
    }
}
