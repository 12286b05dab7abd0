package io.evenkeel.linux;

/**
 * A network interface as the kernel describes it (RTM_NEWLINK). Immutable.
 *
 * @param index > 0; unique in its namespace, never used again while the namespace lives unless asked for
 * @param name up to 15 bytes
 * @param ethernet its link layer is Ethernet, so that {@code mac} means something
 * @param mac the hardware address in the low 48 bits; 0 if it has none of 6 bytes
 * @param mtu bytes of an IP packet, > 0
 * @param up administratively up (IFF_UP)
 * @param carrier packets can leave: up, and the lower layer has a signal (IFF_LOWER_UP)
 * @param resolves neighbours are asked for by ARP or ND (not IFF_NOARP)
 * @param master index of the bridge, bond or VRF it belongs to; 0 if none
 * @param kind the driver's name, e.g. {@code veth}, {@code bridge}, {@code vlan}; empty for a physical one
 * @param lower index of the interface it is made of, for a veth its peer's; 0 if none
 * @param lowerElsewhere {@code lower} counts in another namespace
 * @param xdp whether an XDP program is attached
 * @param xdpProgram that program's id; 0 if none, or if there are several
 */
public record Link(
        int index,
        String name,
        boolean ethernet,
        long mac,
        int mtu,
        boolean up,
        boolean carrier,
        boolean resolves,
        int master,
        String kind,
        int lower,
        boolean lowerElsewhere,
        XdpMode xdp,
        int xdpProgram) {

    /** Index of a veth's peer, in the namespace it is in; 0 if this is not a veth. */
    public int peer() {
        return kind.equals("veth") ? lower : 0;
    }
}
