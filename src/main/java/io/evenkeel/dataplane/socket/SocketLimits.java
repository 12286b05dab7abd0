package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** What the socket plane can do on this machine, and why not the rest. Any thread. */
final class SocketLimits {
    private SocketLimits() {}

    private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int USUAL_PORT_RANGE = 60_999 - 32_768 + 1;

    static PlaneLimits here(int workers) {
        return new PlaneLimits(
                "socket",
                Optional.of(new Refused(
                        "that needs frames of our own, and ordinary sockets cannot send any", "use lb_kind NAT")),
                Optional.of(new Refused(
                        "that needs packets of our own, and ordinary sockets cannot send any", "use lb_kind NAT")),
                transparent(),
                false,
                Set.of(),
                ForwardingTable.MAX_SERVERS,
                workers);
    }

    private static Optional<Refused> transparent() {
        int fd = Sockets.socket(SocketAddress.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) return Optional.of(new Refused("transparent: socket: " + Errno.text(-fd), ""));
        int answer = Sockets.setOption(fd, Sockets.SOL_IP, Sockets.IP_TRANSPARENT, 1);
        Libc.close(fd);
        if (answer == 0) return Optional.empty();
        return Optional.of(new Refused("it needs the capability CAP_NET_ADMIN", "grant it, or use proxy_protocol v2"));
    }

    /** Ports that the kernel gives to sockets bound to none. */
    static int portRange() {
        try {
            String[] ends = Files.readString(PORT_RANGE).strip().split("\\s+");
            return Integer.parseInt(ends[1]) - Integer.parseInt(ends[0]) + 1;
        } catch (IOException | RuntimeException unreadable) {
            return USUAL_PORT_RANGE; // no /proc here: the kernel's own default
        }
    }
}
