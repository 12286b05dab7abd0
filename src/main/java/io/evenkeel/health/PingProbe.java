package io.evenkeel.health;

import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.ProbeSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Check;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * PING_CHECK: one ICMP echo. The host's kernel answers it, also for a service whose process is stopped or gone, so a
 * reply passes without proving the service alive.
 */
record PingProbe(Check.Ping check) implements Probe {

    private static final Path GROUP_RANGE = Path.of("/proc/sys/net/ipv4/ping_group_range"); // serves IPv6 too

    @Override
    public ProbeOutcome run(ProbeRun run) {
        try {
            return echo(ProbeSocket.Kind.ECHO, run);
        } catch (SyscallException refused) {
            if (refused.errno() != Errno.EACCES) throw refused;
        }
        try {
            return echo(ProbeSocket.Kind.RAW_ECHO, run);
        } catch (SyscallException refused) {
            if (refused.errno() != Errno.EPERM) throw refused;
            return new ProbeOutcome.Worthless(
                    "ping is not permitted here: net.ipv4.ping_group_range is \"%s\"; allow it with sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", or grant CAP_NET_RAW"
                            .formatted(groupRange()));
        }
    }

    private ProbeOutcome echo(ProbeSocket.Kind kind, ProbeRun run) {
        Check.Target target = check.target();
        IpAddress address = target.endpoint().address();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] request = IcmpEcho.request(address.v6(), random.nextInt(1 << 16), 1, random.nextLong());
        try (ProbeSocket socket = TargetSocket.open(kind, target)) {
            int connected = socket.connect(address.high(), address.low(), 0);
            if (connected < 0) return Fault.atOnce("connect", -connected);
            int sent = socket.sendDatagram(request);
            if (sent < 0) return Fault.atOnce("send", -sent);
            run.startClock(check.timing().timeout());
            return listen(socket, request, kind == ProbeSocket.Kind.RAW_ECHO, run);
        }
    }

    private ProbeOutcome listen(ProbeSocket socket, byte[] request, boolean raw, ProbeRun run) {
        boolean v6 = check.target().endpoint().address().v6();
        byte[] packet = new byte[IcmpEcho.LONGEST_REPLY];
        while (run.ready(socket.fd(), Epoll.IN)) {
            int length = socket.receive(packet, 0, false);
            if (length >= 0) {
                if (!IcmpEcho.answers(packet, length, request, v6, raw)) continue; // e.g. our own request on loopback
                return new ProbeOutcome.Unproven(
                        "host answered ping in " + run.took() + "; that says nothing about the service");
            }
            int error = length == -Errno.EAGAIN ? socket.takeError() : -length;
            if (error != 0 && error != Errno.EMSGSIZE && error != Errno.EAGAIN) return Fault.fromTheNetwork(error);
        }
        return run.overdue("no echo reply");
    }

    /** In one read: a sysctl gives its value to the first read only, and the library's readers begin with one byte. */
    private static String groupRange() {
        byte[] value = new byte[64];
        try (InputStream in = Files.newInputStream(GROUP_RANGE)) {
            int length = in.read(value);
            return new String(value, 0, Math.max(0, length), StandardCharsets.US_ASCII)
                    .strip()
                    .replace('\t', ' ');
        } catch (IOException unreadable) {
            return "unreadable";
        }
    }
}
