package io.evenkeel.health;

import io.evenkeel.linux.ProbeSocket;
import io.evenkeel.model.Check;
import java.util.OptionalInt;

/**
 * TCP_CHECK: connect, then close. The kernel completes the handshake for a process that listens, even if that process
 * is stopped, so the evidence says "connected" and no more.
 */
record TcpProbe(Check.Tcp check) implements Probe {

    @Override
    public ProbeOutcome run(ProbeRun run) {
        try (ProbeSocket socket = TargetSocket.open(ProbeSocket.Kind.STREAM, check.target())) {
            return TargetSocket.connect(
                            socket, check.target(), run, check.timing().timeout())
                    .orElseGet(() -> new ProbeOutcome.Passed("connected in " + run.took(), OptionalInt.empty()));
        }
    }
}
