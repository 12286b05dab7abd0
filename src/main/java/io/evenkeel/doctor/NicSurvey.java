package io.evenkeel.doctor;

import io.evenkeel.doctor.Nic.FarEnd;
import io.evenkeel.linux.Attached;
import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.Ethtool;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetworkNamespace;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.TcFilter;
import io.evenkeel.linux.XdpFeatures;
import io.evenkeel.linux.XdpMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Asks the drivers of all Ethernet interfaces. Owned by one platform thread. */
final class NicSurvey {
    /** More interfaces than this are not asked; a machine with more is one of containers. */
    private static final int MOST = 512;

    private final List<Link> links;
    private final RouteSocket questions;
    private final OtherNamespaces namespaces;
    private final List<String> unread;

    NicSurvey(List<Link> links, RouteSocket questions, List<String> unread) {
        this.questions = questions;
        this.namespaces = new OtherNamespaces(questions);
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

    private static List<Program> xdp(Link link) {
        String place = switch (link.xdp()) {
            case NONE -> "";
            case NATIVE -> Program.NATIVE;
            case GENERIC -> Program.GENERIC;
            case OFFLOADED -> "offloaded XDP";
            case SEVERAL -> "native XDP and others";
        };
        if (link.xdp() == XdpMode.NONE) return List.of();
        return List.of(held(link, Attached.of(place, link.xdpProgram()), ""));
    }

    private static Program held(Link link, Attached program, String hook) {
        OptionalInt holder = BpfLink.holding(program.programId(), link.index());
        return new Program(program.toString(), program.programName(), hook, 0, holder.orElse(0));
    }

    private List<Program> tc(Link link, List<String> silent) {
        List<Program> found = new ArrayList<>();
        for (TcDirection direction : TcDirection.values()) {
            String hook = direction.word();
            try {
                Attached.tcx(link.index(), direction, link.name()).forEach(p -> found.add(held(link, p, hook)));
            } catch (SyscallException refused) {
                silent.add("TC " + hook + " programs of " + link.name() + ": " + refused.getMessage());
            }
            if (questions.filters(link.index(), direction) instanceof Answer<List<TcFilter>>(List<TcFilter> filters)) {
                filters.stream().filter(filter -> !filter.ours()).forEach(filter -> found.add(filter(filter, hook)));
            }
        }
        return found;
    }

    private static Program filter(TcFilter filter, String hook) {
        String name = filter.program().isEmpty() ? "a filter" : filter.program();
        String text = name + " (" + filter.kind() + ", TC " + hook + ", preference " + filter.priority() + ")";
        return new Program(text, filter.program(), hook, filter.priority(), 0);
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
