package io.evenkeel.health;

import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.ProbeSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Check;
import io.evenkeel.model.IpAddress;
import java.time.Duration;
import java.util.Optional;

/** Opens and connects a probe's socket as its target says. On the probe's virtual thread. */
final class TargetSocket {
    private TargetSocket() {}

    /** @throws SyscallException if a socket with these properties is not to be had here; never the realserver's fault */
    static ProbeSocket open(ProbeSocket.Kind kind, Check.Target target) {
        boolean v6 = target.endpoint().address().v6();
        ProbeSocket socket = ProbeSocket.open(kind, v6);
        try {
            target.bindInterface().ifPresent(socket::bindToInterface);
            if (target.fwmark() != 0) socket.mark(target.fwmark());
            if (target.bindAddress().isPresent() || target.bindPort() != 0) bind(socket, target, v6);
            if (kind == ProbeSocket.Kind.STREAM && target.bindPort() != 0) socket.resetOnClose();
            if (kind != ProbeSocket.Kind.STREAM) socket.reportErrors();
            return socket;
        } catch (RuntimeException refused) {
            socket.close();
            throw refused;
        }
    }

    private static void bind(ProbeSocket socket, Check.Target target, boolean v6) {
        IpAddress any = v6 ? IpAddress.v6(0, 0) : IpAddress.v4(0);
        IpAddress address = target.bindAddress().orElse(any);
        String shown = target.bindPort() == 0 ? address.toString() : address + " port " + target.bindPort();
        if (address.v6() != v6) throw new SyscallException("bind", Errno.EAFNOSUPPORT, shown);
        socket.bind(address.high(), address.low(), target.bindPort(), shown);
    }

    /**
     * Connects a stream and starts the run's clock.
     *
     * @return why not, or empty once connected
     */
    static Optional<ProbeOutcome> connect(ProbeSocket socket, Check.Target target, ProbeRun run, Duration timeout) {
        IpAddress address = target.endpoint().address();
        int answer =
                socket.connect(address.high(), address.low(), target.endpoint().port());
        run.startClock(timeout);
        if (answer >= 0) return Optional.empty();
        if (answer != -Errno.EINPROGRESS) return Optional.of(Fault.atOnce("connect", -answer));
        if (!run.ready(socket.fd(), Epoll.OUT)) return Optional.of(run.overdue("no answer"));
        int error = socket.takeError();
        return error == 0 ? Optional.empty() : Optional.of(Fault.fromTheNetwork(error));
    }
}
