package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.kernel.NextHop.Local;
import io.evenkeel.dataplane.kernel.NextHop.Resolved;
import io.evenkeel.dataplane.kernel.NextHop.Unreachable;
import io.evenkeel.dataplane.kernel.NextHop.Unresolved;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkError;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetlinkReply.Refusal;
import io.evenkeel.linux.NumericAddress;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.Route.Path;
import io.evenkeel.model.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's tables say about the way to an address: first which neighbour it leads to, then, with that neighbour
 * and its interface, the next hop. Pure; any thread.
 */
final class NextHops {
    private NextHops() {}

    /** The neighbour that packets to {@code destination} are handed to; null if the route leads to none. */
    static @Nullable NeighbourKey neighbour(IpAddress destination, NetlinkReply<Route> reply) {
        if (!(reply instanceof Answer<Route>(Route route)) || route.kind() != Route.Kind.UNICAST) return null;
        Path path = path(route);
        if (path == null) return null;
        NumericAddress gateway = path.gateway();
        return new NeighbourKey(path.index(), gateway == null ? destination : NeighbourKey.model(gateway));
    }

    /** A way that is not dead, else the first; null if there is none. */
    private static @Nullable Path path(Route route) {
        for (Path path : route.paths()) {
            if (!path.dead()) return path;
        }
        return route.paths().isEmpty() ? null : route.paths().getFirst();
    }

    /**
     * The next hop.
     *
     * @param reply the kernel's answer to a lookup of {@code destination}
     * @param link the interface of {@link #neighbour}; null if the kernel has none of that index
     * @param entry the table's entry of {@link #neighbour}; null if there is none
     */
    static NextHop of(
            IpAddress destination, NetlinkReply<Route> reply, @Nullable Link link, @Nullable Neighbour entry) {
        return switch (reply) {
            case Refusal<Route>(NetlinkError error) -> new Unreachable(refusal(error));
            case Answer<Route>(Route route) ->
                switch (route.kind()) {
                    case UNICAST -> overLink(destination, neighbour(destination, reply), route, link, entry);
                    case LOCAL -> new Local();
                    case BROADCAST, ANYCAST, MULTICAST -> new Unreachable("not the address of one machine");
                    case BLACKHOLE -> new Unreachable("its route is a blackhole");
                    case UNREACHABLE -> new Unreachable("its route says unreachable");
                    case PROHIBITED -> new Unreachable("its route says prohibited");
                    case OTHER -> new Unreachable("its route is of a kind that cannot be followed");
                };
        };
    }

    private static NextHop overLink(
            IpAddress destination,
            @Nullable NeighbourKey neighbour,
            Route route,
            @Nullable Link link,
            @Nullable Neighbour entry) {
        if (neighbour == null) return new Unreachable("its route names no interface");
        if (link == null) return new Unreachable("interface " + neighbour.ifindex() + " is gone");
        if (!link.up()) return new Unreachable(link.name() + " is down");
        if (!link.carrier()) return new Unreachable(link.name() + " has no carrier");
        if (!link.ethernet() || link.mac() == 0) return new Unreachable(link.name() + " is not an Ethernet interface");
        if (entry == null || !entry.usable()) {
            if (!link.resolves()) return new Unreachable(link.name() + " does not resolve neighbours");
            return new Unresolved(neighbour.ifindex(), neighbour.address());
        }
        int mtu = route.mtu() == 0 ? link.mtu() : Math.min(link.mtu(), route.mtu());
        NumericAddress source = route.preferredSource();
        return new Resolved(
                link.index(),
                entry.mac(),
                link.mac(),
                mtu,
                source == null ? null : NeighbourKey.model(source),
                neighbour.address().equals(destination));
    }

    /** The kernel answers a lookup that meets a refusing route with an error. */
    private static String refusal(NetlinkError error) {
        return switch (error.errno()) {
            case Errno.ENETUNREACH -> "no route to it";
            case Errno.EHOSTUNREACH -> "its route says unreachable";
            case Errno.EACCES -> "its route says prohibited";
            case Errno.EINVAL -> "its route is a blackhole";
            default -> "the route lookup failed: " + error.text();
        };
    }
}
