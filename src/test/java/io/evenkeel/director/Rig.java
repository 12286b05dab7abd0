package io.evenkeel.director;

import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.Check;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A director in virtual time: the real steps, performer and deadlines, a plane in memory, and probes that find what the
 * test says. Nothing moves but {@link #run}.
 */
final class Rig {
    private record Answer(long atNanos, long order, Consumer<ProbeOutcome> done, ProbeOutcome outcome)
            implements Comparable<Answer> {
        @Override
        public int compareTo(Answer other) {
            long apart = atNanos - other.atNanos;
            return apart != 0 ? Long.signum(apart) : Long.compare(order, other.order);
        }
    }

    static final ProbeOutcome GOOD = new ProbeOutcome.Passed("connected", OptionalInt.empty());
    static final ProbeOutcome BAD = new ProbeOutcome.Failed("refused");
    private static final long PROBE_NANOS = Duration.ofMillis(1).toNanos();

    final TestPlane plane = new TestPlane();
    final DirectorCore core;
    final Timers timers = new Timers();
    private final Performer performer;
    private final Queue<Event> mail = new ArrayDeque<>();
    private final PriorityQueue<Answer> answers = new PriorityQueue<>();
    private final Map<Endpoint, ProbeOutcome> outcomes = new HashMap<>();
    final List<String> log = new ArrayList<>();
    final List<String> probed = new ArrayList<>();
    private final WallClock clock = new WallClock(() -> Instant.EPOCH.plusNanos(now()), this::now);
    private long now;
    private long order;
    /** How long each probe takes. */
    long probeNanos = PROBE_NANOS;

    Rig() {
        this(1, false);
    }

    Rig(long seed, boolean planeChosen) {
        now = -5; // an arbitrary start: only differences count
        performer = new Performer(plane, this::probe, timers, mail::add, mail::add, said -> log.add(said.text()));
        core = new DirectorCore(
                new DirectorRule(new TableCompiler(plane.limits(), planeChosen)),
                performer,
                timers,
                DirectorState.empty(seed, now));
    }

    long now() {
        return now;
    }

    private void probe(Check check, String label, Consumer<ProbeOutcome> done) {
        probed.add(label);
        Endpoint server = Endpoint.of(label.substring(label.indexOf("p/") + 2));
        ProbeOutcome outcome = outcomes.getOrDefault(server, GOOD);
        answers.add(new Answer(now + probeNanos, order++, done, outcome));
    }

    /** From now on, probes of this realserver find this. */
    void finds(Endpoint server, ProbeOutcome outcome) {
        outcomes.put(server, outcome);
    }

    /** Lets time pass: probes answer, deadlines come, tables are made. */
    void run(Duration duration) {
        long end = now + duration.toNanos();
        while (true) {
            deliver();
            long next = now + timers.nanosToNext(now, end - now);
            Answer answer = answers.peek();
            if (answer != null && answer.atNanos - next < 0) next = answer.atNanos;
            if (next - end >= 0) break;
            now = Math.max(now, next);
            while (!answers.isEmpty() && answers.peek().atNanos - now <= 0) {
                Answer due = answers.remove();
                due.done.accept(due.outcome);
            }
            deliver();
            core.handleDue(now);
        }
        now = end;
        deliver();
    }

    /** Handles what waits and makes a table if one is due. */
    void deliver() {
        do {
            for (Event event = mail.poll(); event != null; event = mail.poll()) core.handle(event, now);
            core.settle(now);
        } while (!mail.isEmpty());
    }

    /** One event and nothing else: no table is made. */
    void handle(Event event) {
        core.handle(event, now);
    }

    CompletableFuture<Director.Applied> apply(Configuration configuration) {
        return apply(configuration, Origins.NONE);
    }

    CompletableFuture<Director.Applied> apply(Configuration configuration, Origins origins) {
        CompletableFuture<Director.Applied> answer = new CompletableFuture<>();
        core.handle(
                new Event.Apply(configuration, origins, performer.ticketForApply(answer), plane.inheritance()), now);
        deliver();
        return answer;
    }

    CompletableFuture<Optional<Refused>> intend(ServiceKey key, Endpoint server, OperatorIntent intent) {
        CompletableFuture<Optional<Refused>> answer = new CompletableFuture<>();
        core.handle(new Event.Intend(key, server, intent, performer.ticketForIntend(answer)), now);
        deliver();
        return answer;
    }

    CompletableFuture<Void> stop(Duration grace) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        core.handle(new Event.Stop(grace, performer.ticketForStop(answer)), now);
        deliver();
        return answer;
    }

    void suspect(ServiceKey key, Endpoint server) {
        TestPlane.Slot slot = plane.slot(key, server);
        int generation = plane.standing(slot).generation();
        handle(new Event.Plane(
                new PlaneEvent.Suspicion(slot.service(), slot.server(), generation, "port unreachable", now)));
    }

    Snapshot snapshot() {
        return SnapshotJoin.join(
                new Director.About("1", 1, Instant.EPOCH, "test", "", "file"),
                core.state(),
                plane.counters(),
                plane.shortages(),
                clock,
                0);
    }

    Snapshot.Service service(ServiceKey key) {
        return snapshot().services().stream()
                .filter(s -> s.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    Snapshot.Server server(ServiceKey key, Endpoint endpoint) {
        return service(key).realservers().stream()
                .filter(s -> s.endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow();
    }

    /** What the plane was told since the mark. */
    List<String> callsSince(int mark) {
        return List.copyOf(plane.calls.subList(mark, plane.calls.size()));
    }

    @Nullable
    String lastCall() {
        return plane.calls.isEmpty() ? null : plane.calls.getLast();
    }
}
