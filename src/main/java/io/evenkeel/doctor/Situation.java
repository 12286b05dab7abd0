package io.evenkeel.doctor;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.Route.Path;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.VirtualService;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The facts, what is to be run, and what follows from both: which interfaces clients and realservers are behind. Every
 * check is a pure function of this. Immutable.
 */
final class Situation {
    private final Facts facts;
    private final List<VirtualService> services;
    private final int replyPorts;
    private final Set<Link> clientLinks = new LinkedHashSet<>();
    private final Set<Link> serverLinks = new LinkedHashSet<>();
    private final Set<Link> allLinks = new LinkedHashSet<>();

    /** @param configuration empty to look at every interface that is up */
    Situation(Facts facts, Optional<Configuration> configuration) {
        this.facts = facts;
        this.services = configuration.map(Configuration::services).orElse(List.of());
        this.replyPorts = configuration.map(Configuration::replyPorts).orElse(0);
        if (configuration.isEmpty()) {
            facts.links().stream().filter(link -> link.ethernet() && link.up()).forEach(allLinks::add);
            clientLinks.addAll(allLinks);
            serverLinks.addAll(allLinks);
            return;
        }
        for (VirtualService service : services) {
            clientLinks.addAll(clientLinks(service));
            for (Target target : Target.of(service)) serverLinks.addAll(linksTo(target.address()));
        }
        allLinks.addAll(clientLinks);
        allLinks.addAll(serverLinks);
        for (Link link : List.copyOf(allLinks)) {
            Link below = link.kind().equals("vlan") && !link.lowerElsewhere() ? link(link.lower()) : null;
            if (below != null) allLinks.add(below);
        }
    }

    Facts facts() {
        return facts;
    }

    /** Of the file, in its order; none without one. */
    List<VirtualService> services() {
        return services;
    }

    /** Back ports that the file asks for. */
    int replyPorts() {
        return replyPorts;
    }

    /** Interfaces that clients' packets come by. */
    Set<Link> clientLinks() {
        return clientLinks;
    }

    /** Interfaces that realservers are behind. */
    Set<Link> serverLinks() {
        return serverLinks;
    }

    /** Both, clients' first, and what their VLAN devices stand on; without a file every Ethernet interface that is up. */
    Set<Link> links() {
        return allLinks;
    }

    Nic nic(Link link) {
        return facts.nics().getOrDefault(link.name(), Nic.UNKNOWN);
    }

    @Nullable
    Link link(int index) {
        for (Link link : facts.links()) if (link.index() == index) return link;
        return null;
    }

    /** Where this service's clients come from: the VIP's interface, the one in whose subnet it is, or the default route's. */
    Set<Link> clientLinks(VirtualService service) {
        IpAddress vip = service.key().vip().address();
        Set<Link> found = new LinkedHashSet<>();
        for (Address address : facts.addresses()) {
            boolean holds = Facts.model(address.address()).equals(vip) || covers(address, vip);
            Link link = link(address.index());
            if (holds && link != null && link.ethernet()) found.add(link);
        }
        return found.isEmpty() ? defaultLinks(vip.v6()) : found;
    }

    private Set<Link> defaultLinks(boolean v6) {
        Set<Link> found = new LinkedHashSet<>();
        for (DefaultRoute route : facts.defaultRoutes()) {
            if (route.v6() != v6) continue;
            facts.links().stream().filter(l -> l.name().equals(route.device())).forEach(found::add);
        }
        return found;
    }

    /** This machine has the address itself, or takes its packets for another reason (a route of type local). */
    boolean local(IpAddress address) {
        if (facts.addresses().stream().anyMatch(a -> Facts.model(a.address()).equals(address))) return true;
        return facts.routes().get(address) instanceof Answer<Route>(Route route) && route.kind() == Route.Kind.LOCAL;
    }

    /** The subnet of an address of ours that {@code other} is in, if there is one on an Ethernet interface. */
    Optional<Address> subnetOf(IpAddress other) {
        return facts.addresses().stream()
                .filter(address -> covers(address, other))
                .filter(address -> {
                    Link link = link(address.index());
                    return link != null && link.ethernet();
                })
                .findFirst();
    }

    /** Is it in the subnet of that address, beside the address itself? */
    static boolean covers(Address address, IpAddress other) {
        int bits = address.prefixLength();
        if (address.address().v6() != other.v6() || bits >= (other.v6() ? 128 : 32) || bits == 0) return false;
        if (!other.v6()) return (address.address().low() ^ other.low()) >>> (32 - bits) == 0;
        if (bits <= 64) return (address.address().high() ^ other.high()) >>> (64 - bits) == 0;
        return address.address().high() == other.high()
                && (address.address().low() ^ other.low()) >>> (128 - bits) == 0;
    }

    /** The route to it that leads out of this machine; null if there is none. */
    @Nullable
    Route wayTo(IpAddress address) {
        NetlinkReply<Route> reply = facts.routes().get(address);
        if (!(reply instanceof Answer<Route>(Route route)) || route.kind() != Route.Kind.UNICAST) return null;
        return route.paths().isEmpty() ? null : route;
    }

    private Set<Link> linksTo(IpAddress address) {
        Set<Link> found = new LinkedHashSet<>();
        Route route = wayTo(address);
        if (route == null) return found;
        for (Path path : route.paths()) {
            Link link = link(path.index());
            if (link != null) found.add(link);
        }
        return found;
    }

    /** The interface the way to it leaves by; null if there is none. */
    @Nullable
    Link outwards(IpAddress address) {
        return linksTo(address).stream().findFirst().orElse(null);
    }

    /** Bytes of the largest packet that the way to it takes; 0 if there is no way. */
    int mtuTo(IpAddress address) {
        Route route = wayTo(address);
        Link link = outwards(address);
        if (route == null || link == null) return 0;
        return route.mtu() == 0 ? link.mtu() : Math.min(link.mtu(), route.mtu());
    }
}
