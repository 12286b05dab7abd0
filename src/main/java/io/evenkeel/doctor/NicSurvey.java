package io.evenkeel.doctor;

import io.evenkeel.doctor.Nic.FarEnd;
import io.evenkeel.linux.Attached;
import io.evenkeel.linux.Ethtool;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetworkNamespace;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.XdpFeatures;
import io.evenkeel.linux.XdpMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks the drivers of all Ethernet interfaces. Owned by one platform thread. */
final class NicSurvey {
    /** More interfaces than this are not asked; a machine with more is one of containers. */
    private static final int MOST = 512;

    private final List<Link> links;
    private final OtherNamespaces namespaces;
    private final List<String> unread;

    NicSurvey(List<Link> links, OtherNamespaces namespaces, List<String> unread) {
        this.namespaces = namespaces;
        this.links = links;
        this.unread = unread;
    }

    Map<String, Nic> read() {
        Map<String, Nic> found = new HashMap<>();
        try (Ethtool ethtool = new Ethtool();
                XdpFeatures.Questions features = new XdpFeatures.Questions()) {
            for (Link link : links) {
                if (!link.ethernet()) continue;
                if (found.size() == MOST) {
                    unread.add("the drivers of more than " + MOST + " interfaces");
                    break;
                }
                found.put(link.name(), nic(link, ethtool, features));
            }
        } catch (SyscallException refused) {
            unread.add("the drivers: " + refused.getMessage());
        }
        return found;
    }

    private Nic nic(Link link, Ethtool ethtool, XdpFeatures.Questions features) {
        List<String> silent = new ArrayList<>();
        return new Nic(
                ethtool.driver(link.name()).orElse(""),
                ethtool.features(link.name()),
                ethtool.queues(link.name()),
                ethtool.hashesUdpPorts(link.name()),
                features.of(link.index()),
                xdp(link),
                tc(link, silent),
                farEnd(link, ethtool, silent),
                silent);
    }

    private static List<Attached> xdp(Link link) {
        String place = switch (link.xdp()) {
            case NONE -> "";
            case NATIVE -> "native XDP";
            case GENERIC -> "generic XDP";
            case OFFLOADED -> "offloaded XDP";
            case SEVERAL -> "native XDP and others";
        };
        return link.xdp() == XdpMode.NONE ? List.of() : List.of(Attached.of(place, link.xdpProgram()));
    }

    private static List<Attached> tc(Link link, List<String> silent) {
        List<Attached> found = new ArrayList<>();
        try {
            for (TcDirection direction : TcDirection.values()) {
                found.addAll(Attached.tcx(link.index(), direction, link.name()));
            }
        } catch (SyscallException refused) {
            silent.add("TC programs of " + link.name() + ": " + refused.getMessage());
        }
        return found;
    }

    /** The other end of a veth, wherever this process may look. */
    private Optional<FarEnd> farEnd(Link link, Ethtool ethtool, List<String> silent) {
        if (link.peer() == 0) return Optional.empty();
        if (!link.lowerElsewhere()) return peer(link.peer(), links).map(end -> farEnd("", end, ethtool));
        Optional<FarEnd> elsewhere = namespaces.of(link).flatMap(there -> farEnd(link, there));
        if (elsewhere.isEmpty()) {
            silent.add("the other end of the veth " + link.name() + ": it is in a network namespace out of reach");
        }
        return elsewhere;
    }

    private static Optional<FarEnd> farEnd(Link link, OtherNamespaces.Namespace there) {
        try {
            return NetworkNamespace.call(there.path(), () -> {
                try (RouteSocket questions = new RouteSocket();
                        Ethtool ethtool = new Ethtool()) {
                    return questions.links() instanceof Answer<List<Link>>(List<Link> all)
                            ? peer(link.peer(), all).map(end -> farEnd(there.prefix(), end, ethtool))
                            : Optional.empty();
                }
            });
        } catch (SyscallException denied) {
            return Optional.empty();
        }
    }

    private static Optional<Link> peer(int index, List<Link> among) {
        return among.stream().filter(link -> link.index() == index).findFirst();
    }

    private static FarEnd farEnd(String prefix, Link end, Ethtool ethtool) {
        return new FarEnd(
                prefix,
                end.name(),
                end.mtu(),
                end.xdp() != XdpMode.NONE,
                ethtool.features(end.name()).orElse(Set.of()),
                ethtool.queues(end.name()));
    }
}
