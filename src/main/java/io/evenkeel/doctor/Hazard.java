package io.evenkeel.doctor;

import static io.evenkeel.doctor.Plane.KERNEL;
import static io.evenkeel.doctor.Plane.SOCKET;
import static io.evenkeel.doctor.Severity.HAZARD;
import static io.evenkeel.doctor.Severity.NOTE;
import static io.evenkeel.doctor.Severity.STOPS;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Everything the doctor looks for, once. docs/doctor.md is made of it. Scripts depend on the words; none changes its meaning. */
public enum Hazard {
    // the machine
    KERNEL_PLANE(STOPS, "The kernel plane cannot run without it.", KERNEL),
    JIT_OFF(HAZARD, "BPF programs are interpreted, at a fraction of their speed.", KERNEL),
    NO_FORWARDING(
            HAZARD,
            "The kernel looks up no routes for others, so a packet whose next hop the program does not know yet is lost.",
            KERNEL),
    NO_FORWARDING_V6(
            HAZARD,
            "The kernel looks up no IPv6 routes for others, so a packet whose next hop the program does not know yet is"
                    + " lost.",
            KERNEL),
    CONNTRACK(
            NOTE, "Each packet through the stack costs a lookup in its table, and is dropped when the table is full."),
    CONNTRACK_FULL(
            HAZARD, "When the table is full, the kernel drops the packets of new flows before Evenkeel sees them."),
    FEW_DESCRIPTORS(NOTE, "Fewer replies and connections can be under way at a time than the file asks for.", SOCKET),
    NO_DESCRIPTORS(STOPS, "The socket plane cannot even open its own sockets.", SOCKET),
    SMALL_BUFFERS(NOTE, "Without CAP_NET_ADMIN a burst larger than this is lost in the receive buffer.", SOCKET),

    // interfaces
    LINK_DOWN(HAZARD, "No packet comes in or leaves here."),
    NO_NATIVE_XDP(HAZARD, "The kernel plane does not see what arrives here.", KERNEL),
    FOREIGN_XDP(STOPS, "One program at a time can be attached, and Evenkeel never replaces another's.", KERNEL),
    FOREIGN_TC(
            HAZARD, "Evenkeel joins no hook that another uses, and that program may take or change packets.", KERNEL),
    VETH_WITHOUT_NAPI(
            HAZARD,
            "What XDP sends into a veth is lost without a trace unless the other end has GRO on or a program of its own.",
            KERNEL),
    VETH_CHECKSUMS(
            HAZARD,
            "What is sent there arrives with its checksum unfinished; forwarded by XDP it stays so, and the receiver drops"
                    + " it.",
            KERNEL),
    VETH_OWN_CHECKSUMS(
            NOTE,
            "What this machine itself sends here leaves with its checksum unfinished, which a program at the other end"
                    + " would pass on as it is.",
            KERNEL),
    VETH_QUEUES(
            HAZARD,
            "A veth takes no XDP program while its other end sends on more queues than it receives on.",
            KERNEL),
    LRO_ON(
            HAZARD,
            "The card merges packets, which must not be forwarded, and refuses or starves XDP programs.",
            KERNEL),
    VLAN_STRIPPED(
            HAZARD, "The card removes VLAN tags before XDP sees the frame, so tagged frames look untagged.", KERNEL),
    ON_VLAN_DEVICE(HAZARD, "XDP sees frames on the device below, with their tags, and nothing here.", KERNEL),
    IN_BRIDGE_OR_BOND(NOTE, "XDP sees frames on the member or the whole, not on both.", KERNEL),
    MTU_TOO_LARGE(
            STOPS, "A frame does not fit the one page that XDP gives it, so the driver refuses the program.", KERNEL),
    FEW_QUEUES(NOTE, "Each receive queue is served by one CPU; the others have nothing to do.", KERNEL),
    RSS_WITHOUT_PORTS(
            NOTE, "All datagrams from one client address to one VIP land on one queue, so on one CPU.", KERNEL),
    STRICT_RP_FILTER(
            HAZARD,
            "The stack drops packets of clients whose way back leads through another interface, uncounted by us."),
    SENDS_REDIRECTS(
            HAZARD,
            "Packets that leave through the interface they came by make the kernel tell senders to go around this machine."),

    // services
    VIP_ABSENT(HAZARD, "Packets to it are not for this machine: nobody answers for it, or another machine does."),
    VIP_DUPLICATE(HAZARD, "Another machine has the address, so this one does not use it."),
    VIP_SILENT(HAZARD, "No neighbour learns where the VIP is, so packets to it never come."),
    VIP_ANSWERS_TWICE(
            HAZARD,
            "The other directors and realservers that hold the VIP answer ARP for it as well, and clients go to any of"
                    + " them."),
    PORT_TAKEN(STOPS, "The socket plane cannot bind it.", SOCKET),
    SERVER_WITHOUT_ROUTE(HAZARD, "Packets dealt to it are dropped as no_route."),
    SERVER_SILENT(HAZARD, "It does not answer ARP or ND, so packets dealt to it are dropped."),
    SERVER_IS_SERVICE(HAZARD, "Packets are forwarded again, or in a circle."),
    SERVER_IS_DIRECTOR(
            HAZARD,
            "The kernel plane delivers to its own machine under DR and TUN only, and drops this as no_route.",
            KERNEL),
    SERVER_BYPASSES(
            HAZARD, "It answers a client on its own link directly, from its own address, and the client drops that."),
    DR_BEHIND_ROUTER(HAZARD, "Direct routing changes only the MAC address, so it ends at the next router.", KERNEL),
    TUNNEL_MTU(HAZARD, "A full-sized packet does not fit there once it is encapsulated.", KERNEL),
    SMALLER_MTU(HAZARD, "A full-sized datagram from a client does not fit there, and is dropped or cut."),
    MARTIAN_ANSWERS(
            NOTE,
            "If a realserver has this machine as its gateway, its answers come with our own address as source, and the"
                    + " stack drops them.",
            KERNEL);

    private final Severity severity;
    private final String why;
    private final boolean ofKernelPlane;
    private final boolean ofSocketPlane;

    Hazard(Severity severity, String why, Plane... planes) {
        this.severity = severity;
        this.why = why;
        List<Plane> named = List.of(planes);
        this.ofKernelPlane = named.isEmpty() || named.contains(KERNEL);
        this.ofSocketPlane = named.isEmpty() || named.contains(SOCKET);
    }

    /** As it stands in {@code --json} and in docs/doctor.md, e.g. {@code veth-without-napi}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How bad it usually is. */
    public Severity severity() {
        return severity;
    }

    /** Why it matters, one sentence. */
    public String why() {
        return why;
    }

    /** The planes it concerns. */
    public Set<Plane> planes() {
        if (ofKernelPlane && ofSocketPlane) return EnumSet.allOf(Plane.class);
        return EnumSet.of(ofKernelPlane ? KERNEL : SOCKET);
    }
}
