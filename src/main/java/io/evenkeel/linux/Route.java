package io.evenkeel.linux;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where packets to an address go (the answer to RTM_GETROUTE). Immutable.
 *
 * @param paths one for a lookup; all of them for a multipath route that was asked for as it is written; empty only if
 *     the route leads nowhere
 * @param preferredSource the address the kernel would send from
 * @param mtu a limit in bytes that the route sets or that path MTU discovery has learnt; 0 if the interface decides
 */
public record Route(Kind kind, List<Path> paths, @Nullable NumericAddress preferredSource, int mtu) {

    public Route {
        paths = List.copyOf(paths);
    }

    /** rtm_type: what happens to the packet. */
    public enum Kind {
        UNICAST,
        /** To this machine. */
        LOCAL,
        BROADCAST,
        ANYCAST,
        MULTICAST,
        /** Dropped in silence. */
        BLACKHOLE,
        /** Dropped, the sender is told. */
        UNREACHABLE,
        /** Dropped, the sender is told that it is forbidden. */
        PROHIBITED,
        OTHER;

        static Kind of(int rtmType) {
            return switch (rtmType) {
                case Rtnetlink.RTN_UNICAST -> UNICAST;
                case Rtnetlink.RTN_LOCAL -> LOCAL;
                case Rtnetlink.RTN_BROADCAST -> BROADCAST;
                case Rtnetlink.RTN_ANYCAST -> ANYCAST;
                case Rtnetlink.RTN_MULTICAST -> MULTICAST;
                case Rtnetlink.RTN_BLACKHOLE -> BLACKHOLE;
                case Rtnetlink.RTN_UNREACHABLE -> UNREACHABLE;
                case Rtnetlink.RTN_PROHIBIT -> PROHIBITED;
                default -> OTHER;
            };
        }
    }

    /**
     * One way of a route.
     *
     * @param index of the outgoing interface; 0 if none is named
     * @param gateway null if the destination is on that link; may be of IPv6 in a route of IPv4
     * @param weight ≥ 1, the share of a multipath route
     * @param dead the kernel does not use it now: its interface is down or has no carrier
     */
    public record Path(int index, @Nullable NumericAddress gateway, int weight, boolean dead) {}
}
