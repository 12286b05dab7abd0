package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.evenkeel.linux.NetworkChange.AddressGone;
import io.evenkeel.linux.NetworkChange.AddressSet;
import io.evenkeel.linux.NetworkChange.Irrelevant;
import io.evenkeel.linux.NetworkChange.LinkGone;
import io.evenkeel.linux.NetworkChange.LinkSet;
import io.evenkeel.linux.NetworkChange.NeighbourGone;
import io.evenkeel.linux.NetworkChange.NeighbourSet;
import io.evenkeel.linux.NetworkChange.RoutesChanged;
import io.evenkeel.linux.NetworkChange.Unreadable;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Turns messages about interfaces, addresses and neighbours into values; {@link RouteMessage} does it for routes. Pure:
 * bytes in, a value out, {@link Unreadable} for what cannot be one. Any thread.
 */
final class NetworkMessages {
    private NetworkMessages() {}

    private static final long IFI_TYPE = offset(Layouts.IFINFOMSG, "ifi_type");
    private static final long IFI_INDEX = offset(Layouts.IFINFOMSG, "ifi_index");
    private static final long IFI_FLAGS = offset(Layouts.IFINFOMSG, "ifi_flags");
    private static final long IFA_PREFIX = offset(Layouts.IFADDRMSG, "ifa_prefixlen");
    private static final long IFA_FLAGS = offset(Layouts.IFADDRMSG, "ifa_flags");
    private static final long IFA_SCOPE = offset(Layouts.IFADDRMSG, "ifa_scope");
    private static final long IFA_INDEX = offset(Layouts.IFADDRMSG, "ifa_index");
    private static final long NDM_INDEX = offset(Layouts.NDMSG, "ndm_ifindex");
    private static final long NDM_STATE = offset(Layouts.NDMSG, "ndm_state");
    private static final long NDM_FLAGS = offset(Layouts.NDMSG, "ndm_flags");
    private static final int AF_UNSPEC = 0;

    /** What the message that {@code messages} stands at says. */
    static NetworkChange read(NetlinkMessages messages) {
        return switch (messages.type()) {
            case Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK -> link(messages);
            case Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR -> address(messages);
            case Rtnetlink.RTM_NEWNEIGH, Rtnetlink.RTM_DELNEIGH -> neighbour(messages);
            case Rtnetlink.RTM_NEWROUTE,
                    Rtnetlink.RTM_DELROUTE,
                    Rtnetlink.RTM_NEWRULE,
                    Rtnetlink.RTM_DELRULE,
                    Rtnetlink.RTM_NEWNEXTHOP,
                    Rtnetlink.RTM_DELNEXTHOP -> new RoutesChanged();
            default -> new Irrelevant();
        };
    }

    private static NetworkChange unreadable(NetlinkMessages messages) {
        return new Unreadable(messages.type());
    }

    private static int octet(MemorySegment memory, long at) {
        return Byte.toUnsignedInt(memory.get(JAVA_BYTE, at));
    }

    private static NetworkChange link(NetlinkMessages messages) {
        if (messages.payloadBytes() < Layouts.IFINFOMSG.byteSize()) return unreadable(messages);
        MemorySegment memory = messages.memory();
        long at = messages.payload();
        // A bridge tells of its ports in the same words; its "link deleted" means that a port has left the bridge.
        if (octet(memory, at) != AF_UNSPEC) return new Irrelevant();
        int index = memory.get(JAVA_INT_UNALIGNED, at + IFI_INDEX);
        if (index <= 0) return unreadable(messages);
        if (messages.type() == Rtnetlink.RTM_DELLINK) return new LinkGone(index);
        LinkDraft draft = new LinkDraft();
        if (!draft.read(messages.attributes(Layouts.IFINFOMSG.byteSize()))) return unreadable(messages);
        // A wireless driver's own events name an interface without describing it.
        if (!draft.described()) return new Irrelevant();
        int hardware = Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, at + IFI_TYPE));
        return new LinkSet(draft.link(index, hardware, memory.get(JAVA_INT_UNALIGNED, at + IFI_FLAGS)));
    }

    private static NetworkChange address(NetlinkMessages messages) {
        long struct = Layouts.IFADDRMSG.byteSize();
        if (messages.payloadBytes() < struct) return unreadable(messages);
        MemorySegment memory = messages.memory();
        long at = messages.payload();
        int family = octet(memory, at);
        if (!isInternet(family)) return new Irrelevant();
        NumericAddress local = null;
        NumericAddress other = null;
        int flags = octet(memory, at + IFA_FLAGS);
        int preferred = Address.FOREVER;
        int valid = Address.FOREVER;
        NetlinkAttributes attributes = messages.attributes(struct);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.IFA_LOCAL -> local = attributes.address(family);
                case Rtnetlink.IFA_ADDRESS -> other = attributes.address(family);
                case Rtnetlink.IFA_FLAGS -> flags = attributes.number();
                case Rtnetlink.IFA_CACHEINFO -> {
                    if (attributes.bytes() < Layouts.IFA_CACHEINFO.byteSize()) return unreadable(messages);
                    preferred = memory.get(JAVA_INT_UNALIGNED, attributes.at());
                    valid = memory.get(JAVA_INT_UNALIGNED, attributes.at() + 4);
                }
                default -> {}
            }
        }
        // On a point-to-point interface IFA_ADDRESS is the other end's.
        NumericAddress own = local == null ? other : local;
        int prefix = octet(memory, at + IFA_PREFIX);
        int index = memory.get(JAVA_INT_UNALIGNED, at + IFA_INDEX);
        if (attributes.broken() || own == null || prefix > 8 * own.bytes() || index <= 0) return unreadable(messages);
        Address address = new Address(index, own, prefix, octet(memory, at + IFA_SCOPE), flags, preferred, valid);
        return messages.type() == Rtnetlink.RTM_NEWADDR ? new AddressSet(address) : new AddressGone(address);
    }

    private static NetworkChange neighbour(NetlinkMessages messages) {
        long struct = Layouts.NDMSG.byteSize();
        if (messages.payloadBytes() < struct) return unreadable(messages);
        MemorySegment memory = messages.memory();
        long at = messages.payload();
        int family = octet(memory, at);
        if (!isInternet(family)) return new Irrelevant(); // the forwarding entries of bridges come as neighbours too
        @Nullable NumericAddress address = null;
        long mac = 0;
        NetlinkAttributes attributes = messages.attributes(struct);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.NDA_DST -> address = attributes.address(family);
                case Rtnetlink.NDA_LLADDR -> mac = attributes.mac();
                default -> {}
            }
        }
        int index = memory.get(JAVA_INT_UNALIGNED, at + NDM_INDEX);
        if (attributes.broken() || address == null || index <= 0) return unreadable(messages);
        int state = Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, at + NDM_STATE));
        Neighbour neighbour = new Neighbour(index, address, mac, state, octet(memory, at + NDM_FLAGS));
        return messages.type() == Rtnetlink.RTM_NEWNEIGH ? new NeighbourSet(neighbour) : new NeighbourGone(neighbour);
    }

    private static boolean isInternet(int family) {
        return family == SocketAddress.AF_INET || family == SocketAddress.AF_INET6;
    }

    /** What the attributes of a link message said so far. */
    private static final class LinkDraft {
        private String name = "";
        private long mac;
        private int mtu;
        private int master;
        private String kind = "";
        private int lower;
        private boolean lowerElsewhere;
        private XdpMode xdp = XdpMode.NONE;
        private int xdpProgram;

        /** False if the attributes are impossible. */
        boolean read(NetlinkAttributes attributes) {
            while (attributes.next()) {
                switch (attributes.type()) {
                    case Rtnetlink.IFLA_IFNAME -> name = attributes.text();
                    case Rtnetlink.IFLA_ADDRESS -> mac = attributes.mac();
                    case Rtnetlink.IFLA_MTU -> mtu = attributes.number();
                    case Rtnetlink.IFLA_MASTER -> master = attributes.number();
                    case Rtnetlink.IFLA_LINK -> lower = attributes.number();
                    case Rtnetlink.IFLA_LINK_NETNSID -> lowerElsewhere = true;
                    case Rtnetlink.IFLA_LINKINFO -> {
                        if (!readKind(attributes.inside())) return false;
                    }
                    case Rtnetlink.IFLA_XDP -> {
                        if (!readXdp(attributes.inside())) return false;
                    }
                    default -> {}
                }
            }
            return !attributes.broken();
        }

        private boolean readKind(NetlinkAttributes inside) {
            while (inside.next()) {
                if (inside.type() == Rtnetlink.IFLA_INFO_KIND) kind = inside.text();
            }
            return !inside.broken();
        }

        private boolean readXdp(NetlinkAttributes inside) {
            while (inside.next()) {
                if (inside.type() == Rtnetlink.IFLA_XDP_PROG_ID) xdpProgram = inside.number();
                if (inside.type() != Rtnetlink.IFLA_XDP_ATTACHED) continue;
                XdpMode mode = XdpMode.of(inside.octet());
                if (mode == null) return false;
                xdp = mode;
            }
            return !inside.broken();
        }

        boolean described() {
            return mtu > 0 && !name.isEmpty();
        }

        Link link(int index, int hardware, int flags) {
            boolean up = (flags & Rtnetlink.IFF_UP) != 0;
            return new Link(
                    index,
                    name,
                    hardware == Rtnetlink.ARPHRD_ETHER,
                    mac,
                    mtu,
                    up,
                    up && (flags & Rtnetlink.IFF_LOWER_UP) != 0,
                    (flags & Rtnetlink.IFF_NOARP) == 0,
                    master,
                    kind,
                    lower,
                    lowerElsewhere,
                    xdp,
                    xdpProgram);
        }
    }
}
