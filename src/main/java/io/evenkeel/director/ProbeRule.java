package io.evenkeel.director;

import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.health.CheckRule;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What probes and passive signs do to a realserver: pure steps of {@link DirectorRule}. */
final class ProbeRule {
    /** A suspicion of a realserver without checks ends by itself; also the pause before looking at one again. */
    static final long SUSPICION_NANOS = Duration.ofSeconds(1).toNanos();
    /** Signs that come sooner after the last suspicion began are ignored: they cannot make us probe faster than this. */
    static final long SUSPICION_GAP_NANOS = Duration.ofMillis(100).toNanos();
    /** An outcome that is this much later than the probe's own timeout is lost. */
    static final long LOST_AFTER_NANOS = Duration.ofSeconds(10).toNanos();
    /** How soon a probe is repeated that our own stall made worthless. */
    static final long AFTER_STALL_NANOS = Duration.ofMillis(100).toNanos();
    /** A stall of this part of a probe's timeout makes its failure worthless. */
    private static final long STALL_PART = 4;

    private static final int GENERATION_BITS = 0xffff; // as many as planes compare

    private ProbeRule() {}

    private record Subject(ServiceState service, ServerState server, CheckState check) {}

    static void due(Draft draft, CheckRef ref) {
        Subject subject = find(draft, ref);
        if (subject == null || subject.check.running()) return;
        CheckState started = subject.check.started(draft.now);
        draft.note(subject.service.with(subject.server.with(started)));
        draft.setTimer(new TimerKey.ProbeLost(ref), nanos(timeout(started.check())) + LOST_AFTER_NANOS);
        draft.act(new Action.StartProbe(
                ref,
                started.run(),
                started.check(),
                subject.service.slot(),
                subject.server.place().slot()));
    }

    static void lost(Draft draft, CheckRef ref) {
        Subject subject = find(draft, ref);
        if (subject == null || !subject.check.running()) return;
        ProbeOutcome nothing = new ProbeOutcome.Worthless("the outcome was lost");
        judged(draft, subject, ref, nothing, subject.check.forwardedAtPass());
    }

    static void ended(Draft draft, Event.ProbeEnded ended) {
        Subject subject = find(draft, ended.check());
        if (subject == null || !subject.check.running() || subject.check.run() != ended.run()) return;
        draft.act(new Action.CancelTimer(new TimerKey.ProbeLost(ended.check())));
        judged(draft, subject, ended.check(), ended.outcome(), ended.forwardedBefore());
    }

    private static void judged(Draft draft, Subject subject, CheckRef ref, ProbeOutcome told, long forwardedBefore) {
        CheckState check = subject.check;
        ProbeOutcome outcome = excused(draft, check, told);
        long took = draft.now - check.startedNanos();
        CheckRule.Step step =
                CheckRule.step(check.rule(), outcome, check.check().timing(), took);
        boolean passed = passed(outcome);
        String evidence = check.check().keyword() + ": " + outcome.evidence();
        CheckState after = check.ended(
                step.state(),
                passed ? forwardedBefore : check.forwardedAtPass(),
                asked(outcome, check.weight()),
                evidence,
                draft.now);
        ServerState server = subject.server.with(after);
        if (!after.rule().up() || server.alive()) server = server.seen(evidence, draft.now);
        if (subject.server.alive() && !server.alive()) {
            server = server.failedAt(draft.now).with(server.place().bumped());
        }
        if (server.health().suspect() && passed && answered(server)) {
            server = server.suspected(false, server.health().suspectNanos());
            draft.act(new Action.CancelTimer(new TimerKey.SuspicionEnds(ref.service(), ref.realserver())));
        }
        draft.setTimer(new TimerKey.Probe(ref), next(check, told, outcome, step));
        draft.change(subject.service, server, true);
    }

    private static long next(CheckState check, ProbeOutcome told, ProbeOutcome outcome, CheckRule.Step step) {
        if (check.again()) return 0;
        boolean excused = told instanceof ProbeOutcome.Failed && outcome instanceof ProbeOutcome.Worthless;
        return !excused ? step.nextProbeInNanos() : Math.min(step.nextProbeInNanos(), AFTER_STALL_NANOS);
    }

    /** A failure while this loop stood still says more about us than about the realserver. */
    private static ProbeOutcome excused(Draft draft, CheckState check, ProbeOutcome outcome) {
        if (!(outcome instanceof ProbeOutcome.Failed)) return outcome;
        long from = draft.stall.fromNanos() - check.startedNanos() > 0 ? draft.stall.fromNanos() : check.startedNanos();
        long stalled = draft.stall.toNanos() - from;
        if (stalled <= 0 || stalled < nanos(timeout(check.check())) / STALL_PART) return outcome;
        return new ProbeOutcome.Worthless("this director stood still for "
                + Duration.ofNanos(stalled).toMillis() + " ms meanwhile; " + outcome.evidence());
    }

    /** A plane saw a sign against a realserver: no new turns while others are up, and every check probes at once. */
    static void suspicion(Draft draft, PlaneEvent.Suspicion sign) {
        ServiceState service = draft.serviceInSlot(sign.serviceSlot());
        ServerState server = service == null ? null : inSlot(service, sign.serverSlot());
        if (service == null || server == null || !concerns(sign, server, draft.now)) return;
        List<CheckState> checks = new ArrayList<>();
        for (CheckState check : server.health().checks()) {
            checks.add(check.running() ? check.probeAgain() : check);
            CheckRef ref = new CheckRef(service.key(), server.endpoint(), check.id());
            if (!check.running()) draft.setTimer(new TimerKey.Probe(ref), 0);
        }
        ServerState.Health health = new ServerState.Health(
                checks, true, draft.now, server.health().failedNanos(), sign.evidence(), draft.now);
        draft.setTimer(new TimerKey.SuspicionEnds(service.key(), server.endpoint()), suspicionNanos(checks));
        Repeats repeats = server.repeats().began(draft.now);
        if (repeats.firstUnsaid()) {
            long left = repeats.sinceNanos() + Repeats.WINDOW_NANOS - draft.now;
            draft.setTimer(new TimerKey.SuspicionsSummed(service.key(), server.endpoint()), left);
        }
        draft.change(service, server.with(health).with(repeats), true);
    }

    static void suspicionsSummed(Draft draft, TimerKey.SuspicionsSummed key) {
        ServiceState service = draft.service(key.service());
        ServerState server = service == null ? null : service.server(key.realserver());
        if (service == null || server == null || server.repeats().unsaid() == 0) return;
        draft.say(key.service() + ": realserver " + key.realserver() + " was suspect "
                + server.repeats().unsaid() + " more times within a minute: "
                + server.health().evidence());
        draft.note(service.with(server.with(server.repeats().summed(draft.now))));
    }

    static void suspicionEnds(Draft draft, TimerKey.SuspicionEnds key) {
        ServiceState service = draft.service(key.service());
        ServerState server = service == null ? null : service.server(key.realserver());
        if (service == null || server == null || !server.health().suspect()) return;
        if (server.health().checks().stream().anyMatch(CheckState::failing)) {
            draft.setTimer(key, SUSPICION_NANOS); // its checks are about to decide
            return;
        }
        draft.change(service, server.suspected(false, server.health().suspectNanos()), true);
    }

    private static boolean concerns(PlaneEvent.Suspicion sign, ServerState server, long now) {
        boolean old = ((sign.generation() ^ server.place().generation()) & GENERATION_BITS) != 0;
        if (old || server.health().suspect() || !server.alive()) return false;
        if (server.place().usability() == Usability.SHUT) return false;
        return now - server.health().suspectNanos() >= SUSPICION_GAP_NANOS;
    }

    /** Every check has ended a probe that began after the suspicion, and none is about to fail. */
    private static boolean answered(ServerState server) {
        for (CheckState check : server.health().checks()) {
            boolean before = check.startedNanos() - server.health().suspectNanos() < 0;
            if (before || check.running() || check.failing()) return false;
        }
        return true;
    }

    private static long suspicionNanos(List<CheckState> checks) {
        long longest = SUSPICION_NANOS;
        for (CheckState check : checks) {
            long round = nanos(check.check().timing().delayLoop()) + nanos(timeout(check.check()));
            longest = Math.max(longest, round);
        }
        return longest;
    }

    private static boolean passed(ProbeOutcome outcome) {
        return outcome instanceof ProbeOutcome.Passed || outcome instanceof ProbeOutcome.Unproven;
    }

    /** An exit status that says nothing about the weight leaves it as it was (keepalived). */
    private static OptionalInt asked(ProbeOutcome outcome, OptionalInt before) {
        return outcome instanceof ProbeOutcome.Passed passed && passed.weight().isPresent() ? passed.weight() : before;
    }

    private static Duration timeout(Check check) {
        return check instanceof Check.Misc misc
                ? misc.timeout()
                : check.timing().timeout();
    }

    /** Saturating at a century, so that sums do not overflow. */
    static long nanos(Duration duration) {
        Duration century = Duration.ofDays(36_500);
        return duration.compareTo(century) > 0 ? century.toNanos() : duration.toNanos();
    }

    private static @Nullable ServerState inSlot(ServiceState service, int slot) {
        for (ServerState server : service.servers()) if (server.place().slot() == slot) return server;
        return null;
    }

    private static @Nullable Subject find(Draft draft, CheckRef ref) {
        ServiceState service = draft.service(ref.service());
        ServerState server = service == null ? null : service.server(ref.realserver());
        if (service == null || server == null) return null;
        for (CheckState check : server.health().checks()) {
            if (check.id() == ref.id()) return new Subject(service, server, check);
        }
        return null;
    }
}
