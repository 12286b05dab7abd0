package io.evenkeel.doctor;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.VirtualService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Whether packets to the VIPs come here, and to whom. Pure; any thread. */
final class VipChecks {
    private VipChecks() {}

    static List<Finding> of(Situation now) {
        List<Finding> found = new ArrayList<>();
        for (VirtualService service : firstOfEachVip(now.services()).values()) {
            if (!now.local(address(service))) found.add(absent(now, service));
            duplicate(now, service).ifPresent(found::add);
            silent(now, service).ifPresent(found::add);
            answersTwice(now, service).ifPresent(found::add);
            found.addAll(martians(now, service));
        }
        for (VirtualService service : now.services()) portTaken(now, service).ifPresent(found::add);
        return found;
    }

    /** What is wrong with a VIP is said once, at its first service. */
    private static Map<IpAddress, VirtualService> firstOfEachVip(List<VirtualService> services) {
        Map<IpAddress, VirtualService> first = new LinkedHashMap<>();
        for (VirtualService service : services) {
            if (!address(service).isAny()) first.putIfAbsent(address(service), service);
        }
        return first;
    }

    private static IpAddress address(VirtualService service) {
        return service.key().vip().address();
    }

    private static Subject subject(VirtualService service) {
        return Subject.service(service.key());
    }

    private static Finding absent(Situation now, VirtualService service) {
        IpAddress vip = address(service);
        String device = now.subnetOf(vip)
                .map(subnet -> now.link(subnet.index()))
                .map(Link::name)
                .orElse("lo");
        String what = "the VIP " + vip + " is on no interface of this machine";
        return Finding.of(Hazard.VIP_ABSENT, subject(service), what, add(vip, device));
    }

    private static Remedy add(IpAddress vip, String device) {
        return Remedy.here("ip addr add " + whole(vip) + " dev " + device);
    }

    /** The address as a prefix of its own. */
    static String whole(IpAddress address) {
        return address + (address.v6() ? "/128" : "/32");
    }

    private static Optional<Finding> duplicate(Situation now, VirtualService service) {
        IpAddress vip = address(service);
        for (Address own : now.facts().addresses()) {
            boolean bad = (own.flags() & Address.DUPLICATE) != 0;
            Link link = now.link(own.index());
            if (!bad || link == null || !Facts.model(own.address()).equals(vip)) continue;
            String what = "duplicate address detection found " + vip + " on another machine at " + link.name();
            String again = "ip addr del " + vip + "/" + own.prefixLength() + " dev " + link.name();
            String prefix = vip + "/" + own.prefixLength();
            return Optional.of(Finding.of(
                    Hazard.VIP_DUPLICATE,
                    subject(service),
                    what,
                    Remedy.here(again),
                    new Remedy("once the other has let go of it", "ip addr add " + prefix + " dev " + link.name())));
        }
        return Optional.empty();
    }

    /** On lo alone, with ARP only for addresses of the interface asked at. */
    private static Optional<Finding> silent(Situation now, VirtualService service) {
        IpAddress vip = address(service);
        Link link = linkBesideIt(now, vip);
        if (link == null) return Optional.empty();
        OptionalLong ignore = now.facts().sysctls().larger(link.name(), "arp_ignore");
        if (vip.v6() || ignore.orElse(0) == 0) return Optional.empty();
        String what =
                "the VIP " + vip + " is on lo only, and arp_ignore is " + ignore.getAsLong() + " at " + link.name();
        return Optional.of(Finding.of(Hazard.VIP_SILENT, subject(service), what, add(vip, link.name())));
    }

    /** The interface in whose subnet a VIP is that stands on lo alone; null for any other VIP. */
    private static @Nullable Link linkBesideIt(Situation now, IpAddress vip) {
        boolean held = false;
        for (Address own : now.facts().addresses()) {
            if (!Facts.model(own.address()).equals(vip)) continue;
            Link link = now.link(own.index());
            if (link == null || link.ethernet()) return null;
            held = true;
        }
        return held ? now.subnetOf(vip).map(subnet -> now.link(subnet.index())).orElse(null) : null;
    }

    private static Optional<Finding> answersTwice(Situation now, VirtualService service) {
        IpAddress vip = address(service);
        Link link = linkBesideIt(now, vip);
        boolean among = Target.of(service).stream()
                .anyMatch(t -> !(t.forwarding() instanceof Forwarding.Nat) && now.local(t.address()));
        if (link == null || !among || vip.v6()) return Optional.empty();
        Sysctls sysctls = now.facts().sysctls();
        long ignore = sysctls.larger(link.name(), "arp_ignore").orElse(1);
        long announce = sysctls.larger(link.name(), "arp_announce").orElse(2);
        if (ignore > 0) return Optional.empty();
        String what = "this machine is a realserver too, and at " + link.name() + " arp_ignore is " + ignore
                + " and arp_announce " + announce;
        return Optional.of(Finding.of(
                Hazard.VIP_ANSWERS_TWICE,
                subject(service),
                what,
                Sysctls.set("ipv4/conf/" + link.name() + "/arp_ignore", 1),
                Sysctls.set("ipv4/conf/" + link.name() + "/arp_announce", 2)));
    }

    private static List<Finding> martians(Situation now, VirtualService service) {
        List<Finding> found = new ArrayList<>();
        IpAddress vip = address(service);
        if (vip.v6() || service.forwarding() instanceof Forwarding.Nat || !now.local(vip)) return found;
        Sysctls sysctls = now.facts().sysctls();
        for (Target target : Target.of(service)) {
            Link link = now.outwards(target.address());
            if (link == null || !sysctls.is("ipv4/conf/" + link.name() + "/accept_local", 0)) continue;
            if (sysctls.either(link.name(), "accept_local")) continue;
            String what = "accept_local is 0 at " + link.name() + ", and " + vip + " is an address of this machine";
            Remedy remedy = Sysctls.set("ipv4/conf/" + link.name() + "/accept_local", 1);
            Finding finding = Finding.of(Hazard.MARTIAN_ANSWERS, subject(service), what, remedy);
            if (!found.contains(finding)) found.add(finding);
        }
        return found;
    }

    private static Optional<Finding> portTaken(Situation now, VirtualService service) {
        for (BoundPort bound : now.facts().ports()) {
            boolean same = bound.protocol() == service.key().protocol()
                    && bound.port() == service.key().vip().port();
            if (!same || !bound.holds(address(service))) continue;
            String who = bound.owner().isEmpty() ? "a program" : bound.owner();
            String what = who + " is bound to " + new Endpoint(bound.address(), bound.port()) + "/"
                    + bound.protocol().lower();
            Remedy remedy = bound.pid() == 0
                    ? new Remedy(
                            "to see who it is, as root",
                            "ss -" + (bound.protocol() == Protocol.UDP ? "u" : "t") + "lnp sport = :" + bound.port())
                    : Remedy.here("kill " + bound.pid());
            return Optional.of(Finding.of(Hazard.PORT_TAKEN, subject(service), what, remedy));
        }
        return Optional.empty();
    }
}
