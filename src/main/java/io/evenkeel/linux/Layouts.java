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

    static final StructLayout SOCKADDR_NL = structLayout(
                    SHORT.withName("nl_family"), paddingLayout(2), INT.withName("nl_pid"), INT.withName("nl_groups"))
            .withName("struct sockaddr_nl");

    static final StructLayout NLMSGHDR = structLayout(
                    INT.withName("nlmsg_len"),
                    SHORT.withName("nlmsg_type"),
                    SHORT.withName("nlmsg_flags"),
                    INT.withName("nlmsg_seq"),
                    INT.withName("nlmsg_pid"))
            .withName("struct nlmsghdr");

    static final StructLayout NLMSGERR =
            structLayout(INT.withName("error"), NLMSGHDR.withName("msg")).withName("struct nlmsgerr");

    static final StructLayout RTATTR =
            structLayout(SHORT.withName("rta_len"), SHORT.withName("rta_type")).withName("struct rtattr");

    static final StructLayout IFINFOMSG = structLayout(
                    BYTE.withName("ifi_family"),
                    paddingLayout(1),
                    SHORT.withName("ifi_type"),
                    INT.withName("ifi_index"),
                    INT.withName("ifi_flags"),
                    INT.withName("ifi_change"))
            .withName("struct ifinfomsg");

    static final StructLayout IFADDRMSG = structLayout(
                    BYTE.withName("ifa_family"),
                    BYTE.withName("ifa_prefixlen"),
                    BYTE.withName("ifa_flags"),
                    BYTE.withName("ifa_scope"),
                    INT.withName("ifa_index"))
            .withName("struct ifaddrmsg");

    static final StructLayout IFA_CACHEINFO = structLayout(
                    INT.withName("ifa_prefered"),
                    INT.withName("ifa_valid"),
                    INT.withName("cstamp"),
                    INT.withName("tstamp"))
            .withName("struct ifa_cacheinfo");

    static final StructLayout NDMSG = structLayout(
                    BYTE.withName("ndm_family"),
                    paddingLayout(3),
                    INT.withName("ndm_ifindex"),
                    SHORT.withName("ndm_state"),
                    BYTE.withName("ndm_flags"),
                    BYTE.withName("ndm_type"))
            .withName("struct ndmsg");

    static final StructLayout RTMSG = structLayout(
                    BYTE.withName("rtm_family"),
                    BYTE.withName("rtm_dst_len"),
                    BYTE.withName("rtm_src_len"),
                    BYTE.withName("rtm_tos"),
                    BYTE.withName("rtm_table"),
                    BYTE.withName("rtm_protocol"),
                    BYTE.withName("rtm_scope"),
                    BYTE.withName("rtm_type"),
                    INT.withName("rtm_flags"))
            .withName("struct rtmsg");

    static final StructLayout RTNEXTHOP = structLayout(
                    SHORT.withName("rtnh_len"),
                    BYTE.withName("rtnh_flags"),
                    BYTE.withName("rtnh_hops"),
                    INT.withName("rtnh_ifindex"))
            .withName("struct rtnexthop");

    static final StructLayout TCMSG = structLayout(
                    BYTE.withName("tcm_family"),
                    paddingLayout(3),
                    INT.withName("tcm_ifindex"),
                    INT.withName("tcm_handle"),
                    INT.withName("tcm_parent"),
                    INT.withName("tcm_info"))
            .withName("struct tcmsg");

    static final StructLayout GENLMSGHDR = structLayout(
                    BYTE.withName("cmd"), BYTE.withName("version"), SHORT.withName("reserved"))
            .withName("struct genlmsghdr");

    static final StructLayout IFREQ = structLayout(
                    sequenceLayout(16, BYTE).withName("ifr_name"), LONG.withName("ifr_data"), paddingLayout(16))
            .withName("struct ifreq");

    static final StructLayout ETHTOOL_DRVINFO = structLayout(
                    INT.withName("cmd"), sequenceLayout(32, BYTE).withName("driver"), paddingLayout(160))
            .withName("struct ethtool_drvinfo");

    static final StructLayout ETHTOOL_SSET_INFO = structLayout(
                    INT.withName("cmd"), INT.withName("reserved"), LONG.withName("sset_mask"))
            .withName("struct ethtool_sset_info");

    static final StructLayout ETHTOOL_GSTRINGS = structLayout(
                    INT.withName("cmd"), INT.withName("string_set"), INT.withName("len"))
            .withName("struct ethtool_gstrings");

    static final StructLayout ETHTOOL_GFEATURES =
            structLayout(INT.withName("cmd"), INT.withName("size")).withName("struct ethtool_gfeatures");

    static final StructLayout ETHTOOL_GET_FEATURES_BLOCK = structLayout(
                    INT.withName("available"),
                    INT.withName("requested"),
                    INT.withName("active"),
                    INT.withName("never_changed"))
            .withName("struct ethtool_get_features_block");

    static final StructLayout ETHTOOL_CHANNELS = structLayout(
                    INT.withName("cmd"),
                    INT.withName("max_rx"),
                    INT.withName("max_tx"),
                    INT.withName("max_other"),
                    INT.withName("max_combined"),
                    INT.withName("rx_count"),
                    INT.withName("tx_count"),
                    INT.withName("other_count"),
                    INT.withName("combined_count"))
            .withName("struct ethtool_channels");

    static final StructLayout ETHTOOL_RXNFC = structLayout(
                    INT.withName("cmd"), INT.withName("flow_type"), LONG.withName("data"), paddingLayout(176))
            .withName("struct ethtool_rxnfc");

    /** Offset of a field in bytes. */
    static long offset(StructLayout struct, String field) {
        return struct.byteOffset(groupElement(field));
    }
}
