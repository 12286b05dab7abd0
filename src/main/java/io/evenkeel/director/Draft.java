package io.evenkeel.director;

import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.director.DirectorState.Awaiting;
import io.evenkeel.director.DirectorState.Chance;
import io.evenkeel.director.DirectorState.Pending;
import io.evenkeel.director.DirectorState.Reloads;
import io.evenkeel.director.DirectorState.Slots;
import io.evenkeel.director.DirectorState.Stall;
import io.evenkeel.director.DirectorState.Stopping;
import io.evenkeel.director.DirectorState.Tables;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Origins;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One step in the making: the next state and the actions so far. It never outlives its step. */
final class Draft {
    final long now;
    Configuration configuration;
    Origins origins;
    Slots slots;
    Tables tables;
    PlaneLag lag;
    Reloads reloads;
    Chance chance;
    Stall stall;

    @Nullable
    Pending pending;

    Stopping stopping;
    private List<ServiceState> services;
    private Map<ServiceKey, Integer> index;
    private final List<Action> actions = new ArrayList<>();

    Draft(DirectorState state, long nowNanos) {
        now = nowNanos;
        configuration = state.configuration();
        origins = state.origins();
        services = state.services();
        index = state.index();
        slots = state.slots();
        tables = state.tables();
        lag = state.lag();
        reloads = state.reloads();
        chance = state.chance();
        stall = state.stall();
        pending = state.pending();
        stopping = state.stopping();
    }

    Step step() {
        DirectorState state = new DirectorState(
                configuration, origins, services, index, slots, tables, lag, reloads, chance, stall, pending, stopping);
        return new Step(state, actions);
    }

    void act(Action action) {
        actions.add(action);
    }

    void say(String text) {
        act(new Action.Say(Action.Level.INFO, text));
    }

    void warn(String text) {
        act(new Action.Say(Action.Level.WARN, text));
    }

    void setTimer(TimerKey key, long afterNanos) {
        act(new Action.SetTimer(key, now + Math.max(0, afterNanos)));
    }

    List<ServiceState> services() {
        return services;
    }

    /** All services at once, in the file's order. */
    void services(List<ServiceState> next) {
        if (next.size() != services.size() || !sameKeys(next)) index = DirectorState.indexOf(next);
        services = next;
    }

    private boolean sameKeys(List<ServiceState> next) {
        for (int i = 0; i < next.size(); i++) {
            if (!next.get(i).key().equals(services.get(i).key())) return false;
        }
        return true;
    }

    @Nullable
    ServiceState service(ServiceKey key) {
        Integer at = index.get(key);
        return at == null ? null : services.get(at);
    }

    @Nullable
    ServiceState serviceInSlot(int slot) {
        for (ServiceState service : services) if (service.slot() == slot) return service;
        return null;
    }

    /** A change that nothing follows from. */
    void note(ServiceState changed) {
        List<ServiceState> next = new ArrayList<>(services);
        Integer at = index.get(changed.key());
        if (at == null) throw new IllegalStateException("no service " + changed.key());
        next.set(at, changed);
        services = next;
    }

    /**
     * A changed realserver, and all that follows: quorum, who serves, since when, what the log hears, a stale table.
     *
     * @param flip tell the plane now, before a table is made
     */
    void change(ServiceState service, ServerState changed, boolean flip) {
        ServiceState after = service.with(changed).followed();
        List<ServerState> servers = new ArrayList<>(after.servers());
        for (int i = 0; i < servers.size(); i++) {
            ServerState was = service.servers().get(i);
            ServerState is = servers.get(i);
            if (was.equals(is)) continue;
            if (was.shown() != is.shown()) {
                is = is.shownSince(now);
                String text = after.key() + ": realserver " + is.endpoint() + " is "
                        + is.shown().lower() + " (was " + was.shown().lower() + "): "
                        + (was.wish().equals(is.wish()) ? is.health().evidence() : "the operator's wish");
                if (is.shown() == RealServerState.FAILED) warn(text);
                else if (!repeated(was, is)) say(text);
            }
            if (failedInService(was, is)) {
                is = is.with(new ServerState.Vain(
                        true, is.forwardedAtPass(), is.vain().total()));
            }
            servers.set(i, is);
            if (tableSees(was, is)) stale();
        }
        if (after.quorumUp() != service.quorumUp()) {
            String text = after.key() + ": " + (after.quorumUp() ? "gained" : "lost") + " quorum, live weight "
                    + after.liveWeight() + (after.sorryServes() ? ", the sorry server serves" : "");
            if (after.quorumUp()) say(text);
            else warn(text);
        }
        // While the sorry server serves, the table deals to it alone; only the next one knows who takes over.
        boolean sorryLeaves = service.sorryServes() && !after.sorryServes();
        if (flip && !sorryLeaves) flips(service, servers);
        note(after.with(servers));
    }

    /** A suspicion that begins, or ends without a verdict, once more within a short time. */
    private static boolean repeated(ServerState was, ServerState is) {
        boolean suspicion = was.shown() == RealServerState.SUSPECT || is.shown() == RealServerState.SUSPECT;
        return suspicion && was.wish().equals(is.wish()) && !is.repeats().spoken();
    }

    /** Who opens is told first, so that the service is never without a realserver between two flips. */
    private void flips(ServiceState service, List<ServerState> servers) {
        for (boolean opening : new boolean[] {true, false}) {
            for (int i = 0; i < servers.size(); i++) {
                ServerState is = servers.get(i);
                if (is.place().equals(service.servers().get(i).place())) continue;
                if ((is.place().usability() == Usability.OPEN) != opening) continue;
                ServerFlip flip = new ServerFlip(
                        service.slot(),
                        is.place().slot(),
                        is.place().usability(),
                        is.place().generation());
                act(new Action.Flip(flip, service.key(), is.endpoint()));
            }
        }
    }

    /** Something changed that a table shows. */
    void stale() {
        lag = lag.changed(now);
        tables = new Tables(
                tables.last(),
                true,
                tables.acknowledged(),
                tables.inFlight(),
                tables.late(),
                tables.trouble(),
                tables.awaiting());
    }

    /** Answers when every worker has taken up {@code version}, which may be now. */
    void await(long version, Action answer) {
        if (version <= tables.acknowledged()) {
            act(answer);
            return;
        }
        List<Awaiting> awaiting = new ArrayList<>(tables.awaiting());
        awaiting.add(new Awaiting(version, answer));
        tables = new Tables(
                tables.last(),
                tables.stale(),
                tables.acknowledged(),
                tables.inFlight(),
                tables.late(),
                tables.trouble(),
                awaiting);
    }

    private static boolean failedInService(ServerState was, ServerState is) {
        return was.alive() && !is.alive() && was.place().usability() != Usability.SHUT;
    }

    private static boolean tableSees(ServerState was, ServerState is) {
        return !was.place().equals(is.place())
                || was.effectiveWeight() != is.effectiveWeight()
                || was.draining() != is.draining()
                || was.alive() != is.alive();
    }
}
