package io.evenkeel.health;

import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.ProbeSocket;
import io.evenkeel.model.Check;
import io.evenkeel.model.IpAddress;
import java.util.OptionalInt;

/**
 * UDP_CHECK: send a datagram from a connected socket. A reply that fits passes, a quoted ICMP error fails; silence
 * passes without proof unless a reply is required.
 */
record UdpProbe(Check.Udp check) implements Probe {

    /** Bytes of a reply that are looked at; more are only counted. */
    private static final int LOOKED_AT = 4_096;

    @Override
    public ProbeOutcome run(ProbeRun run) {
        Check.Target target = check.target();
        IpAddress address = target.endpoint().address();
        try (ProbeSocket socket = TargetSocket.open(ProbeSocket.Kind.DATAGRAM, target)) {
            int connected = socket.connect(
                    address.high(), address.low(), target.endpoint().port());
            if (connected < 0) return Fault.atOnce("connect", -connected);
            int sent = socket.sendDatagram(check.payload().toBytes());
            if (sent < 0) return Fault.atOnce("send", -sent);
            run.startClock(check.timing().timeout());
            return listen(socket, run);
        }
    }

    private ProbeOutcome listen(ProbeSocket socket, ProbeRun run) {
        byte[] reply = new byte[LOOKED_AT];
        while (run.ready(socket.fd(), Epoll.IN)) {
            int length = socket.receive(reply, 0, true);
            if (length >= 0) return judge(reply, length, run);
            int error = length == -Errno.EAGAIN ? socket.takeError() : -length;
            if (error == Errno.ECONNREFUSED) return new ProbeOutcome.Failed("port closed (ICMP port unreachable)");
            // A router's hint about the path's MTU, or a wake-up for nothing: neither is an answer.
            if (error != 0 && error != Errno.EMSGSIZE && error != Errno.EAGAIN) return Fault.fromTheNetwork(error);
        }
        if (check.reply().isPresent() || !run.timedOut()) return run.overdue("no reply");
        return new ProbeOutcome.Unproven("silent and no ICMP error in "
                + Evidence.duration(check.timing().timeout().toNanos()) + "; no reply is required");
    }

    private ProbeOutcome judge(byte[] reply, int length, ProbeRun run) {
        return ReplyRule.mismatch(check, reply, length)
                .<ProbeOutcome>map(ProbeOutcome.Failed::new)
                .orElseGet(() -> new ProbeOutcome.Passed(
                        "reply of " + Evidence.bytes(length) + " in " + run.took(), OptionalInt.empty()));
    }
}
