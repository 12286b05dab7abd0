package io.evenkeel.director;

import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.director.DirectorState.Stall;
import io.evenkeel.director.DirectorState.Stopping;
import java.util.ArrayList;
import java.util.List;

/**
 * What each event comes to: {@code step(state, event, now)} is a pure function, so that whole histories run in virtual
 * time. Any thread, though only ek-director has the one state that counts.
 */
final class DirectorRule {
    private final TableCompiler compiler;

    DirectorRule(TableCompiler compiler) {
        this.compiler = compiler;
    }

    Step step(DirectorState state, Event event, long nowNanos) {
        Draft draft = new Draft(state, nowNanos);
        switch (event) {
            case Event.Apply apply -> ReloadRule.apply(draft, apply, compiler);
            case Event.Intend intend -> IntentRule.intend(draft, intend);
            case Event.Stop stop -> stop(draft, stop);
            case Event.Stopped _ -> stopped(draft);
            case Event.ProbeEnded ended -> ProbeRule.ended(draft, ended);
            case Event.Plane(PlaneEvent.Suspicion sign) -> ProbeRule.suspicion(draft, sign);
            case Event.Plane(PlaneEvent.WorkerFailed(int worker, Throwable cause)) ->
                draft.act(new Action.Die("plane worker " + worker + " died", cause));
            case Event.Timer(TimerKey key) -> timer(draft, key);
            case Event.Stalled(long from, long to) -> draft.stall = new Stall(from, to);
            case Event.Settle _ -> TableRule.settle(draft);
            case Event.Prepared prepared -> TableRule.prepared(draft, prepared.preparation());
            case Event.Committed(long version) -> TableRule.committed(draft, version);
            case Event.ShutAcknowledged shut ->
                draft.act(new Action.ReadCounters(
                        new Action.Purpose.SentInVain(shut.service(), shut.realserver(), shut.generation())));
            case Event.CountersRead read -> TableRule.read(draft, read.purpose(), read.counters());
        }
        return draft.step();
    }

    private static void timer(Draft draft, TimerKey key) {
        switch (key) {
            case TimerKey.Probe(CheckRef check) -> ProbeRule.due(draft, check);
            case TimerKey.ProbeLost(CheckRef check) -> ProbeRule.lost(draft, check);
            case TimerKey.SuspicionEnds ends -> ProbeRule.suspicionEnds(draft, ends);
            case TimerKey.SuspicionsSummed summed -> ProbeRule.suspicionsSummed(draft, summed);
            case TimerKey.DrainEnds ends -> IntentRule.drainEnds(draft, ends);
            case TimerKey.ServiceForgotten(int slot) -> TableRule.forgetService(draft, slot);
            case TimerKey.CommitLate _ -> TableRule.late(draft);
            case TimerKey.TableAgain _ -> draft.stale();
        }
    }

    private static void stop(Draft draft, Event.Stop stop) {
        if (draft.stopping.done()) {
            draft.act(new Action.AnswerStop(stop.ticket()));
            return;
        }
        if (!draft.stopping.asked()) draft.act(new Action.StopTaking(stop.grace()));
        List<Long> tickets = new ArrayList<>(draft.stopping.tickets());
        tickets.add(stop.ticket());
        draft.stopping = new Stopping(true, false, tickets);
    }

    private static void stopped(Draft draft) {
        for (long ticket : draft.stopping.tickets()) draft.act(new Action.AnswerStop(ticket));
        draft.stopping = new Stopping(true, true, List.of());
    }
}
