package io.evenkeel.director;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.model.Check;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.time.Duration;
import java.util.Optional;

/** What a step wants done. {@link Performer} does it, in order, and nobody else. */
sealed interface Action {

    record SetTimer(TimerKey key, long atNanos) implements Action {}

    record CancelTimer(TimerKey key) implements Action {}

    /** Leads to {@link Event.ProbeEnded}. */
    record StartProbe(CheckRef ref, int run, Check check, int serviceSlot, int serverSlot) implements Action {}

    /** The small write; leads to {@link Event.ShutAcknowledged} when it shuts a realserver. */
    record Flip(ServerFlip flip, ServiceKey service, Endpoint realserver) implements Action {}

    /** Leads to {@link Event.Prepared} at once. */
    record Prepare(ForwardingTable table) implements Action {}

    /** Leads to {@link Event.Committed}. */
    record Commit(Preparation.Ready ready, long version) implements Action {}

    /** Leads to {@link Event.CountersRead} at once. */
    record ReadCounters(Purpose purpose) implements Action {}

    record AnswerApply(long ticket, Director.Applied applied) implements Action {}

    /** @param refused empty on success */
    record AnswerIntend(long ticket, Optional<Refused> refused) implements Action {}

    /** Leads to {@link Event.Stopped}. */
    record StopTaking(Duration grace) implements Action {}

    record AnswerStop(long ticket) implements Action {}

    /** For the log. */
    record Say(Level level, String text) implements Action {}

    /** A bug in a worker: the process must end. */
    record Die(String what, Throwable cause) implements Action {}

    enum Level {
        INFO,
        WARN
    }

    /** What a reading of the counters is for. */
    sealed interface Purpose {

        /** A failed realserver gets nothing any more: what was sent to it in vain? */
        record SentInVain(ServiceKey service, Endpoint realserver, int generation) implements Purpose {}

        /** Services are about to be removed, or their removal was acknowledged: keep their figures. */
        record ServicesRemoved() implements Purpose {}

        /** The slot of a removed service is given free: take its last figures. */
        record ServiceForgotten(int slot) implements Purpose {}
    }
}
