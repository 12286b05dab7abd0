package io.evenkeel.doctor;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.NumericAddress;
import io.evenkeel.linux.Route;
import io.evenkeel.model.IpAddress;
import java.util.List;
import java.util.Map;

/**
 * What was found out about the machine and its network namespace, without judgement. Immutable.
 *
 * @param routes the kernel's answer for every VIP and realserver of the file
 * @param nics by the interface's name
 * @param openFiles the limit of this process (ulimit -n), as high as it may raise it
 * @param cpus that this process may use
 * @param networkAdmin this process has CAP_NET_ADMIN
 * @param unread what could not be read, each with the reason
 */
record Facts(
        List<Link> links,
        List<Address> addresses,
        List<Neighbour> neighbours,
        Map<IpAddress, NetlinkReply<Route>> routes,
        List<DefaultRoute> defaultRoutes,
        Map<String, Nic> nics,
        Sysctls sysctls,
        List<BoundPort> ports,
        int openFiles,
        int cpus,
        boolean networkAdmin,
        List<String> unread) {

    Facts {
        links = List.copyOf(links);
        addresses = List.copyOf(addresses);
        neighbours = List.copyOf(neighbours);
        routes = Map.copyOf(routes);
        defaultRoutes = List.copyOf(defaultRoutes);
        nics = Map.copyOf(nics);
        ports = List.copyOf(ports);
        unread = List.copyOf(unread);
    }

    static NumericAddress numeric(IpAddress address) {
        return new NumericAddress(address.v6(), address.high(), address.low());
    }

    static IpAddress model(NumericAddress address) {
        return new IpAddress(address.v6(), address.high(), address.low());
    }
}
