package io.evenkeel.realserver;

import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the machine shall be. Immutable.
 *
 * @param vips the addresses that a director sends here for
 * @param tunnels how it wraps them; none means direct routing alone
 * @param guePort of {@link Tunnel#GUE}, 1..65535
 * @param interfaces where packets come in; none means every Ethernet interface that is up and has an address
 * @param leaseSeconds after how long the kernel itself removes VIPs that nobody renews; 0 means never
 * @param checks ports whose daemons are looked at; answers of UDP are watched
 * @param mend UDP answers at these ports that leave from another address are rewritten to leave from the VIP
 */
public record Assignment(
        List<IpAddress> vips,
        Set<Tunnel> tunnels,
        int guePort,
        List<String> interfaces,
        int leaseSeconds,
        List<Check> checks,
        boolean mend) {

    /** As many as the program's map takes. */
    static final int MOST_VIPS = 1_024;

    /** Below this a busy machine could lose its VIPs between two renewals. */
    static final int SHORTEST_LEASE = 10;

    /** As many as the program's map takes. */
    static final int MOST_CHECKS = 64;

    /** A day. */
    static final int LONGEST_LEASE = 86_400;

    public Assignment {
        vips = List.copyOf(vips);
        tunnels = Set.copyOf(tunnels);
        interfaces = List.copyOf(interfaces);
        checks = List.copyOf(checks);
    }

    /** Nothing at all: what a machine is before and after. */
    static Assignment none() {
        return new Assignment(List.of(), Set.of(), Tunnel.USUAL_GUE_PORT, List.of(), 0, List.of(), false);
    }

    /** What is wrong with it whatever the machine; empty if nothing. */
    public Optional<Refused> wrong() {
        if (vips.size() > MOST_VIPS) return refused(vips.size() + " VIPs", "at most " + MOST_VIPS);
        Set<IpAddress> seen = new HashSet<>();
        for (IpAddress vip : vips) {
            if (!seen.add(vip)) return refused("the VIP " + vip + " stands there twice", "name it once");
            if (!unicast(vip)) return refused(vip + " cannot be a VIP", "give a unicast address of your network");
        }
        if (guePort < 1 || guePort > 65_535) {
            return refused("there is no port " + guePort, "give 1 to 65535, the one the director has");
        }
        if (leaseSeconds != 0 && (leaseSeconds < SHORTEST_LEASE || leaseSeconds > LONGEST_LEASE)) {
            return refused(
                    "a lease of " + leaseSeconds + " seconds",
                    "give " + SHORTEST_LEASE + " to " + LONGEST_LEASE + ", or 0 for none");
        }
        if (checks.size() > MOST_CHECKS) return refused(checks.size() + " checks", "at most " + MOST_CHECKS);
        if (mend && !watches()) {
            return refused("no UDP port is named whose answers are to be mended", "name it: --check udp:PORT");
        }
        return Optional.empty();
    }

    /** Whether answers are looked at on their way out. */
    boolean watches() {
        return checks.stream().anyMatch(check -> check.protocol() == Protocol.UDP);
    }

    private static boolean unicast(IpAddress vip) {
        if (vip.isAny()) return false;
        int first = (int) (vip.v6() ? vip.high() >>> 56 : vip.low() >>> 24) & 255;
        if (!vip.v6()) return first != 0 && first != 127 && first < 224;
        boolean loopback = vip.high() == 0 && vip.low() == 1;
        boolean mapped = vip.high() == 0 && vip.low() >>> 32 == 0xffff;
        boolean linkLocal = vip.high() >>> 54 == 0xfe80 >>> 6;
        return first != 0xff && !loopback && !mapped && !linkLocal;
    }

    private static Optional<Refused> refused(String what, String remedy) {
        return Optional.of(new Refused(what, remedy));
    }
}
