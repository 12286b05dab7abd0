package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.linux.StreamSockets;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import org.jspecify.annotations.Nullable;

/** Opens the stream sockets of the plane, each with the options its job needs. Any thread. */
final class StreamOpening {
    private StreamOpening() {}

    /** Connections that may wait to be accepted; net.core.somaxconn bounds it too. */
    static final int BACKLOG = 4_096;

    /**
     * Bytes that the kernel may hold for a receiver beyond what the receiver's window takes. More would only hide from
     * the sender that its reader has stopped.
     */
    static final int UNSENT_BYTES = 128 << 10;

    private static final int TYPE = Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;

    private static int socket(boolean v6) {
        return Sockets.socket(v6 ? SocketAddress.AF_INET6 : SocketAddress.AF_INET, TYPE, 0);
    }

    /**
     * A socket bound to {@code vip} that does not listen yet, one of a group (SO_REUSEPORT); the VIP may yet have to
     * arrive on this host (IP_FREEBIND).
     *
     * @return a descriptor, or {@code -errno}
     */
    static int open(Endpoint vip) {
        int fd = socket(vip.address().v6());
        if (fd < 0) return fd;
        int error = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, 1);
        if (error == 0) error = bindTo(fd, vip);
        tune(fd); // what it accepts inherits this
        return error < 0 ? closed(fd, error) : fd;
    }

    /**
     * Binds and closes again without SO_REUSEPORT, so that a foreign listener on the port is seen; connections of an
     * earlier one that are in TIME_WAIT are not in the way (SO_REUSEADDR).
     *
     * @return 0 or {@code -errno}
     */
    static int probe(Endpoint vip) {
        int fd = socket(vip.address().v6());
        if (fd < 0) return fd;
        return closed(fd, bindTo(fd, vip));
    }

    private static int bindTo(int fd, Endpoint vip) {
        boolean v6 = vip.address().v6();
        int error = Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        if (error == 0 && v6) error = Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_V6ONLY, 1);
        if (error == 0) {
            error = v6
                    ? Sockets.setOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_FREEBIND, 1)
                    : Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_FREEBIND, 1);
        }
        if (error < 0) return error;
        return Sockets.bind(fd, v6, vip.address().high(), vip.address().low(), vip.port());
    }

    /**
     * Begins to connect.
     *
     * @param source the address to connect from, of the same family; null to let the route choose
     * @return a descriptor whose connection is under way, or {@code -errno}
     */
    static int connect(Endpoint to, @Nullable IpAddress source) {
        int fd = socket(to.address().v6());
        if (fd < 0) return fd;
        tune(fd);
        if (source != null) {
            int error = bindSource(fd, source);
            if (error < 0) return closed(fd, error);
        }
        int answer = Sockets.connect(
                fd, to.address().v6(), to.address().high(), to.address().low(), to.port());
        return answer < 0 && answer != -Errno.EINPROGRESS ? closed(fd, answer) : fd;
    }

    /** The port is chosen when the destination is known, so that every realserver has the whole range of ports. */
    private static int bindSource(int fd, IpAddress source) {
        int error = Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_BIND_ADDRESS_NO_PORT, 1);
        return error < 0 ? error : Sockets.bind(fd, source.v6(), source.high(), source.low(), 0);
    }

    /** What a relayed socket needs: no waiting for more to send, and little unsent. */
    static void tune(int fd) {
        Sockets.setOption(fd, Sockets.IPPROTO_TCP, StreamSockets.TCP_NODELAY, 1);
        Sockets.setOption(fd, Sockets.IPPROTO_TCP, StreamSockets.TCP_NOTSENT_LOWAT, UNSENT_BYTES);
    }

    private static int closed(int fd, int answer) {
        Libc.close(fd);
        return answer;
    }
}
