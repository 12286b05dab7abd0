package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Libc;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;

/** Asks the kernel for the MTU of a route, as anybody may: IP_MTU of a connected datagram socket (ip(7)). Any thread. */
final class RouteMtu {
    private RouteMtu() {}

    static int of(Destination to) {
        return of(to.v6, to.high, to.low, to.port);
    }

    /** Bytes, or {@link Destination#ASSUMED_MTU} if there is no route now. */
    static int of(boolean v6, long high, long low, int port) {
        int family = v6 ? SocketAddress.AF_INET6 : SocketAddress.AF_INET;
        int fd = Sockets.socket(family, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) return Destination.ASSUMED_MTU;
        try {
            if (Sockets.connect(fd, v6, high, low, Math.max(1, port)) < 0) return Destination.ASSUMED_MTU;
            int mtu = v6
                    ? Sockets.intOption(fd, Sockets.SOL_IPV6, Sockets.IPV6_MTU)
                    : Sockets.intOption(fd, Sockets.SOL_IP, Sockets.IP_MTU);
            return mtu > 0 ? mtu : Destination.ASSUMED_MTU;
        } finally {
            Libc.close(fd);
        }
    }
}
