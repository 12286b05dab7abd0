package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import org.jspecify.annotations.Nullable;

/** Opens the datagram sockets of the plane, each with the options its job needs. Any thread. */
final class DatagramSockets {
    private DatagramSockets() {}

    /** Asked for; without CAP_NET_ADMIN the kernel gives at most net.core.rmem_max and wmem_max. */
    private static final int FRONT_BUFFER_BYTES = 16 << 20;

    /** One client's replies: some thousand of them may wait. Memory is used only for what waits. */
    private static final int BACK_BUFFER_BYTES = 1 << 20;

    private static final int TYPE = Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;

    private static int socket(boolean v6) {
        return Sockets.socket(v6 ? SocketAddress.AF_INET6 : SocketAddress.AF_INET, TYPE, 0);
    }

    /**
     * A socket that receives what clients send to {@code vip}, one of a group (SO_REUSEPORT), as the VIP may yet have to
     * arrive on this host (IP_FREEBIND).
     *
     * @return a descriptor, or {@code -errno}
     */
    static int front(Endpoint vip) {
        boolean v6 = vip.address().v6();
        int fd = socket(v6);
        if (fd < 0) return fd;
        int error = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, 1);
        if (error == 0) error = Sockets.setOption(fd, Sockets.SOL_UDP, Sockets.UDP_GRO, 1);
        if (error == 0) error = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL, 1);
        if (error == 0 && vip.address().isAny()) error = askForLocalAddress(fd, v6);
        if (error == 0) error = bindTo(fd, vip);
        if (error < 0) return closed(fd, error);
        enlarge(fd, Sockets.SO_RCVBUFFORCE, Sockets.SO_RCVBUF, FRONT_BUFFER_BYTES);
        enlarge(fd, Sockets.SO_SNDBUFFORCE, Sockets.SO_SNDBUF, FRONT_BUFFER_BYTES);
        return fd;
    }

    private static int askForLocalAddress(int fd, boolean v6) {
        return v6
                ? Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_RECVPKTINFO, 1)
                : Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_PKTINFO, 1);
    }

    private static int bindTo(int fd, Endpoint vip) {
        boolean v6 = vip.address().v6();
        int error = v6
                ? Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_FREEBIND, 1)
                : Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_FREEBIND, 1);
        if (error == 0 && v6) error = Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_V6ONLY, 1);
        if (error < 0) return error;
        return Sockets.bind(fd, v6, vip.address().high(), vip.address().low(), vip.port());
    }

    /** A buffer that stays smaller than asked costs datagrams, which are counted, not correctness. */
    private static void enlarge(int fd, int forced, int plain, int bytes) {
        if (Sockets.setOption(fd, Sockets.SOL_SOCKET, forced, bytes) == 0) return;
        int answer = Sockets.setOption(fd, Sockets.SOL_SOCKET, plain, bytes);
        assert answer == 0 : answer;
    }

    /** Binds and closes again without SO_REUSEPORT, so that a foreign owner of the port is seen: 0 or {@code -errno}. */
    static int probe(Endpoint vip) {
        int fd = socket(vip.address().v6());
        if (fd < 0) return fd;
        return closed(fd, bindTo(fd, vip));
    }

    /**
     * A socket towards realservers, bound to a port of the kernel's choice.
     *
     * @param source the address it sends from, null to let the route choose
     * @return a descriptor, or {@code -errno}
     */
    static int towardsRealservers(boolean v6, @Nullable IpAddress source) {
        int fd = socket(v6);
        if (fd < 0) return fd;
        int error = v6
                ? Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_RECVERR, 1)
                : Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_RECVERR, 1);
        // What is longer than the path carries is fragmented on the way, not lost: one datagram in, one out.
        if (error == 0 && !v6) {
            error = Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_MTU_DISCOVER, Sockets.IP_PMTUDISC_DONT);
        }
        if (error == 0 && v6) error = Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_V6ONLY, 1);
        if (error == 0) error = Sockets.setOption(fd, Sockets.SOL_UDP, Sockets.UDP_GRO, 1);
        if (error == 0) error = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL, 1);
        if (error == 0) {
            long high = source == null ? 0 : source.high();
            long low = source == null ? 0 : source.low();
            error = Sockets.bind(fd, v6, high, low, 0);
        }
        // Not before: two of ours would get one port. A client who uses this one may be borne by a transparent socket.
        if (error == 0) error = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        if (error < 0) return closed(fd, error);
        enlarge(fd, Sockets.SO_RCVBUFFORCE, Sockets.SO_RCVBUF, BACK_BUFFER_BYTES);
        return fd;
    }

    /** As {@link #towardsRealservers}, with room for the bursts of a whole service. */
    static int oneWay(boolean v6, @Nullable IpAddress source) {
        int fd = towardsRealservers(v6, source);
        if (fd >= 0) enlarge(fd, Sockets.SO_SNDBUFFORCE, Sockets.SO_SNDBUF, FRONT_BUFFER_BYTES);
        return fd;
    }

    /**
     * A socket that sends from a client's own address (CAP_NET_ADMIN). SO_REUSEADDR, because each worker may need one of
     * its own for the same client.
     *
     * @return a descriptor, or {@code -errno}
     */
    static int transparent(boolean v6, long high, long low, int port) {
        int fd = socket(v6);
        if (fd < 0) return fd;
        int error = v6
                ? Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_TRANSPARENT, 1)
                : Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_TRANSPARENT, 1);
        if (error == 0) error = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        if (error == 0 && !v6) {
            error = Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_MTU_DISCOVER, Sockets.IP_PMTUDISC_DONT);
        }
        if (error == 0) error = Sockets.bind(fd, v6, high, low, port);
        return error < 0 ? closed(fd, error) : fd;
    }

    private static int closed(int fd, int answer) {
        Libc.close(fd);
        return answer;
    }

    /** What a failed opening of a front means to the operator. */
    static Refused refused(ServiceKey key, int errno) {
        String listing = key.protocol() == Protocol.UDP ? "ss -lunp" : "ss -ltnp";
        String what = "bind " + key + ": " + (errno == Errno.EADDRINUSE ? "port in use" : Errno.text(errno));
        String remedy = switch (errno) {
            case Errno.EADDRINUSE ->
                "another program holds it: " + listing + " 'sport = :"
                        + key.vip().port() + "' names it";
            case Errno.EACCES, Errno.EPERM ->
                "grant CAP_NET_BIND_SERVICE, lower net.ipv4.ip_unprivileged_port_start, or use a port above it";
            case Errno.EMFILE -> "raise the limit of open files (ulimit -n, LimitNOFILE=)";
            case Errno.ENFILE -> "raise fs.file-max";
            case Errno.EAFNOSUPPORT -> "this kernel has no IPv6, or it is disabled";
            case Errno.ENOPROTOOPT -> "UDP_GRO needs Linux 5.0 or newer";
            default -> "";
        };
        return new Refused(what, remedy);
    }
}
