package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.linux.Libc;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens all that a table needs beside what runs: every front of a new service, one-way sockets, route MTUs. Refuses as a
 * whole, and then gives back what it opened. The director's thread.
 */
final class PlanePreparation {
    private final List<Reactor> reactors;
    private final PlaneLimits limits;
    private final IntSupplier openFileLimit;

    PlanePreparation(List<Reactor> reactors, PlaneLimits limits, IntSupplier openFileLimit) {
        this.reactors = reactors;
        this.limits = limits;
        this.openFileLimit = openFileLimit;
    }

    /** What became of one attempt to open something: descriptors, or why not. */
    private record Opened(List<Integer> fds, @Nullable Refused refused) {}

    Preparation prepare(ForwardingTable table, Map<ServiceKey, LiveService> live) {
        List<PreparedService> services = new ArrayList<>();
        PreparedTable prepared = new PreparedTable(table, services);
        Map<IpAddress, Integer> mtus = new HashMap<>();
        int limit = openFileLimit.getAsInt();
        long descriptors = (long) reactors.size() * DescriptorBudget.PER_WORKER;
        for (ForwardedService service : table.services()) {
            descriptors += DescriptorBudget.Demand.ofService(service, reactors.size());
            Refused refused = DescriptorBudget.shortOf(limit, descriptors).orElse(null);
            if (refused == null) refused = unsupported(service);
            if (refused == null) refused = add(service, table, live, mtus, services);
            if (refused == null) continue;
            prepared.close();
            return new Preparation.Denied(Optional.of(service.key()), refused);
        }
        return prepared;
    }

    private @Nullable Refused unsupported(ForwardedService service) {
        boolean v6 = serversV6(service);
        for (ForwardedServer server : service.servers()) {
            if (!(server.forwarding() instanceof Forwarding.Nat)) {
                return new Refused(
                        "lb_kind " + server.forwarding().word() + " cannot be done by the socket plane",
                        "use lb_kind NAT");
            }
            if (server.endpoint().address().v6() != v6) {
                return new Refused(
                        "the realservers of " + service.key() + " are of both address families",
                        "make two virtual services of them");
            }
        }
        return service.transparent() ? transparent(service) : null;
    }

    private @Nullable Refused transparent(ForwardedService service) {
        if (limits.transparent().isPresent()) return limits.transparent().get();
        if (service.key().protocol() == Protocol.TCP || service.responses() != 0) {
            return new Refused(
                    "transparent is for one-way UDP services: replies would go to the client past the director",
                    "write responses 0, or use proxy_protocol v2");
        }
        if (service.key().vip().address().v6() == serversV6(service)) return null;
        return new Refused(
                "transparent cannot keep a client's address towards realservers of the other address family",
                "use realservers of the VIP's family, or proxy_protocol v2");
    }

    private static boolean serversV6(ForwardedService service) {
        return !service.servers().isEmpty()
                && service.servers().getFirst().endpoint().address().v6();
    }

    private @Nullable Refused add(
            ForwardedService service,
            ForwardingTable table,
            Map<ServiceKey, LiveService> live,
            Map<IpAddress, Integer> mtus,
            List<PreparedService> into) {
        LiveService present = live.get(service.key());
        boolean fresh = present == null || present.slot != service.slot();
        boolean v6 = serversV6(service);
        LiveService itsLive = present;
        if (itsLive == null || fresh) {
            Opened fronts = openFronts(service.key(), live);
            if (fronts.refused() != null) return fronts.refused();
            itsLive = build(service, fronts.fds());
        }
        Opened oneWay = new Opened(List.of(), null);
        boolean needsOneWay = service.key().protocol() == Protocol.UDP && (fresh || !itsLive.hasOneWay(v6));
        if (needsOneWay) oneWay = openOneWay(service.key(), v6, table.replyAddresses());
        into.add(new PreparedService(itsLive, service, fresh, mtus(service, mtus), v6, oneWay.fds()));
        return oneWay.refused();
    }

    private LiveService build(ForwardedService service, List<Integer> frontFds) {
        LiveService live = new LiveService(service, reactors.size());
        for (Reactor reactor : reactors) {
            int i = reactor.index();
            live.lanes[i] = new ServiceLane(live, reactor.paths());
            live.fronts[i] = switch (service.key().protocol()) {
                case UDP -> new DatagramFront(reactor, live.lanes[i], frontFds.get(i));
                case TCP -> new StreamFront(reactor, live.lanes[i], frontFds.get(i));
            };
        }
        return live;
    }

    /** One front socket for each worker, after a probe that sees a foreign owner of the port. */
    private Opened openFronts(ServiceKey key, Map<ServiceKey, LiveService> live) {
        Endpoint vip = key.vip();
        if (live.keySet().stream().noneMatch(own -> overlaps(own, key))) {
            int free = switch (key.protocol()) {
                case UDP -> DatagramSockets.probe(vip);
                case TCP -> StreamOpening.probe(vip);
            };
            if (free < 0) return new Opened(List.of(), DatagramSockets.refused(key, -free));
        }
        return switch (key.protocol()) {
            case UDP -> openForEach(key, () -> DatagramSockets.front(vip));
            case TCP -> openForEach(key, () -> StreamOpening.open(vip));
        };
    }

    /** A probe for {@code key} would meet the front of {@code own}. */
    private static boolean overlaps(ServiceKey own, ServiceKey key) {
        IpAddress a = own.vip().address();
        IpAddress b = key.vip().address();
        return own.protocol() == key.protocol()
                && own.vip().port() == key.vip().port()
                && a.v6() == b.v6()
                && (a.equals(b) || a.isAny() || b.isAny());
    }

    private Opened openOneWay(ServiceKey key, boolean v6, List<IpAddress> replyAddresses) {
        IpAddress source = replyAddresses.stream()
                .filter(address -> address.v6() == v6)
                .findFirst()
                .orElse(null);
        return openForEach(key, () -> DatagramSockets.oneWay(v6, source));
    }

    private interface Opening {
        int open();
    }

    private Opened openForEach(ServiceKey key, Opening opening) {
        List<Integer> fds = new ArrayList<>();
        while (fds.size() < reactors.size()) {
            int fd = opening.open();
            if (fd >= 0) {
                fds.add(fd);
                continue;
            }
            for (int opened : fds) Libc.close(opened);
            return new Opened(List.of(), DatagramSockets.refused(key, -fd));
        }
        return new Opened(fds, null);
    }

    private static List<Integer> mtus(ForwardedService service, Map<IpAddress, Integer> known) {
        return service.servers().stream()
                .map(server -> known.computeIfAbsent(
                        server.endpoint().address(),
                        address -> RouteMtu.of(
                                address.v6(),
                                address.high(),
                                address.low(),
                                server.endpoint().port())))
                .toList();
    }
}
