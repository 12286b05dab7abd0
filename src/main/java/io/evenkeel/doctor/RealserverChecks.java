package io.evenkeel.doctor;

import io.evenkeel.linux.Address;
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
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.VirtualService;
import io.evenkeel.model.VirtualService.ClientAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Whether packets get to the realservers, and answers back. Pure; any thread. */
final class RealserverChecks {
    private RealserverChecks() {}

    static List<Finding> of(Situation now) {
        List<Finding> found = new ArrayList<>();
        for (VirtualService service : now.services()) {
            for (Target target : Target.of(service)) found.addAll(of(now, service, target));
        }
        return found;
    }

    private static List<Finding> of(Situation now, VirtualService service, Target target) {
        Optional<Finding> itself = isService(now, service, target).or(() -> isDirector(now, service, target));
        if (itself.isPresent()) return List.of(itself.get());
        if (now.local(target.address())) return List.of(); // delivered here, nothing is on the way
        Optional<Finding> lost = withoutRoute(now, service, target);
        if (lost.isPresent()) return List.of(lost.get());
        List<Finding> found = new ArrayList<>();
        silent(now, service, target).ifPresent(found::add);
        bypasses(now, service, target).ifPresent(found::add);
        behindRouter(now, service, target).ifPresent(found::add);
        mtu(now, service, target).ifPresent(found::add);
        return found;
    }

    private static Finding finding(Hazard hazard, VirtualService service, String what, Remedy... remedies) {
        return Finding.of(hazard, Subject.service(service.key()), what, remedies);
    }

    private static Optional<Finding> isService(Situation now, VirtualService service, Target target) {
        for (VirtualService other : now.services()) {
            boolean same = other.key().protocol() == service.key().protocol()
                    && other.key().vip().equals(target.endpoint());
            if (!same) continue;
            String whose = other.key().equals(service.key()) ? "this service itself" : "the service " + other.key();
            return Optional.of(finding(Hazard.SERVER_IS_SERVICE, service, target.named() + " is " + whose));
        }
        return Optional.empty();
    }

    /** DR and TUN leave the packet as it is, so it can be delivered here; NAT would have to send it to ourselves. */
    private static Optional<Finding> isDirector(Situation now, VirtualService service, Target target) {
        if (!(target.forwarding() instanceof Forwarding.Nat) || !now.local(target.address())) return Optional.empty();
        String what = target.named() + " is an address of this machine, and lb_kind is NAT";
        return Optional.of(finding(Hazard.SERVER_IS_DIRECTOR, service, what));
    }

    private static Optional<Finding> withoutRoute(Situation now, VirtualService service, Target target) {
        NetlinkReply<Route> reply = now.facts().routes().get(target.address());
        if (reply == null || now.wayTo(target.address()) != null) return Optional.empty();
        String what = "there is no way to " + target.named() + ": " + reason(reply);
        Remedy remedy = Remedy.here("ip route replace " + VipChecks.whole(target.address()) + " via GATEWAY");
        return Optional.of(finding(Hazard.SERVER_WITHOUT_ROUTE, service, what, remedy));
    }

    private static String reason(NetlinkReply<Route> reply) {
        return switch (reply) {
            case Refusal<Route>(NetlinkError error) ->
                switch (error.errno()) {
                    case Errno.ENETUNREACH -> "no route leads there";
                    case Errno.EHOSTUNREACH -> "its route says unreachable";
                    case Errno.EACCES -> "its route says prohibited";
                    case Errno.EINVAL -> "its route is a blackhole";
                    default -> "the route lookup failed: " + error.text();
                };
            case Answer<Route>(Route route) ->
                route.paths().isEmpty() ? "its route names no interface" : "its route is not to one machine";
        };
    }

    /** What the kernel last heard, or did not hear, of the neighbour that leads to it. */
    private static Optional<Finding> silent(Situation now, VirtualService service, Target target) {
        Route way = now.wayTo(target.address());
        if (way == null) return Optional.empty();
        Path path = way.paths().getFirst();
        NumericAddress gateway = path.gateway();
        NumericAddress next = gateway == null ? Facts.numeric(target.address()) : gateway;
        for (Neighbour entry : now.facts().neighbours()) {
            boolean failed = entry.index() == path.index()
                    && entry.address().equals(next)
                    && (entry.state() & Neighbour.FAILED) != 0;
            Link link = now.link(path.index());
            if (!failed || link == null) continue;
            IpAddress address = Facts.model(next);
            String what = (gateway == null ? target.named() : "the gateway " + address + " to " + target.named())
                    + " does not answer at " + link.name();
            Remedy again = new Remedy(
                    "once it is back, to have it asked again", "ip neigh del " + address + " dev " + link.name());
            return Optional.of(finding(Hazard.SERVER_SILENT, service, what, again));
        }
        return Optional.empty();
    }

    /** Under NAT with the client's address kept, a realserver beside the clients needs a reason to answer this machine. */
    private static Optional<Finding> bypasses(Situation now, VirtualService service, Target target) {
        boolean keeps = target.forwarding() instanceof Forwarding.Nat
                && service.clientAddress() != ClientAddress.DIRECTOR
                && !service.proxyProtocol();
        if (!keeps || service.responses().equals(OptionalInt.of(0))) return Optional.empty();
        Route way = now.wayTo(target.address());
        Link link = now.outwards(target.address());
        if (way == null || link == null || way.paths().getFirst().gateway() != null) return Optional.empty();
        if (!now.clientLinks(service).contains(link)) return Optional.empty();
        Optional<Address> subnet = now.subnetOf(target.address());
        if (subnet.isEmpty()) return Optional.empty();
        String what = target.named() + " is on the clients' own link, " + link.name();
        return Optional.of(finding(Hazard.SERVER_BYPASSES, service, what, backHere(target, subnet.get())));
    }

    /** Two halves of the subnet win over its own route. */
    private static Remedy[] backHere(Target target, Address subnet) {
        IpAddress own = Facts.model(subnet.address());
        int bits = subnet.prefixLength() + 1;
        int all = own.v6() ? 128 : 32;
        if (bits >= all) return new Remedy[0];
        IpAddress low = masked(own, subnet.prefixLength());
        IpAddress high = withBit(low, bits - 1);
        String where = "on " + target.address();
        return new Remedy[] {
            new Remedy(where, "ip route add " + low + "/" + bits + " via " + own),
            new Remedy(where, "ip route add " + high + "/" + bits + " via " + own)
        };
    }

    private static IpAddress masked(IpAddress address, int bits) {
        byte[] bytes = address.toBytes();
        for (int bit = bits; bit < 8 * bytes.length; bit++) bytes[bit / 8] &= (byte) ~(0x80 >> (bit & 7));
        return IpAddress.ofBytes(bytes);
    }

    private static IpAddress withBit(IpAddress address, int bit) {
        byte[] bytes = address.toBytes();
        bytes[bit / 8] |= (byte) (0x80 >> (bit & 7));
        return IpAddress.ofBytes(bytes);
    }

    private static Optional<Finding> behindRouter(Situation now, VirtualService service, Target target) {
        Route way = now.wayTo(target.address());
        Link link = now.outwards(target.address());
        if (!(target.forwarding() instanceof Forwarding.DirectRouting) || way == null || link == null) {
            return Optional.empty();
        }
        NumericAddress gateway = way.paths().getFirst().gateway();
        if (gateway == null) return Optional.empty();
        String what = target.named() + " is behind the router " + Facts.model(gateway) + ", and lb_kind is DR";
        String direct = "ip route replace " + VipChecks.whole(target.address()) + " dev " + link.name();
        Remedy remedy = new Remedy("if it is on that link after all", direct);
        return Optional.of(finding(Hazard.DR_BEHIND_ROUTER, service, what, remedy));
    }

    private static Optional<Finding> mtu(Situation now, VirtualService service, Target target) {
        Link out = now.outwards(target.address());
        int way = now.mtuTo(target.address());
        int clients =
                now.clientLinks(service).stream().mapToInt(Link::mtu).max().orElse(0);
        if (out == null || way == 0 || clients == 0) return Optional.empty();
        int more = overhead(target);
        if (way >= clients + more) return Optional.empty();
        String what = "packets of " + clients + " bytes come in"
                + (more == 0 ? "" : ", need " + (clients + more) + " bytes when encapsulated") + ", and the way to "
                + target.named() + " takes " + way;
        Hazard hazard = more == 0 ? Hazard.SMALLER_MTU : Hazard.TUNNEL_MTU;
        return Optional.of(finding(hazard, service, what, larger(now, target, out, clients + more)));
    }

    /** Bytes in front of the packet: the outer IP header, and what the encapsulation has of its own. */
    static int overhead(Target target) {
        if (!(target.forwarding() instanceof Forwarding.Tunnel tunnel)) return 0;
        int ip = target.address().v6() ? 40 : 20;
        return switch (tunnel.kind()) {
            case IPIP -> ip;
            case GRE -> ip + 4;
            case GUE -> ip + 8;
        };
    }

    private static Remedy[] larger(Situation now, Target target, Link out, int wanted) {
        List<Remedy> remedies = new ArrayList<>();
        if (out.mtu() < wanted) remedies.add(Remedy.here("ip link set dev " + out.name() + " mtu " + wanted));
        Route way = now.wayTo(target.address());
        if (way != null && way.mtu() != 0 && way.mtu() < wanted) {
            NumericAddress gateway = way.paths().getFirst().gateway();
            String via = gateway == null ? "" : " via " + Facts.model(gateway);
            remedies.add(Remedy.here("ip route replace " + VipChecks.whole(target.address()) + via + " dev "
                    + out.name() + " mtu " + wanted));
        }
        return remedies.toArray(Remedy[]::new);
    }
}
