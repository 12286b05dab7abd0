package io.evenkeel.dataplane.kernel;

import io.evenkeel.model.IpAddress;
import org.jspecify.annotations.Nullable;

/** Where a packet to some address has to go now. Immutable. */
public sealed interface NextHop {

    /**
     * Out of an interface to a hardware address. The interface is the route's: it may be a bridge, a bond or a VLAN.
     *
     * @param ifindex > 0
     * @param destinationMac of the destination or its gateway, in the low 48 bits
     * @param sourceMac of the interface, in the low 48 bits
     * @param mtu bytes of an IP packet: the interface's or, if smaller, the route's
     * @param source the address that the kernel would send from; null if it names none
     * @param onLink no gateway is between
     */
    record Resolved(
            int ifindex,
            long destinationMac,
            long sourceMac,
            int mtu,
            @Nullable IpAddress source,
            boolean onLink) implements NextHop {

        /** On the link, from no address in particular. */
        Resolved(int ifindex, long destinationMac, long sourceMac, int mtu) {
            this(ifindex, destinationMac, sourceMac, mtu, null, true);
        }
    }

    /**
     * The hardware address is not known, or the one that was known does not answer any more. It is being asked for.
     *
     * @param gateway the destination itself if it is on that link
     */
    record Unresolved(int ifindex, IpAddress gateway) implements NextHop {}

    /** Nowhere. {@code why} is for people. */
    record Unreachable(String why) implements NextHop {}

    /** It is an address of this machine. */
    record Local() implements NextHop {}
}
