package io.evenkeel.dataplane.kernel;

import io.evenkeel.model.IpAddress;
import java.util.Map;
import java.util.Set;

/** Hears what the follower finds out, on thread ek-netlink. Must return soon: while it runs nothing is followed. */
public interface NextHopListener {

    /** These next hops are new or have changed; each address was asked for by {@link NextHopFollower#follow}. */
    void nextHops(Map<IpAddress, NextHop> changed);

    /** All addresses of this machine, whenever the set has changed. */
    void localAddresses(Set<IpAddress> all);

    /**
     * A link, a route or any neighbour has changed: what was remembered about the way to other addresses may be wrong.
     * Comes before the other two if they come together.
     */
    void tablesChanged();
}
