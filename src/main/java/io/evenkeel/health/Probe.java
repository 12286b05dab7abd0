package io.evenkeel.health;

import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Check;

/** One way to ask a realserver. Blocks its virtual thread, never natively. */
sealed interface Probe permits TcpProbe, HttpProbe, UdpProbe, PingProbe, MiscProbe {

    /** @throws SyscallException for our own trouble: the probe is worthless */
    ProbeOutcome run(ProbeRun run);

    static Probe of(Check check) {
        return switch (check) {
            case Check.Tcp tcp -> new TcpProbe(tcp);
            case Check.Http http -> new HttpProbe(http);
            case Check.Udp udp -> new UdpProbe(udp);
            case Check.Ping ping -> new PingProbe(ping);
            case Check.Misc misc -> new MiscProbe(misc);
        };
    }
}
