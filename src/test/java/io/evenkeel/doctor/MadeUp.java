package io.evenkeel.doctor;

import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkError;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.XdpMode;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A machine of made-up facts, at first one where nothing is wrong:
 *
 * <pre>
 *   clients --- cl (2) 198.18.0.254/24, VIP 198.18.0.200 --- d1 --- sw (3) 198.18.1.254/24 --- 198.18.1.11
 *                                                                                          --- 198.18.1.1 gateway
 * </pre>
 */
final class MadeUp {
    static final String SERVICE = "198.18.0.200 514";

    final List<Link> links = new ArrayList<>();
    final List<Address> addresses = new ArrayList<>();
    final List<Neighbour> neighbours = new ArrayList<>();
    final Map<IpAddress, NetlinkReply<Route>> routes = new HashMap<>();
    final List<DefaultRoute> defaults = new ArrayList<>();
    final Map<String, Nic> nics = new HashMap<>();
    final Map<String, String> sysctls = new HashMap<>();
    final List<BoundPort> ports = new ArrayList<>();
    final List<Refused> missing = new ArrayList<>();
    Set<Plane> planes = EnumSet.allOf(Plane.class);
    int openFiles = 1 << 20;
    boolean networkAdmin = true;
    Optional<Configuration> configuration = Optional.empty();

    MadeUp() {
        links.add(new Link(1, "lo", false, 0, 65_536, true, true, false, 0, "", 0, false, XdpMode.NONE, 0));
        link(2, "cl", "");
        link(3, "sw", "");
        address(2, "198.18.0.254", 24, 0);
        address(2, "198.18.0.200", 24, 0);
        address(3, "198.18.1.254", 24, 0);
        sysctls.put("ipv4/ip_forward", "1");
        sysctls.put("ipv6/conf/all/forwarding", "1");
        sysctls.put("core/bpf_jit_enable", "1");
        for (String device : List.of("all", "cl", "sw")) {
            sysctls.put("ipv4/conf/" + device + "/forwarding", "1");
            for (String key : List.of("rp_filter", "arp_ignore", "arp_announce", "send_redirects", "accept_local")) {
                sysctls.put("ipv4/conf/" + device + "/" + key, "0");
            }
        }
        defaults.add(new DefaultRoute(false, "cl"));
        way("198.18.0.200", new Route(Route.Kind.LOCAL, List.of(), null, 0));
        onLink("198.18.1.11", 3);
        file(service("NAT", "198.18.1.11 514"));
    }

    /** A service of one realserver that expects replies. */
    static String service(String kind, String server) {
        return service(SERVICE, kind, server, "");
    }

    static String service(String vip, String kind, String server, String more) {
        return "virtual_server " + vip + " {\n protocol UDP\n lb_algo rr\n lb_kind " + kind + "\n ops\n " + more
                + "\n real_server " + server + " {\n }\n}\n";
    }

    MadeUp file(String text) {
        try {
            Path file = Files.createTempFile("ek-doctor", ".conf");
            Loaded loaded = ConfigurationLoader.load(Files.writeString(file, text));
            Files.delete(file);
            if (loaded.hasErrors())
                throw new IllegalArgumentException(loaded.diagnostics().toString());
            configuration = Optional.of(loaded.configuration());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    MadeUp link(int index, String name, String kind) {
        links.add(new Link(
                index,
                name,
                true,
                0x020000000000L + index,
                1500,
                true,
                true,
                true,
                0,
                kind,
                0,
                false,
                XdpMode.NONE,
                0));
        return this;
    }

    MadeUp link(String name, UnaryOperator<Link> change) {
        links.replaceAll(link -> link.name().equals(name) ? change.apply(link) : link);
        return this;
    }

    static UnaryOperator<Link> mtu(int mtu) {
        return l -> new Link(
                l.index(), l.name(), true, l.mac(), mtu, true, true, true, 0, l.kind(), 0, false, XdpMode.NONE, 0);
    }

    static UnaryOperator<Link> up(boolean up, boolean carrier) {
        return l -> new Link(
                l.index(), l.name(), true, l.mac(), 1500, up, carrier, true, 0, l.kind(), 0, false, XdpMode.NONE, 0);
    }

    static UnaryOperator<Link> kind(String kind, int master, int lower) {
        return l -> new Link(
                l.index(),
                l.name(),
                true,
                l.mac(),
                1500,
                true,
                true,
                true,
                master,
                kind,
                lower,
                false,
                XdpMode.NONE,
                0);
    }

    MadeUp address(int index, String address, int bits, int flags) {
        addresses.add(new Address(index, Facts.numeric(IpAddress.of(address)), bits, 0, flags, -1, -1));
        return this;
    }

    MadeUp withoutAddress(String address) {
        addresses.removeIf(a -> Facts.model(a.address()).equals(IpAddress.of(address)));
        return this;
    }

    MadeUp way(String to, Route route) {
        routes.put(IpAddress.of(to), new NetlinkReply.Answer<>(route));
        return this;
    }

    MadeUp onLink(String to, int index) {
        return way(to, new Route(Route.Kind.UNICAST, List.of(new Route.Path(index, null, 1, false)), null, 0));
    }

    MadeUp behind(String to, int index, String gateway) {
        Route.Path path = new Route.Path(index, Facts.numeric(IpAddress.of(gateway)), 1, false);
        return way(to, new Route(Route.Kind.UNICAST, List.of(path), null, 0));
    }

    MadeUp noRoute(String to, int errno) {
        routes.put(IpAddress.of(to), new NetlinkReply.Refusal<>(new NetlinkError(errno, "")));
        return this;
    }

    MadeUp sysctl(String key, String value) {
        sysctls.put(key, value);
        return this;
    }

    MadeUp nic(String device, Nic nic) {
        nics.put(device, nic);
        return this;
    }

    Examination judge() {
        Facts facts = new Facts(
                links,
                addresses,
                neighbours,
                routes,
                defaults,
                nics,
                new Sysctls(sysctls),
                ports,
                openFiles,
                2,
                networkAdmin,
                List.of());
        return Doctor.judge(facts, new Doctor.Question(configuration, planes, missing));
    }
}
