package io.evenkeel.director;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.director.DirectorState.Chance;
import io.evenkeel.director.ServiceState.RetiredServer;
import io.evenkeel.health.CheckRule;
import io.evenkeel.model.Check;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Refused;
import io.evenkeel.model.VirtualService;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The realservers' part of a {@link ReloadPlanner}: who is new, who stays with what is known of it, who goes. */
final class ServerPlanner {
    private final long now;
    private final SplittableRandom random;
    private final Inheritance inheritance;
    private long nextCheckId;
    final List<Action> actions = new ArrayList<>();
    int added;
    int removed;
    int changed;

    @Nullable
    Refused refused;

    ServerPlanner(long now, Chance chance, Inheritance inheritance) {
        this.now = now;
        this.inheritance = inheritance;
        this.nextCheckId = chance.nextCheckId();
        this.random = new SplittableRandom(chance.seed());
    }

    Chance chance() {
        return new Chance(nextCheckId, random.nextLong());
    }

    /** {@code service} with the realservers of {@code config}, its sorry server last. */
    ServiceState plan(ServiceState service, VirtualService config, int generationFloor) {
        Map<Endpoint, ServerState> before = new LinkedHashMap<>();
        for (ServerState server : service.servers()) before.put(server.endpoint(), server);
        Map<Endpoint, RetiredServer> retired = new LinkedHashMap<>();
        BitSet used = new BitSet();
        for (RetiredServer gone : service.retired()) {
            retired.put(gone.last().endpoint(), gone);
            used.set(gone.last().place().slot());
        }
        for (ServerState server : service.servers()) used.set(server.place().slot());
        List<ServerState> servers = new ArrayList<>();
        for (RealServer wanted : wanted(config)) {
            ServerState known = before.remove(wanted.endpoint());
            boolean sorry = isSorry(config, wanted);
            boolean listed = isListed(config, wanted);
            if (known != null) {
                servers.add(carried(config, known, wanted, listed, sorry));
                continue;
            }
            if (listed) added++;
            RetiredServer back = retired.remove(wanted.endpoint());
            ServerState.Place place = back != null
                    ? back.last().place()
                    : new ServerState.Place(freeSlot(config, used), generationFloor + 1, Usability.SHUT);
            long vain = back != null ? back.last().vain().total() : 0;
            servers.add(fresh(config, wanted, listed, sorry, place, vain));
        }
        for (ServerState gone : before.values()) {
            retired.put(gone.endpoint(), retire(service, gone));
        }
        return new ServiceState(
                config,
                service.slot(),
                servers,
                List.copyOf(retired.values()),
                service.quorumUp(),
                service.compiled(),
                service.candidates(),
                service.compiledFrom());
    }

    /** The service's realservers, then its sorry server if that is not one of them. */
    private static List<RealServer> wanted(VirtualService config) {
        List<RealServer> wanted = new ArrayList<>(config.realServers());
        config.sorryServer().ifPresent(sorry -> {
            boolean listed = wanted.stream().anyMatch(s -> s.endpoint().equals(sorry.endpoint()));
            if (listed) return;
            wanted.add(new RealServer(sorry.endpoint(), 1, sorry.forwarding(), 0, 0, false, false, List.of()));
        });
        return wanted;
    }

    private static boolean isSorry(VirtualService config, RealServer server) {
        return config.sorryServer().isPresent()
                && config.sorryServer().get().endpoint().equals(server.endpoint());
    }

    private static boolean isListed(VirtualService config, RealServer server) {
        return config.realServers().contains(server);
    }

    private ServerState fresh(
            VirtualService config,
            RealServer wanted,
            boolean listed,
            boolean sorry,
            ServerState.Place place,
            long vain) {
        List<CheckState> checks = new ArrayList<>();
        // Of what stands only as sorry server, that it got nothing says nothing.
        Inheritance.Server left = listed ? inheritance.of(config.key(), wanted.endpoint()) : null;
        for (Check check : wanted.checks()) {
            boolean up = left == null ? !alpha(wanted, check) : left.usability() != Usability.SHUT;
            CheckState begun = begin(config, wanted, check, up, left == null ? 0 : left.forwarded());
            checks.add(left == null ? begun : begun.inherited(evidence(left)));
        }
        String evidence = wanted.checks().isEmpty()
                ? "no check configured"
                : left == null ? CheckState.NOT_PROBED : evidence(left);
        long unsuspected = now - ProbeRule.SUSPICION_GAP_NANOS;
        return new ServerState(
                wanted,
                listed,
                sorry,
                place,
                new ServerState.Health(checks, false, unsuspected, now, evidence, now),
                new ServerState.Wish(OperatorIntent.IN, now, false),
                new ServerState.Vain(false, 0, vain),
                Repeats.none(now),
                now);
    }

    private static String evidence(Inheritance.Server left) {
        return "not probed yet; the process before left it "
                + (left.usability() == Usability.SHUT ? "failed" : "in use");
    }

    /** A realserver that stays. A changed check begins anew, but what is known of the realserver holds until it speaks. */
    private ServerState carried(
            VirtualService config, ServerState known, RealServer wanted, boolean listed, boolean sorry) {
        boolean same = known.config().equals(wanted) && known.realserver() == listed && known.sorry() == sorry;
        if (!same && listed) changed++;
        Map<Check, List<CheckState>> running = new HashMap<>();
        for (CheckState check : known.health().checks()) {
            running.computeIfAbsent(check.check(), _ -> new ArrayList<>()).add(check);
        }
        long forwarded = 0;
        for (CheckState check : known.health().checks()) forwarded = Math.max(forwarded, check.forwardedAtPass());
        List<CheckState> checks = new ArrayList<>();
        for (Check check : wanted.checks()) {
            List<CheckState> equal = running.getOrDefault(check, List.of());
            boolean up = known.realserver() ? known.alive() : !alpha(wanted, check);
            checks.add(equal.isEmpty() ? begin(config, wanted, check, up, forwarded) : equal.removeFirst());
        }
        running.values().forEach(left -> left.forEach(check -> cancel(config, known, check)));
        ServerState.Health health = known.health();
        boolean unchecked = checks.isEmpty() && !health.checks().isEmpty();
        ServerState next = new ServerState(
                wanted,
                listed,
                sorry,
                known.place(),
                new ServerState.Health(
                        checks,
                        health.suspect(),
                        health.suspectNanos(),
                        health.failedNanos(),
                        unchecked ? "no check configured" : health.evidence(),
                        unchecked ? now : health.evidenceNanos()),
                known.wish(),
                known.vain(),
                known.repeats(),
                known.shownNanos());
        drainDeadline(config, next);
        return next;
    }

    /** A realserver's {@code alpha} holds for each of its checks. */
    private static boolean alpha(RealServer server, Check check) {
        return server.alpha() || check.timing().alpha();
    }

    private void drainDeadline(VirtualService config, ServerState server) {
        if (!server.draining() || server.wish().expired()) return;
        TimerKey key = new TimerKey.DrainEnds(config.key(), server.endpoint());
        actions.add(
                config.drainTimeout().isEmpty()
                        ? new Action.CancelTimer(key)
                        : new Action.SetTimer(
                                key,
                                server.wish().sinceNanos()
                                        + ProbeRule.nanos(config.drainTimeout().get())));
    }

    private CheckState begin(VirtualService config, RealServer server, Check check, boolean up, long forwarded) {
        CheckState state = CheckState.fresh(nextCheckId++, check, up, forwarded, now);
        CheckRef ref = new CheckRef(config.key(), server.endpoint(), state.id());
        long wait = CheckRule.firstProbeInNanos(check.timing(), random.nextDouble());
        actions.add(new Action.SetTimer(new TimerKey.Probe(ref), now + wait));
        return state;
    }

    private void cancel(VirtualService config, ServerState server, CheckState check) {
        CheckRef ref = new CheckRef(config.key(), server.endpoint(), check.id());
        actions.add(new Action.CancelTimer(new TimerKey.Probe(ref)));
        actions.add(new Action.CancelTimer(new TimerKey.ProbeLost(ref)));
    }

    /** Flows move at once: the generation is another one. The slot stays reserved while flows may name it. */
    RetiredServer retire(ServiceState service, ServerState gone) {
        if (gone.realserver()) removed++;
        for (CheckState check : gone.health().checks()) cancel(service.config(), gone, check);
        actions.add(new Action.CancelTimer(new TimerKey.SuspicionEnds(service.key(), gone.endpoint())));
        actions.add(new Action.CancelTimer(new TimerKey.SuspicionsSummed(service.key(), gone.endpoint())));
        actions.add(new Action.CancelTimer(new TimerKey.DrainEnds(service.key(), gone.endpoint())));
        long free = now + ProbeRule.nanos(service.config().udpTimeout()) + TableRule.REST_NANOS;
        return new RetiredServer(gone.with(gone.place().bumped().usable(Usability.SHUT)), free);
    }

    private int freeSlot(VirtualService config, BitSet used) {
        int slot = used.nextClearBit(0);
        if (slot >= ForwardingTable.MAX_SERVERS) {
            refused = new Refused(
                    config.key() + ": all " + ForwardingTable.MAX_SERVERS
                            + " places for realservers are in use or still named by flows of removed ones",
                    "wait for udp_timeout to pass and reload again");
            return 0;
        }
        used.set(slot);
        return slot;
    }

    boolean onlyServersDiffer(VirtualService a, VirtualService b) {
        return withServers(a, b.realServers()).equals(b);
    }

    private static VirtualService withServers(VirtualService s, List<RealServer> realServers) {
        return new VirtualService(
                s.key(),
                s.scheduling(),
                s.onePacket(),
                s.forwarding(),
                s.persistence(),
                s.responses(),
                s.udpTimeout(),
                s.clientAddress(),
                s.transparent(),
                s.proxyProtocol(),
                s.canonicalOrder(),
                s.quorum(),
                s.hysteresis(),
                s.alpha(),
                s.omega(),
                s.sorryServer(),
                s.drainTimeout(),
                s.failbackGrace(),
                realServers);
    }

    /** Servers whose shown state a reload has changed begin it now. */
    static ServiceState shown(ServiceState before, ServiceState after, long now) {
        List<ServerState> servers = new ArrayList<>(after.servers());
        servers.replaceAll(server -> {
            ServerState was = before.server(server.endpoint());
            return was == null || was.shown() == server.shown() ? server : server.shownSince(now);
        });
        return after.with(servers);
    }
}
