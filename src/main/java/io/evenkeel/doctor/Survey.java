package io.evenkeel.doctor;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Capabilities;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetlinkReply.Refusal;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.VirtualService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds out the facts: asks the kernel and reads /proc, and changes nothing. For a platform thread in the network
 * namespace that is meant. What cannot be read is said, and is not a failure.
 */
final class Survey {
    /** More VIPs and realservers than this are not looked up. */
    private static final int MOST_ADDRESSES = 65_536;

    private final List<String> unread = new ArrayList<>();
    private final Set<IpAddress> addresses = new LinkedHashSet<>();

    private Survey() {}

    static Facts read(Optional<Configuration> configuration) {
        return new Survey().all(configuration);
    }

    private Facts all(Optional<Configuration> configuration) {
        configuration.ifPresent(file -> file.services().forEach(this::name));
        List<Link> links;
        List<Address> own;
        List<Neighbour> neighbours;
        Map<String, Nic> nics;
        Map<IpAddress, NetlinkReply<Route>> routes = new HashMap<>();
        try (RouteSocket questions = new RouteSocket()) {
            links = list(questions.links(), "the interfaces");
            own = list(questions.addresses(), "the addresses");
            neighbours = list(questions.neighbours(), "the ARP and ND tables");
            nics = new NicSurvey(links, questions, unread).read();
            for (IpAddress address : addresses) routes.put(address, questions.route(Facts.numeric(address)));
        }
        ProcFiles files = new ProcFiles(unread);
        Capabilities capabilities = Capabilities.current();
        return new Facts(
                links,
                own,
                neighbours,
                routes,
                files.defaultRoutes(),
                nics,
                files.sysctls(links),
                files.boundPorts(),
                Libc.openFileLimit(),
                Runtime.getRuntime().availableProcessors(),
                capabilities.has(Capabilities.NET_ADMIN),
                unread);
    }

    private void name(VirtualService service) {
        Stream.concat(
                        Stream.of(service.key().vip().address()),
                        Target.of(service).stream().map(Target::address))
                .filter(address -> !address.isAny())
                .takeWhile(_ -> addresses.size() < MOST_ADDRESSES)
                .forEach(addresses::add);
    }

    private <T> List<T> list(NetlinkReply<List<T>> reply, String what) {
        return switch (reply) {
            case Answer<List<T>>(List<T> all) -> all;
            case Refusal<List<T>> refused -> {
                unread.add(what + ": " + refused.error().text());
                yield List.of();
            }
        };
    }
}
