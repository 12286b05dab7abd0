package io.evenkeel.realserver;

import io.evenkeel.linux.RouteSocket;
import io.evenkeel.model.Refused;
import java.util.ArrayList;
import java.util.List;

/** The commands that a person would type instead of letting us do it. Any platform thread. */
public final class ByHand {
    private ByHand() {}

    /** What is to be typed, or why it would be no use. */
    public sealed interface Sheet {
        /** @param lines commands, and remarks that begin with # */
        record Commands(List<String> lines) implements Sheet {
            public Commands {
                lines = List.copyOf(lines);
            }
        }

        record Denied(List<Refused> reasons) implements Sheet {
            public Denied {
                reasons = List.copyOf(reasons);
            }
        }
    }

    /** For this machine as it is now. Changes nothing, and needs no privilege. */
    public static Sheet commands(Assignment assignment) {
        if (assignment.wrong().isPresent())
            return new Sheet.Denied(List.of(assignment.wrong().get()));
        try (RouteSocket socket = new RouteSocket()) {
            return commands(assignment, Facts.read(socket, new Sysctls(Sysctls.ROOT)));
        }
    }

    /** Pure. */
    static Sheet commands(Assignment assignment, Facts facts) {
        Plan plan = Plan.of(assignment, facts);
        if (!plan.refusals().isEmpty()) return new Sheet.Denied(plan.refusals());
        List<String> lines = new ArrayList<>();
        plan.notes().forEach(note -> lines.add("# " + note));
        lines.add("# to prepare");
        plan.changes().forEach(change -> lines.add(change.command()));
        assignment.tunnels().stream().sorted().forEach(tunnel -> lines.addAll(devices(tunnel, assignment.guePort())));
        lines.add("# to undo");
        assignment.tunnels().stream().sorted().forEach(tunnel -> lines.addAll(undevices(tunnel)));
        plan.changes().reversed().forEach(change -> lines.add(change.undoCommand()));
        return new Sheet.Commands(lines);
    }

    /**
     * The kernel's own devices, which without parameters take what no other tunnel takes. A packet of theirs comes in
     * on a device that no route leads back through, hence the reverse path filter.
     */
    private static List<String> devices(Tunnel tunnel, int guePort) {
        List<String> ipip = List.of(
                "modprobe -a ipip sit ip6_tunnel  # the kernel's own devices; evenkeel needs none of them",
                "ip link set tunl0 up",
                "ip link set sit0 up",
                "ip link set ip6tnl0 up",
                "sysctl -w net/ipv4/conf/tunl0/rp_filter=2");
        return switch (tunnel) {
            case IPIP -> ipip;
            case GRE ->
                List.of(
                        "modprobe -a ip_gre ip6_gre",
                        "ip link set gre0 up",
                        "ip link set ip6gre0 up",
                        "sysctl -w net/ipv4/conf/gre0/rp_filter=2");
            case GUE ->
                List.of(
                        "modprobe -a fou fou6 ipip sit ip6_tunnel",
                        "ip fou add port " + guePort + " gue",
                        "ip -6 fou add port " + guePort + " gue",
                        "ip link set tunl0 up",
                        "sysctl -w net/ipv4/conf/tunl0/rp_filter=2");
        };
    }

    private static List<String> undevices(Tunnel tunnel) {
        return switch (tunnel) {
            case IPIP -> List.of("ip link set tunl0 down", "ip link set sit0 down", "ip link set ip6tnl0 down");
            case GRE -> List.of("ip link set gre0 down", "ip link set ip6gre0 down");
            case GUE -> List.of("modprobe -r fou fou6");
        };
    }
}
