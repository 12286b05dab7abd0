package io.evenkeel.realserver;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetlinkReply.Refusal;
import io.evenkeel.linux.NumericAddress;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the machine is at one moment, as far as it matters here. Immutable.
 *
 * @param sysctls by key: the three settings of {@code all} and of every Ethernet interface
 * @param defaultWays indices of the interfaces that IPv4's default route leads through
 */
record Facts(List<Link> links, List<Address> addresses, Map<String, String> sysctls, Set<Integer> defaultWays) {
    static final String LOOPBACK = "lo";
    static final String ALL = "all";
    static final List<String> NAMES = List.of("arp_ignore", "arp_announce", "rp_filter");

    /** 198.51.100.1, of a network that exists in examples only (RFC 5737): only a default route leads there. */
    private static final NumericAddress ANYWHERE = new NumericAddress(false, 0, 0xc633_6401L);

    Facts {
        links = List.copyOf(links);
        addresses = List.copyOf(addresses);
        sysctls = Map.copyOf(sysctls);
        defaultWays = Set.copyOf(defaultWays);
    }

    /**
     * Looks now.
     *
     * @throws SyscallException if the kernel does not tell its interfaces or addresses
     */
    static Facts read(RouteSocket socket, Sysctls sysctls) {
        List<Link> links = socket.links().require("interfaces");
        List<Address> addresses = socket.addresses().require("addresses");
        Map<String, String> values = new HashMap<>();
        readSysctls(sysctls, ALL, values);
        for (Link link : links) if (link.ethernet()) readSysctls(sysctls, link.name(), values);
        Set<Integer> ways = switch (socket.matchingRoute(ANYWHERE)) {
            case Answer<Route>(Route route) ->
                route.paths().stream().map(Route.Path::index).collect(Collectors.toSet());
            case Refusal<Route> _ -> Set.of(); // there is none
        };
        return new Facts(links, addresses, values, ways);
    }

    private static void readSysctls(Sysctls sysctls, String device, Map<String, String> values) {
        for (String name : NAMES) {
            String key = Sysctls.key(device, name);
            sysctls.read(key).ifPresent(value -> values.put(key, value));
        }
    }

    /** As the machine would be without what the ledger says that we changed, as far as that is still in force. */
    Facts before(Ledger ledger) {
        Map<String, String> values = new HashMap<>(sysctls);
        Set<IpAddress> vips = new HashSet<>();
        for (Change change : ledger.changes()) {
            switch (change) {
                case Change.SysctlSet set -> {
                    if (set.inForce(this)) values.put(set.key(), set.before());
                }
                case Change.VipAdded(IpAddress vip) -> vips.add(vip);
                case Change.FilterAdded _ -> {}
            }
        }
        int lo = loopback();
        List<Address> others = addresses.stream()
                .filter(a -> a.index() != lo || !vips.contains(address(a)))
                .toList();
        return new Facts(links, others, values, defaultWays);
    }

    /** Index of the loopback interface; 0 if there is none. */
    int loopback() {
        return links.stream()
                .filter(l -> l.name().equals(LOOPBACK))
                .mapToInt(Link::index)
                .findFirst()
                .orElse(0);
    }

    boolean onLoopback(IpAddress vip) {
        int lo = loopback();
        return addresses.stream().anyMatch(a -> a.index() == lo && address(a).equals(vip));
    }

    static IpAddress address(Address address) {
        NumericAddress number = address.address();
        return number.v6() ? IpAddress.v6(number.high(), number.low()) : IpAddress.v4((int) number.low());
    }

    static NumericAddress number(IpAddress address) {
        return new NumericAddress(address.v6(), address.high(), address.low());
    }
}
