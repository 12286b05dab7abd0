package io.evenkeel.director;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Origins;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.VirtualService;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.Schedule.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges what a plane can do with a configuration, and makes forwarding tables. It needs the plane's limits only, not
 * the plane: {@code check} asks it too. Immutable; any thread.
 */
public final class TableCompiler {
    private final PlaneLimits limits;
    private final boolean planeChosen;

    /**
     * @param planeChosen the operator named this plane ({@code --plane}): what it cannot keep of a client's address is
     *     then a warning, otherwise an error
     */
    public TableCompiler(PlaneLimits limits, boolean planeChosen) {
        this.limits = limits;
        this.planeChosen = planeChosen;
    }

    /** Everything that this plane cannot do or does otherwise, in the file's order; usable when none is an error. */
    public List<Diagnostic> judge(Configuration configuration, Origins origins) {
        return new PlaneRules(limits, planeChosen, origins).judge(configuration);
    }

    /** The table of services whose {@code compiled} is up to date. */
    static ForwardingTable table(long version, Configuration configuration, List<ServiceState> services) {
        List<ForwardedService> forwarded = new ArrayList<>(services.size());
        for (ServiceState service : services) {
            ForwardedService compiled = service.compiled();
            if (compiled == null) throw new IllegalStateException(service.key() + " is not compiled");
            forwarded.add(compiled);
        }
        return new ForwardingTable(version, forwarded, configuration.replyPorts(), configuration.replyAddresses());
    }

    /** The service with its place in the next table; the same object when nothing of it changes there. */
    static ServiceState compile(ServiceState state) {
        VirtualService config = state.config();
        List<Candidate> candidates = new ArrayList<>(state.servers().size());
        List<ForwardedServer> servers = new ArrayList<>(state.servers().size());
        for (ServerState server : state.servers()) {
            Candidate candidate = candidate(server, state.sorryServes());
            candidates.add(candidate);
            servers.add(forwarded(server, candidate.weight()));
        }
        ForwardedService last = state.compiled();
        Schedule schedule = last != null && candidates.equals(state.candidates()) && sameScheduler(last, config, state)
                ? last.schedule()
                : Schedule.compile(config.scheduling(), candidates, config.onePacket(), config.canonicalOrder());
        ForwardedService next = new ForwardedService(
                state.slot(),
                config.key(),
                schedule,
                config.onePacket(),
                config.responses().orElse(ForwardedService.UNKNOWN_RESPONSES),
                nanos(config.udpTimeout()),
                config.persistence()
                        .map(p -> new ForwardedService.Affinity(nanos(p.timeout()), p.prefixLength()))
                        .orElse(null),
                config.transparent(),
                config.proxyProtocol(),
                nanos(config.failbackGrace()),
                servers);
        return next.equals(last) ? state : state.compiledAs(next, candidates);
    }

    private static boolean sameScheduler(ForwardedService last, VirtualService config, ServiceState state) {
        Optional<VirtualService> from = state.compiledFrom();
        return from.isPresent()
                && last.onePacket() == config.onePacket()
                && from.get().scheduling().equals(config.scheduling())
                && from.get().canonicalOrder() == config.canonicalOrder();
    }

    private static ForwardedServer forwarded(ServerState server, int weight) {
        RealServer config = server.config();
        return new ForwardedServer(
                server.place().slot(),
                config.endpoint(),
                config.forwarding(),
                weight,
                server.place().usability(),
                server.place().generation(),
                config.upperThreshold(),
                config.lowerThreshold());
    }

    /**
     * How schedulers see it. What keepalived takes out of IPVS's list is absent; what it leaves there with weight 0
     * ({@code inhibit_on_failure}), and what an operator drains, is IPVS's weight-0 edit.
     */
    static Candidate candidate(ServerState server, boolean sorryServes) {
        if (server.sorry() && sorryServes) return new Candidate(server.endpoint(), 1, 1, true);
        if (!server.realserver()) return new Candidate(server.endpoint(), 0, 0, false);
        int weight = server.effectiveWeight();
        int lastWeight = weight > 0 ? weight : server.config().weight();
        boolean listed = server.alive() && (!sorryServes || server.draining());
        if (!listed) {
            boolean inhibit = server.config().inhibitOnFailure();
            return new Candidate(server.endpoint(), 0, inhibit ? lastWeight : 0, inhibit);
        }
        if (server.draining()) return new Candidate(server.endpoint(), 0, lastWeight, true, true);
        return new Candidate(server.endpoint(), weight, lastWeight, true);
    }

    private static long nanos(Duration duration) {
        return ProbeRule.nanos(duration);
    }
}
