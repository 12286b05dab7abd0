package io.evenkeel.director;

import io.evenkeel.dataplane.Ability;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Origin;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Refused;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.VirtualService;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.Schedule.Candidate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** What a plane makes of each service: one judgement, used once, by one thread. */
final class PlaneRules {
    private final PlaneLimits limits;
    private final boolean planeChosen;
    private final Origins origins;
    private final List<Diagnostic> diagnostics = new ArrayList<>();

    PlaneRules(PlaneLimits limits, boolean planeChosen, Origins origins) {
        this.limits = limits;
        this.planeChosen = planeChosen;
        this.origins = origins;
    }

    List<Diagnostic> judge(Configuration configuration) {
        if (configuration.services().size() > ForwardingTable.MAX_SERVICES) {
            say(
                    Severity.ERROR,
                    Optional.empty(),
                    configuration.services().size() + " virtual services, at most " + ForwardingTable.MAX_SERVICES
                            + " can be served",
                    "");
        }
        for (VirtualService service : configuration.services()) judge(service);
        return List.copyOf(diagnostics);
    }

    private void judge(VirtualService service) {
        if (service.realServers().size() >= ForwardingTable.MAX_SERVERS) {
            say(
                    Severity.ERROR,
                    at(service, "real_server"),
                    service.key() + " has " + service.realServers().size() + " realservers, at most "
                            + (ForwardingTable.MAX_SERVERS - 1) + " can be served",
                    "");
        }
        Set<Endpoint> seen = new HashSet<>();
        for (RealServer server : service.realServers()) {
            if (!seen.add(server.endpoint())) {
                say(
                        Severity.ERROR,
                        at(service, server.endpoint().toString()),
                        service.key() + ": realserver " + server.endpoint() + " is listed twice",
                        "give it more weight instead");
            }
            if (!server.forwarding().equals(service.forwarding())) {
                method(service, server.endpoint().toString(), server.forwarding());
            }
            loop(service, server.endpoint(), server.forwarding());
        }
        // What the service says for all is said once.
        boolean inherited =
                service.realServers().stream().anyMatch(s -> s.forwarding().equals(service.forwarding()));
        if (inherited) method(service, "lb_kind", service.forwarding());
        service.sorryServer().ifPresent(sorry -> {
            if (!sorry.forwarding().equals(service.forwarding())) {
                method(service, "sorry_server", sorry.forwarding());
            }
            loop(service, sorry.endpoint(), sorry.forwarding());
        });
        clientAddress(service);
        transparent(service);
        scheduler(service);
        abilities(service);
    }

    /** What the service asks for and the plane has not learnt yet. */
    private void abilities(VirtualService service) {
        Endpoint vip = service.key().vip();
        lacks(vip.address().isAny() || vip.port() == 0, Ability.ANY_DESTINATION, service, "");
        lacks(service.proxyProtocol(), Ability.PROXY_PROTOCOL, service, "proxy_protocol");
        compared(service);
    }

    /** A plane that compares all realservers for each pick may have a bound. */
    private void compared(VirtualService service) {
        boolean compares = service.realServers().stream().anyMatch(server -> server.upperThreshold() > 0)
                || switch (service.scheduling()) {
                    case Scheduling.RoundRobin _,
                            Scheduling.WeightedRoundRobin _,
                            Scheduling.SourceHash _,
                            Scheduling.DestinationHash _,
                            Scheduling.Maglev _ -> false;
                    case Scheduling.LeastConnection _,
                            Scheduling.WeightedLeastConnection _,
                            Scheduling.ShortestExpectedDelay _,
                            Scheduling.NeverQueue _,
                            Scheduling.WeightedFailover _,
                            Scheduling.Overflow _ -> true;
                };
        long realservers = endpoints(service).count();
        if (!compares || realservers <= limits.mostCompared()) return;
        say(
                Severity.ERROR,
                at(service, "lb_algo"),
                service.key() + ": the " + limits.plane() + " plane compares at most " + limits.mostCompared()
                        + " realservers, and has " + realservers + " to compare for "
                        + service.scheduling().ipvsName() + " or thresholds",
                "use rr, wrr, sh or mh without thresholds, or --plane socket");
    }

    private static Stream<Endpoint> endpoints(VirtualService service) {
        return Stream.concat(
                service.realServers().stream().map(RealServer::endpoint),
                service.sorryServer().stream().map(VirtualService.SorryServer::endpoint));
    }

    private void lacks(boolean asked, Ability ability, VirtualService service, String keyword) {
        if (!asked || !limits.lacking().contains(ability)) return;
        say(
                Severity.ERROR,
                at(service, keyword),
                service.key() + ": the " + limits.plane() + " plane cannot do this yet: " + ability.words(),
                "use --plane socket");
    }

    private void method(VirtualService service, String writtenAs, Forwarding forwarding) {
        Optional<Refused> refused = switch (forwarding) {
            case Forwarding.Nat _ -> Optional.empty();
            case Forwarding.DirectRouting _ -> limits.directRouting();
            case Forwarding.Tunnel _ -> limits.tunnel();
        };
        if (refused.isEmpty()) return;
        say(
                Severity.ERROR,
                at(service, writtenAs),
                service.key() + ": the " + limits.plane() + " plane cannot do lb_kind " + forwarding.word() + ": "
                        + refused.get().what(),
                refused.get().remedy());
    }

    /** What is forwarded to the service's own address comes back to it, without end. */
    private void loop(VirtualService service, Endpoint server, Forwarding forwarding) {
        if (!(forwarding instanceof Forwarding.Nat)
                || !server.equals(service.key().vip())) return;
        say(
                Severity.ERROR,
                at(service, server.toString()),
                "realserver " + server + " is the virtual service itself: each packet would come back for ever",
                "give the realserver another address or port");
    }

    private void clientAddress(VirtualService service) {
        boolean nat = service.realServers().stream().anyMatch(s -> s.forwarding() instanceof Forwarding.Nat);
        boolean accepted = service.clientAddress() == VirtualService.ClientAddress.DIRECTOR
                || service.transparent()
                || service.proxyProtocol();
        if (!nat || accepted || limits.keepsClientAddress()) return;
        boolean written = service.clientAddress() == VirtualService.ClientAddress.KEEP;
        say(
                planeChosen ? Severity.WARNING : Severity.ERROR,
                at(service, written ? "client_address" : "lb_kind"),
                service.key() + ": realservers will see the director's address, not the client's: the "
                        + limits.plane() + " plane cannot keep it as "
                        + (written ? "client_address keep" : "lb_kind NAT")
                        + " means",
                "write client_address director to accept it, or proxy_protocol v2, or transparent (one-way services)");
    }

    private void transparent(VirtualService service) {
        if (!service.transparent() || limits.keepsClientAddress()) return;
        limits.transparent()
                .ifPresent(refused -> say(
                        Severity.ERROR,
                        at(service, "transparent"),
                        service.key() + ": the " + limits.plane() + " plane cannot do transparent: " + refused.what(),
                        refused.remedy()));
        boolean oneWay =
                service.key().protocol() == Protocol.UDP && service.responses().equals(OptionalInt.of(0));
        if (oneWay) return;
        say(
                Severity.ERROR,
                at(service, "transparent"),
                service.key()
                        + ": transparent is for one-way services: replies would go to the client past the director",
                "write responses 0 if no replies are expected, else proxy_protocol v2 or client_address director");
    }

    private void scheduler(VirtualService service) {
        List<Candidate> candidates = service.realServers().stream()
                .map(s -> new Candidate(s.endpoint(), s.weight(), s.weight(), true))
                .toList();
        String name = service.scheduling().ipvsName();
        switch (service.scheduling()) {
            case Scheduling.WeightedRoundRobin _ -> {
                Schedule schedule = Schedule.compile(service.scheduling(), candidates, service.onePacket(), false);
                if (schedule instanceof Rotation rotation && !rotation.exact()) {
                    say(
                            Severity.NOTICE,
                            at(service, "lb_algo"),
                            service.key() + ": shares are rounded, each by less than 1/" + Rotation.MAX_LENGTH
                                    + ": the weights divided by their common divisor sum to more than "
                                    + Rotation.MAX_LENGTH,
                            "weights with a smaller reduced sum are dealt exactly");
                }
            }
            case Scheduling.LeastConnection _,
                    Scheduling.WeightedLeastConnection _,
                    Scheduling.ShortestExpectedDelay _,
                    Scheduling.NeverQueue _ -> {
                if (service.onePacket()) {
                    say(
                            Severity.NOTICE,
                            at(service, "lb_algo"),
                            service.key() + ": " + name + " under ops deals by what was forwarded lately, since no "
                                    + "datagram is a connection (IPVS would send all to one realserver)",
                            "wrr deals exactly by weight");
                } else if (service.scheduling() instanceof Scheduling.ShortestExpectedDelay && udp(service)) {
                    unevenUdp(service);
                }
            }
            case Scheduling.Overflow _ -> {
                if (udp(service)) unevenUdp(service);
            }
            case Scheduling.RoundRobin _,
                    Scheduling.WeightedFailover _,
                    Scheduling.SourceHash _,
                    Scheduling.Maglev _,
                    Scheduling.DestinationHash _ -> {
                // they do for UDP what their name says
            }
        }
    }

    private void unevenUdp(VirtualService service) {
        say(
                Severity.WARNING,
                at(service, "lb_algo"),
                service.key() + ": " + service.scheduling().ipvsName()
                        + " sends all UDP to the heaviest realserver: UDP flows are never active (as in IPVS)",
                "wlc or wrr share by weight");
    }

    private static boolean udp(VirtualService service) {
        return service.key().protocol() == Protocol.UDP;
    }

    private Optional<Origin> at(VirtualService service, String keyword) {
        return origins.of(service.key(), keyword);
    }

    private void say(Severity severity, Optional<Origin> origin, String message, String suggestion) {
        diagnostics.add(Diagnostic.at(severity, origin, message, suggestion));
    }
}
