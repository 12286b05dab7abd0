package io.evenkeel.health;

import io.evenkeel.linux.ChildProcess;
import io.evenkeel.linux.Epoll;
import io.evenkeel.model.Check;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * MISC_CHECK: run a program and judge its exit status. It gets SIGTERM, with its whole process group, at its timeout and
 * SIGKILL 2 s later. When its leader has ended, in whatever way, everything left in the group is killed, so that no
 * process of a probe outlives it (one that leaves the group by setsid(2) does).
 */
record MiscProbe(Check.Misc check) implements Probe {

    private static final Duration TERM_GRACE = Duration.ofSeconds(2);
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(1);
    private static final Duration ORPHAN_PAUSE = Duration.ofMillis(5);
    private static final int MOST_ORPHAN_LOOKS = 20;
    private static final int READ_BYTES = 4_096;

    @Override
    public ProbeOutcome run(ProbeRun run) {
        return switch (run.spawner().start(check.command())) {
            case ChildSpawner.Start.NotStarted(String why) -> new ProbeOutcome.Worthless(why);
            case ChildSpawner.Start.Running(ChildProcess child) -> attend(child, run);
        };
    }

    private ProbeOutcome attend(ChildProcess child, ProbeRun run) {
        run.startClock(check.timeout());
        LastLine output = new LastLine();
        Optional<ProbeOutcome> late;
        OptionalInt status;
        String took;
        try {
            boolean ended = watch(child, output, run);
            took = run.took();
            late = ended ? Optional.empty() : Optional.of(stop(child, output, run));
        } finally {
            status = finish(child, run);
        }
        if (late.isPresent()) return late.get();
        return ExitRule.outcome(check, status.orElseThrow(), output.text(), took);
    }

    /** True once the leader has ended, false if time ran out first. */
    private static boolean watch(ChildProcess child, LastLine output, ProbeRun run) {
        byte[] bytes = new byte[READ_BYTES];
        while (!child.ended()) {
            if (!run.ready(child.fd(), Epoll.IN)) return false;
            output.accept(bytes, child.read(bytes));
        }
        for (int count = child.read(bytes); count > 0; count = child.read(bytes)) output.accept(bytes, count);
        return true;
    }

    private static ProbeOutcome stop(ChildProcess child, LastLine output, ProbeRun run) {
        if (!run.timedOut()) return run.overdue("no exit"); // we stop: no grace
        child.signalGroup(ChildProcess.SIGTERM);
        boolean obeyed = run.readyWithin(child.endedFd(), Epoll.IN, TERM_GRACE);
        String said = output.text().isEmpty() ? "" : "; last output: " + output.text();
        return run.overdue("no exit", (obeyed ? "; ended by SIGTERM" : "; ended by SIGKILL") + said);
    }

    /** Kills what is left of the group while the leader still holds its number, then reaps and lets go of the child. */
    private static OptionalInt finish(ChildProcess child, ProbeRun run) {
        child.signalGroup(ChildProcess.SIGKILL);
        if (!child.ended() && !run.readyWithin(child.endedFd(), Epoll.IN, KILL_PATIENCE)) {
            run.spawner().abandon(child);
            return OptionalInt.empty();
        }
        OptionalInt status = child.reap();
        for (int i = 0; i < MOST_ORPHAN_LOOKS && !child.reapOrphans(); i++) run.readyWithin(-1, 0, ORPHAN_PAUSE);
        child.close();
        return status;
    }
}
