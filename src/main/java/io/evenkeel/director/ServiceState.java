package io.evenkeel.director;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.health.QuorumRule;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import io.evenkeel.schedule.Schedule.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One virtual service as it stands.
 *
 * @param servers the file's order, a sorry server of its own last
 * @param retired removed realservers whose slots may still be named by flows
 * @param quorumUp by keepalived's formulas
 * @param compiled as it stands in the last table made; null if in none
 * @param candidates what {@code compiled}'s schedule was made from
 * @param compiledFrom the configuration that {@code compiled} was made from
 */
record ServiceState(
        VirtualService config,
        int slot,
        List<ServerState> servers,
        List<RetiredServer> retired,
        boolean quorumUp,
        @Nullable ForwardedService compiled,
        List<Candidate> candidates,
        Optional<VirtualService> compiledFrom) {

    /**
     * A removed realserver: one that comes back regains its slot and figures.
     *
     * @param freeNanos from then on no flow can name the slot
     */
    record RetiredServer(ServerState last, long freeNanos) {}

    ServiceState {
        servers = List.copyOf(servers);
        retired = List.copyOf(retired);
        candidates = List.copyOf(candidates);
    }

    ServiceKey key() {
        return config.key();
    }

    boolean sorryServes() {
        return !quorumUp && config.sorryServer().isPresent();
    }

    /** Σ effective weight of live realservers; a draining one counts as keepalived's weight 0. */
    long liveWeight() {
        long sum = 0;
        for (ServerState server : servers) {
            if (server.realserver() && server.alive() && !server.draining()) sum += server.effectiveWeight();
        }
        return sum;
    }

    @Nullable
    ServerState server(Endpoint endpoint) {
        for (ServerState server : servers) if (server.endpoint().equals(endpoint)) return server;
        return null;
    }

    int highestGeneration() {
        int highest = 0;
        for (ServerState server : servers)
            highest = Math.max(highest, server.place().generation());
        for (RetiredServer server : retired) {
            highest = Math.max(highest, server.last().place().generation());
        }
        return highest;
    }

    ServiceState with(ServerState changed) {
        List<ServerState> next = new ArrayList<>(servers);
        next.replaceAll(server -> server.endpoint().equals(changed.endpoint()) ? changed : server);
        return with(next);
    }

    ServiceState with(List<ServerState> next) {
        return new ServiceState(config, slot, next, retired, quorumUp, compiled, candidates, compiledFrom);
    }

    ServiceState compiledAs(ForwardedService made, List<Candidate> from) {
        return new ServiceState(config, slot, servers, retired, quorumUp, made, from, Optional.of(config));
    }

    /** At start: quorum by the formula for starting, then all that follows from it. */
    ServiceState begun() {
        return follow(QuorumRule.atStart(liveWeight(), config.quorum(), config.hysteresis()));
    }

    /** What follows from changed realservers: quorum, who serves, since when. */
    ServiceState followed() {
        return follow(QuorumRule.next(quorumUp, liveWeight(), config.quorum(), config.hysteresis()));
    }

    private ServiceState follow(boolean quorum) {
        boolean sorryServes = !quorum && config.sorryServer().isPresent();
        List<ServerState> next = new ArrayList<>(servers.size());
        for (ServerState server : servers) {
            Usability usability = server.usability(sorryServes);
            next.add(
                    server.place().usability() == usability
                            ? server
                            : server.with(server.place().usable(usability)));
        }
        return new ServiceState(config, slot, next, retired, quorum, compiled, candidates, compiledFrom);
    }
}
