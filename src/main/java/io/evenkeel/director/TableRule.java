package io.evenkeel.director;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.director.DirectorState.Awaiting;
import io.evenkeel.director.DirectorState.Pending;
import io.evenkeel.director.DirectorState.RemovedService;
import io.evenkeel.director.DirectorState.RestingSlot;
import io.evenkeel.director.DirectorState.Slots;
import io.evenkeel.director.DirectorState.Tables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** From changed state to a table in force, and what its acknowledgement sets free: pure steps of {@link DirectorRule}. */
final class TableRule {
    /** Commits that may be unacknowledged at a time; more changes wait and are put into one table. */
    static final int MAX_IN_FLIGHT = 4;
    /** A commit that takes longer raises an alarm. */
    static final long LATE_NANOS = Duration.ofSeconds(1).toNanos();
    /** From a refused table to the next attempt. */
    static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();
    /** A free slot is not given away sooner, so that no reader mixes old figures with a new owner. */
    static final long REST_NANOS = Duration.ofSeconds(2).toNanos();

    private TableRule() {}

    /** Makes a table if one is due. */
    static void settle(Draft draft) {
        Tables tables = draft.tables;
        if (!tables.stale() || draft.pending != null || tables.inFlight() >= MAX_IN_FLIGHT) return;
        List<ServiceState> services = new ArrayList<>(draft.services().size());
        boolean changed = false;
        for (ServiceState service : draft.services()) {
            ServiceState compiled = TableCompiler.compile(service);
            changed |= !Objects.equals(compiled.compiled(), service.compiled());
            services.add(compiled);
        }
        if (!changed) {
            unchanged(draft);
            return;
        }
        ForwardingTable table = TableCompiler.table(tables.last().version() + 1, draft.configuration, services);
        draft.pending = new Pending.Refresh(table, services);
        draft.act(new Action.Prepare(table));
    }

    /** Nothing that a table shows has changed: whoever waits for the next one waits for the last one instead. */
    private static void unchanged(Draft draft) {
        draft.lag = draft.lag.unseen();
        Tables t = draft.tables;
        List<Awaiting> awaiting = new ArrayList<>();
        for (Awaiting a : t.awaiting()) {
            awaiting.add(new Awaiting(Math.min(a.version(), t.last().version()), a.answer()));
        }
        draft.tables = new Tables(t.last(), false, t.acknowledged(), t.inFlight(), t.late(), t.trouble(), awaiting);
        answer(draft);
    }

    static void prepared(Draft draft, Preparation preparation) {
        Pending pending = draft.pending;
        if (pending == null) throw new IllegalStateException("prepared what nobody asked for");
        draft.pending = null;
        switch (preparation) {
            case Preparation.Ready ready -> {
                switch (pending) {
                    case Pending.Refresh(ForwardingTable table, List<ServiceState> services) -> {
                        draft.services(services);
                        commit(draft, ready, table);
                    }
                    case Pending.Reload reload -> {
                        ReloadRule.adopt(draft, reload);
                        if (!draft.slots.removed().isEmpty()) {
                            draft.act(new Action.ReadCounters(new Action.Purpose.ServicesRemoved()));
                        }
                        commit(draft, ready, reload.table());
                        draft.await(
                                reload.table().version(),
                                new Action.AnswerApply(reload.apply().ticket(), reload.applied()));
                    }
                }
            }
            case Preparation.Denied denied -> {
                switch (pending) {
                    case Pending.Refresh _ -> denied(draft, denied);
                    case Pending.Reload reload -> ReloadRule.denied(draft, reload, denied);
                }
            }
        }
    }

    private static void commit(Draft draft, Preparation.Ready ready, ForwardingTable table) {
        Tables t = draft.tables;
        draft.tables = new Tables(table, false, t.acknowledged(), t.inFlight() + 1, t.late(), "", t.awaiting());
        draft.lag = draft.lag.carriedBy(table.version());
        draft.act(new Action.Commit(ready, table.version()));
        if (t.inFlight() == 0) draft.setTimer(new TimerKey.CommitLate(), LATE_NANOS);
    }

    /** What was flipped stays flipped; the table follows as soon as the plane can. */
    private static void denied(Draft draft, Preparation.Denied denied) {
        Tables t = draft.tables;
        String trouble = (denied.service().isPresent() ? denied.service().get() + ": " : "") + denied.refused();
        draft.warn("the plane refused table " + (t.last().version() + 1) + ", trying again: " + trouble);
        List<Awaiting> waiting = new ArrayList<>();
        for (Awaiting a : t.awaiting()) {
            if (a.version() > t.last().version() && a.answer() instanceof Action.AnswerIntend intend) {
                draft.act(new Action.AnswerIntend(intend.ticket(), Optional.of(denied.refused())));
            } else {
                waiting.add(a);
            }
        }
        draft.tables = new Tables(t.last(), false, t.acknowledged(), t.inFlight(), t.late(), trouble, waiting);
        draft.setTimer(new TimerKey.TableAgain(), AGAIN_NANOS);
    }

    static void committed(Draft draft, long version) {
        Tables t = draft.tables;
        long acknowledged = Math.max(t.acknowledged(), version);
        int inFlight = t.inFlight() - 1;
        draft.lag = draft.lag.acknowledged(acknowledged, draft.now);
        if (t.late()) draft.say("table " + version + " is acknowledged");
        draft.tables = new Tables(t.last(), t.stale(), acknowledged, inFlight, false, t.trouble(), t.awaiting());
        if (inFlight == 0) draft.act(new Action.CancelTimer(new TimerKey.CommitLate()));
        else draft.setTimer(new TimerKey.CommitLate(), LATE_NANOS);
        answer(draft);
        boolean removed = draft.slots.removed().stream().anyMatch(service -> !service.forgetting());
        if (removed) draft.act(new Action.ReadCounters(new Action.Purpose.ServicesRemoved()));
    }

    private static void answer(Draft draft) {
        Tables t = draft.tables;
        List<Awaiting> waiting = new ArrayList<>();
        for (Awaiting a : t.awaiting()) {
            if (a.version() <= t.acknowledged()) draft.act(a.answer());
            else waiting.add(a);
        }
        draft.tables = new Tables(t.last(), t.stale(), t.acknowledged(), t.inFlight(), t.late(), t.trouble(), waiting);
    }

    static void late(Draft draft) {
        Tables t = draft.tables;
        if (t.inFlight() == 0) return;
        draft.warn("table " + (t.acknowledged() + 1) + " is not acknowledged by every worker yet");
        draft.tables = new Tables(t.last(), t.stale(), t.acknowledged(), t.inFlight(), true, t.trouble(), t.awaiting());
    }

    static void read(Draft draft, Action.Purpose purpose, CountersSnapshot counters) {
        switch (purpose) {
            case Action.Purpose.SentInVain vain -> sentInVain(draft, vain, counters);
            case Action.Purpose.ServicesRemoved _ -> keepFigures(draft, counters);
            case Action.Purpose.ServiceForgotten(int slot) -> forget(draft, slot, counters);
        }
    }

    private static void sentInVain(Draft draft, Action.Purpose.SentInVain vain, CountersSnapshot counters) {
        ServiceState service = draft.service(vain.service());
        ServerState server = service == null ? null : service.server(vain.realserver());
        if (service == null || server == null || !server.vain().pending()) return;
        if (server.place().generation() != vain.generation()) return; // it has failed again; that count goes on
        long sent = forwarded(counters, service.slot(), server.place().slot())
                - server.vain().baseline();
        ServerState.Vain sum = new ServerState.Vain(false, 0, server.vain().total() + Math.max(0, sent));
        draft.note(service.with(server.with(sum)));
    }

    /** Datagrams forwarded to one realserver; 0 if the plane has never counted any. */
    static long forwarded(CountersSnapshot counters, int serviceSlot, int serverSlot) {
        ServiceCounters service = counters.services().get(serviceSlot);
        if (service == null) return 0;
        for (ServerCounters server : service.servers()) if (server.slot() == serverSlot) return server.forwarded();
        return 0;
    }

    /** Keeps the figures; once the removal is acknowledged, the slot is forgotten when no flow can name it any more. */
    private static void keepFigures(Draft draft, CountersSnapshot counters) {
        List<RemovedService> removed = new ArrayList<>();
        for (RemovedService service : draft.slots.removed()) {
            ServiceCounters figures =
                    Figures.later(service.figures(), counters.services().get(service.slot()));
            boolean forgetting = service.version() <= draft.tables.acknowledged();
            removed.add(service.read(figures, forgetting));
            if (!forgetting || service.forgetting()) continue;
            draft.setTimer(new TimerKey.ServiceForgotten(service.slot()), service.flowNanos());
        }
        draft.slots = new Slots(removed, draft.slots.resting(), draft.slots.figures(), draft.slots.generationFloor());
    }

    static void forgetService(Draft draft, int slot) {
        boolean there = draft.slots.removed().stream().anyMatch(service -> service.slot() == slot);
        if (there) draft.act(new Action.ReadCounters(new Action.Purpose.ServiceForgotten(slot)));
    }

    private static void forget(Draft draft, int slot, CountersSnapshot counters) {
        List<RemovedService> removed = new ArrayList<>();
        List<RestingSlot> resting = new ArrayList<>(draft.slots.resting());
        Figures figures = draft.slots.figures();
        int floor = draft.slots.generationFloor();
        for (RemovedService service : draft.slots.removed()) {
            if (service.slot() != slot) {
                removed.add(service);
                continue;
            }
            figures = figures.plus(
                    Figures.later(service.figures(), counters.services().get(slot)));
            floor = Math.max(floor, service.generation());
            resting.add(new RestingSlot(slot, draft.now + REST_NANOS));
        }
        draft.slots = new Slots(removed, resting, figures, floor);
    }
}
