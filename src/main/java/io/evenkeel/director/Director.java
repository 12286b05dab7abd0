package io.evenkeel.director;

import io.evenkeel.dataplane.DataPlane;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one loop that owns the truth. {@link #run} belongs to ek-director; every other method may be called from any
 * thread: it posts to the mailbox and answers by a future, or reads a published snapshot.
 */
public final class Director implements AutoCloseable {
    /** The loop looks at the clock at least this often, so that it notices having stood still. */
    private static final long BEAT_NANOS = Duration.ofMillis(100).toNanos();
    /** A loop that is this much late has stood still. */
    private static final long STALL_NANOS = Duration.ofMillis(20).toNanos();
    /** Events handled before deadlines are looked at again and a table is made. */
    private static final int MAX_BATCH = 1_024;
    /** A snapshot joins state and counters that are no further apart. */
    private static final long JOIN_NANOS = TableRule.REST_NANOS / 2;

    private static final int JOIN_ATTEMPTS = 3;
    private static final String BUSY = "the director has too much to do: its mailbox is full";
    private static final String CLOSED = "the director has ended";

    /** What became of {@link #apply}: refusals leave everything as it was. */
    public record Applied(boolean applied, String summary, List<Diagnostic> diagnostics) {
        public Applied {
            diagnostics = List.copyOf(diagnostics);
        }
    }

    /**
     * What a snapshot says of the process.
     *
     * @param plane as {@code PlaneLimits.plane}
     * @param planeReason why this plane, for a person
     */
    public record About(
            String version, long pid, Instant startedAt, String plane, String planeReason, String configurationFile) {}

    private static final Logger LOG = LoggerFactory.getLogger(Director.class);

    private final About about;
    private final DataPlane plane;
    private final Mailbox mailbox = new Mailbox();
    private final Performer performer;
    private final DirectorCore core;
    private final WallClock clock = new WallClock(Instant::now, System::nanoTime);
    private volatile boolean closed;

    /**
     * @param planeChosen the operator named this plane; see {@link TableCompiler}
     * @param probes how probes are run
     */
    public Director(About about, DataPlane plane, boolean planeChosen, ProbeStarter probes) {
        this.about = about;
        this.plane = plane;
        Timers timers = new Timers();
        performer = new Performer(plane, probes, timers, mailbox::acknowledge, mailbox::offer, Director::log);
        DirectorRule rule = new DirectorRule(new TableCompiler(plane.limits(), planeChosen));
        DirectorState empty = DirectorState.empty(new SplittableRandom().nextLong(), System.nanoTime());
        core = new DirectorCore(rule, performer, timers, empty);
    }

    /** The loop, until {@link #close}. A bug ends it with an exception, which its owner must see. */
    public void run() {
        try {
            while (!closed) beat();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            performer.refuseAll(CLOSED);
        }
    }

    private void beat() throws InterruptedException {
        long before = System.nanoTime();
        long wait = Math.max(0, core.nanosToNextDeadline(before, BEAT_NANOS));
        Event event = mailbox.take(wait);
        long now = System.nanoTime();
        long late = now - before - wait;
        if (late > STALL_NANOS) core.handle(new Event.Stalled(before + wait, now), now);
        for (int i = 0; event != null && i < MAX_BATCH; i++) {
            core.handle(event, now);
            event = i + 1 < MAX_BATCH ? mailbox.take(0) : null;
        }
        core.handleDue(now);
        core.settle(now);
        clock.check();
    }

    private static void log(Action.Say said) {
        switch (said.level()) {
            case INFO -> LOG.info("{}", said.text());
            case WARN -> LOG.warn("{}", said.text());
        }
    }

    /** Applies a configuration whole or not at all. Completes when every worker has acknowledged it, or it was refused. */
    public CompletableFuture<Applied> apply(Configuration configuration, Origins origins) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        long ticket = performer.ticketForApply(answer);
        post(new Event.Apply(configuration, origins, ticket, plane.inheritance()), ticket);
        return answer;
    }

    /** Sets the operator's wish for one realserver; empty on success once every worker has acknowledged it. */
    public CompletableFuture<Optional<Refused>> intend(ServiceKey service, Endpoint realserver, OperatorIntent intent) {
        CompletableFuture<Optional<Refused>> answer = new CompletableFuture<>();
        long ticket = performer.ticketForIntend(answer);
        post(new Event.Intend(service, realserver, intent, ticket), ticket);
        return answer;
    }

    /** What a plane's worker has to say. Never blocks; a sign that finds the mailbox full is dropped and counted. */
    public void accept(PlaneEvent event) {
        switch (event) {
            case PlaneEvent.Suspicion _ -> mailbox.offer(new Event.Plane(event));
            case PlaneEvent.WorkerFailed _ -> mailbox.acknowledge(new Event.Plane(event));
        }
    }

    /** The published state joined with a fresh reading of the counters. Never blocks the loop. */
    public Snapshot snapshot() {
        for (int attempt = 1; ; attempt++) {
            long before = System.nanoTime();
            DirectorState state = core.state();
            var counters = plane.counters();
            // A reader that was held up here may hold counters of a slot's next owner.
            if (System.nanoTime() - before < JOIN_NANOS || attempt == JOIN_ATTEMPTS) {
                return SnapshotJoin.join(about, state, counters, plane.shortages(), clock, mailbox.dropped());
            }
        }
    }

    /** What the plane would do with a packet, by the plane itself; nothing changes by it. Never blocks the loop. */
    public CompletableFuture<Explanation> explain(Question question) {
        return plane.explain(question);
    }

    /** Takes no new work, lets replies pass for at most {@code grace}, then completes. */
    public CompletableFuture<Void> stop(Duration grace) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        mailbox.acknowledge(new Event.Stop(grace, performer.ticketForStop(answer)));
        if (closed) performer.refuseAll(CLOSED);
        return answer;
    }

    private void post(Event event, long ticket) {
        if (!mailbox.offer(event)) performer.refuse(ticket, BUSY);
        if (closed) performer.refuseAll(CLOSED);
    }

    /** Makes {@link #run} return soon. The plane and the probes belong to whoever made them. */
    @Override
    public void close() {
        closed = true;
        mailbox.acknowledge(new Event.Settle());
    }
}
