package io.evenkeel.director;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.DataPlane;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Refused;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does what steps want done; nobody else touches the plane, the probes, the deadlines or the waiting askers. {@link
 * #perform} belongs to ek-director; tickets may be drawn from any thread.
 */
final class Performer {
    /** A probe's reading of the counters may be this much older than the probe. */
    private static final long READING_NANOS = Duration.ofMillis(10).toNanos();

    private final DataPlane plane;
    private final ProbeStarter probes;
    private final Timers timers;
    private final Consumer<Event> acknowledge;
    private final Consumer<Event> outcome;
    private final Consumer<Action.Say> log;
    private final AtomicLong tickets = new AtomicLong();
    private final Map<Long, CompletableFuture<Director.Applied>> applies = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<Optional<Refused>>> intents = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<Void>> stops = new ConcurrentHashMap<>();

    private List<String> lacking = List.of();
    private @Nullable CountersSnapshot reading;
    private long readingNanos;

    /**
     * @param acknowledge takes acknowledgements, which must not be lost; called from any thread
     * @param outcome takes outcomes of probes, which may be lost; called from any thread
     */
    Performer(
            DataPlane plane,
            ProbeStarter probes,
            Timers timers,
            Consumer<Event> acknowledge,
            Consumer<Event> outcome,
            Consumer<Action.Say> log) {
        this.plane = plane;
        this.probes = probes;
        this.timers = timers;
        this.acknowledge = acknowledge;
        this.outcome = outcome;
        this.log = log;
    }

    long ticketForApply(CompletableFuture<Director.Applied> future) {
        long ticket = tickets.incrementAndGet();
        applies.put(ticket, future);
        return ticket;
    }

    long ticketForIntend(CompletableFuture<Optional<Refused>> future) {
        long ticket = tickets.incrementAndGet();
        intents.put(ticket, future);
        return ticket;
    }

    long ticketForStop(CompletableFuture<Void> future) {
        long ticket = tickets.incrementAndGet();
        stops.put(ticket, future);
        return ticket;
    }

    /** Does it; an answer that must be heard before anything else happens is returned, else null. */
    @Nullable
    Event perform(Action action, long nowNanos) {
        switch (action) {
            case Action.SetTimer(TimerKey key, long atNanos) -> timers.set(key, atNanos);
            case Action.CancelTimer(TimerKey key) -> timers.cancel(key);
            case Action.StartProbe start -> startProbe(start, nowNanos);
            case Action.Flip flip -> flip(flip);
            case Action.Prepare(var table) -> {
                return new Event.Prepared(plane.prepare(table));
            }
            case Action.Commit(var ready, long version) -> {
                plane.commit(ready).whenComplete((_, failure) -> ended(failure, new Event.Committed(version)));
                sayWhatIsLacking();
            }
            case Action.ReadCounters(Action.Purpose purpose) -> {
                return new Event.CountersRead(purpose, plane.counters());
            }
            case Action.AnswerApply(long ticket, Director.Applied applied) -> complete(applies.remove(ticket), applied);
            case Action.AnswerIntend(long ticket, Optional<Refused> refused) ->
                complete(intents.remove(ticket), refused);
            case Action.StopTaking(Duration grace) ->
                plane.stopTaking(grace).whenComplete((_, failure) -> ended(failure, new Event.Stopped()));
            case Action.AnswerStop(long ticket) -> finish(ticket);
            case Action.Say said -> log.accept(said);
            case Action.Die(String what, Throwable cause) -> throw new IllegalStateException(what, cause);
        }
        return null;
    }

    /** Status shows it as long as it lasts; the log hears of it when it begins. */
    private void sayWhatIsLacking() {
        List<String> now = plane.shortages();
        for (String shortage : now) {
            if (!lacking.contains(shortage)) log.accept(new Action.Say(Action.Level.WARN, shortage));
        }
        lacking = now;
    }

    private void startProbe(Action.StartProbe start, long nowNanos) {
        long forwarded = TableRule.forwarded(recentCounters(nowNanos), start.serviceSlot(), start.serverSlot());
        probes.start(
                start.check(),
                start.ref().label(),
                found -> outcome.accept(new Event.ProbeEnded(start.ref(), start.run(), found, forwarded)));
    }

    private CountersSnapshot recentCounters(long nowNanos) {
        CountersSnapshot recent = reading;
        if (recent == null || nowNanos - readingNanos > READING_NANOS) {
            recent = plane.counters();
            reading = recent;
            readingNanos = nowNanos;
        }
        return recent;
    }

    private void flip(Action.Flip flip) {
        CompletableFuture<Void> done = plane.flip(flip.flip());
        if (flip.flip().usability() != Usability.SHUT) return;
        Event shut = new Event.ShutAcknowledged(
                flip.service(), flip.realserver(), flip.flip().generation());
        done.whenComplete((_, failure) -> ended(failure, shut));
    }

    /** A plane that throws instead of answering has a bug, which must not be mistaken for an acknowledgement. */
    private void ended(@Nullable Throwable failure, Event event) {
        acknowledge.accept(failure == null ? event : new Event.Plane(new PlaneEvent.WorkerFailed(-1, failure)));
    }

    private static <T> void complete(@Nullable CompletableFuture<T> waiting, T answer) {
        if (waiting != null) waiting.complete(answer);
    }

    private void finish(long ticket) {
        CompletableFuture<Void> waiting = stops.remove(ticket);
        if (waiting != null) waiting.complete(null);
    }

    /** Tells whoever holds the ticket that nothing will be done. */
    void refuse(long ticket, String why) {
        complete(applies.remove(ticket), new Director.Applied(false, why, List.of()));
        complete(intents.remove(ticket), Optional.of(new Refused(why, "try again")));
        finish(ticket);
    }

    /** Nobody will answer any more. */
    void refuseAll(String why) {
        Set<Long> waiting = new HashSet<>(applies.keySet());
        waiting.addAll(intents.keySet());
        waiting.addAll(stops.keySet());
        for (long ticket : waiting) refuse(ticket, why);
    }
}
