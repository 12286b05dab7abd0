package io.evenkeel.director;

import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Refused;
import java.time.Duration;
import java.util.Optional;

/** What the operator wishes for one realserver: pure steps of {@link DirectorRule}. */
final class IntentRule {
    private IntentRule() {}

    static void intend(Draft draft, Event.Intend wish) {
        ServiceState service = draft.service(wish.service());
        if (service == null) {
            refuse(draft, wish, "there is no virtual service " + wish.service());
            return;
        }
        ServerState server = service.server(wish.realserver());
        if (server == null) {
            refuse(draft, wish, wish.service() + " has no realserver " + wish.realserver());
            return;
        }
        if (!server.realserver()) {
            refuse(draft, wish, wish.realserver() + " is the sorry server of " + wish.service());
            return;
        }
        if (server.wish().intent() != wish.intent()) set(draft, service, server, wish.intent());
        long version = draft.tables.last().version() + (draft.tables.stale() ? 1 : 0);
        draft.await(version, new Action.AnswerIntend(wish.ticket(), Optional.empty()));
    }

    /** No flip before the table: nothing is wrong with the realserver, and only a table knows who takes its share. */
    private static void set(Draft draft, ServiceState service, ServerState server, OperatorIntent intent) {
        TimerKey.DrainEnds ends = new TimerKey.DrainEnds(service.key(), server.endpoint());
        ServerState changed = server.with(new ServerState.Wish(intent, draft.now, false));
        draft.change(service, changed, false);
        Optional<Duration> timeout = service.config().drainTimeout();
        if (intent == OperatorIntent.DRAINING && timeout.isPresent()) {
            draft.setTimer(ends, ProbeRule.nanos(timeout.get()));
        } else {
            draft.act(new Action.CancelTimer(ends));
        }
    }

    /** What still flows to a draining realserver moves now. */
    static void drainEnds(Draft draft, TimerKey.DrainEnds key) {
        ServiceState service = draft.service(key.service());
        ServerState server = service == null ? null : service.server(key.realserver());
        if (service == null
                || server == null
                || !server.draining()
                || server.wish().expired()) return;
        ServerState expired = server.with(new ServerState.Wish(
                        OperatorIntent.DRAINING, server.wish().sinceNanos(), true))
                .with(server.place().bumped());
        draft.say(key.service() + ": drain time of " + key.realserver() + " is over, its flows are moved");
        draft.change(service, expired, true);
    }

    private static void refuse(Draft draft, Event.Intend wish, String what) {
        Refused refused = new Refused(what, "evenkeel status lists services and realservers");
        draft.act(new Action.AnswerIntend(wish.ticket(), Optional.of(refused)));
    }
}
