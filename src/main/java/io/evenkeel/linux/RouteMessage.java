package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.evenkeel.linux.Route.Path;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one RTM_NEWROUTE, the answer to a route lookup. Pure; used once, by one thread. */
final class RouteMessage {
    private static final long TYPE = offset(Layouts.RTMSG, "rtm_type");
    private static final long HOP_FLAGS = offset(Layouts.RTNEXTHOP, "rtnh_flags");
    private static final long HOP_WEIGHT = offset(Layouts.RTNEXTHOP, "rtnh_hops");
    private static final long HOP_INDEX = offset(Layouts.RTNEXTHOP, "rtnh_ifindex");
    private static final long HOP_BYTES = Layouts.RTNEXTHOP.byteSize();
    private static final int UNUSED = Rtnetlink.RTNH_F_DEAD | Rtnetlink.RTNH_F_LINKDOWN;

    /** More ways than this are not one route's. */
    private static final int MAX_PATHS = 1_024;

    private final MemorySegment memory;
    private final int family;
    private final List<Path> paths = new ArrayList<>();
    private int index;
    private @Nullable NumericAddress gateway;
    private @Nullable NumericAddress source;
    private int mtu;

    private RouteMessage(MemorySegment memory, int family) {
        this.memory = memory;
        this.family = family;
    }

    /** The route the message describes; null if it cannot be read as one. */
    static @Nullable Route read(NetlinkMessages messages) {
        long struct = Layouts.RTMSG.byteSize();
        if (messages.type() != Rtnetlink.RTM_NEWROUTE || messages.payloadBytes() < struct) return null;
        MemorySegment memory = messages.memory();
        int family = memory.get(JAVA_BYTE, messages.payload());
        if (family != SocketAddress.AF_INET && family != SocketAddress.AF_INET6) return null;
        RouteMessage message = new RouteMessage(memory, family);
        if (!message.readAll(messages.attributes(struct))) return null;
        int type = Byte.toUnsignedInt(memory.get(JAVA_BYTE, messages.payload() + TYPE));
        if (message.index > 0) message.paths.addFirst(new Path(message.index, message.gateway, 1, false));
        return new Route(Route.Kind.of(type), message.paths, message.source, message.mtu);
    }

    private boolean readAll(NetlinkAttributes attributes) {
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.RTA_OIF -> index = attributes.number();
                case Rtnetlink.RTA_GATEWAY -> gateway = attributes.address(family);
                case Rtnetlink.RTA_VIA -> gateway = attributes.via();
                case Rtnetlink.RTA_PREFSRC -> source = attributes.address(family);
                case Rtnetlink.RTA_METRICS -> {
                    if (!readMetrics(attributes.inside())) return false;
                }
                case Rtnetlink.RTA_MULTIPATH -> {
                    if (!readPaths(attributes.at(), attributes.at() + attributes.bytes())) return false;
                }
                default -> {}
            }
        }
        return !attributes.broken() && index >= 0;
    }

    private boolean readMetrics(NetlinkAttributes metrics) {
        while (metrics.next()) {
            if (metrics.type() == Rtnetlink.RTAX_MTU) mtu = metrics.number();
        }
        return !metrics.broken() && mtu >= 0;
    }

    /** RTA_MULTIPATH: one struct rtnexthop after another, each with attributes of its own. */
    private boolean readPaths(long from, long end) {
        for (long at = from; at < end; ) {
            if (end - at < HOP_BYTES || paths.size() >= MAX_PATHS) return false;
            int length = Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, at));
            if (length < HOP_BYTES || length > end - at) return false;
            NetlinkAttributes inside = new NetlinkAttributes(memory, at + HOP_BYTES, at + length, false);
            NumericAddress via = null;
            while (inside.next()) {
                if (inside.type() == Rtnetlink.RTA_GATEWAY) via = inside.address(family);
                if (inside.type() == Rtnetlink.RTA_VIA) via = inside.via();
            }
            if (inside.broken()) return false;
            int weight = Byte.toUnsignedInt(memory.get(JAVA_BYTE, at + HOP_WEIGHT)) + 1;
            boolean dead = (memory.get(JAVA_BYTE, at + HOP_FLAGS) & UNUSED) != 0;
            paths.add(new Path(memory.get(JAVA_INT_UNALIGNED, at + HOP_INDEX), via, weight, dead));
            at += Rtnetlink.aligned(length);
        }
        return true;
    }
}
