package io.evenkeel.health;

import static io.evenkeel.health.Probing.assertFailed;
import static io.evenkeel.health.Probing.assertPassed;
import static io.evenkeel.health.Probing.assertWorthless;
import static io.evenkeel.health.Probing.outcome;
import static io.evenkeel.health.Probing.timing;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MiscProbeTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Probes PROBES = new Probes();

    @TempDir
    Path directory;

    @AfterAll
    static void close() {
        PROBES.close();
    }

    private Path script(String name, String... lines) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Check misc(Duration timeout, boolean dynamic, String... command) {
        return new Check.Misc(timing(timeout), List.of(command), timeout, dynamic);
    }

    private static ProbeOutcome probe(String... command) {
        return outcome(PROBES, misc(LONG, false, command));
    }

    @ParameterizedTest(name = "status {0} dynamic {1}: {2} with weight {3}")
    @CsvSource({
        "0, false, Passed, -1",
        "1, false, Failed, -1",
        "2, false, Failed, -1",
        "255, false, Failed, -1",
        "0, true, Passed, -1",
        "1, true, Failed, -1",
        "2, true, Passed, 0",
        "3, true, Passed, 1",
        "255, true, Passed, 253",
    })
    void theExitStatusDecides(int status, boolean dynamic, String kind, int weight) throws IOException {
        ProbeOutcome outcome = outcome(
                PROBES,
                misc(LONG, dynamic, script("exit.sh", "echo checked", "exit $1").toString(), "" + status));
        assertThat(outcome.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(outcome.evidence()).matches("exit status " + status + " after [0-9.]+ m?s.*: checked");
        if (outcome instanceof ProbeOutcome.Passed passed) {
            assertThat(passed.weight()).isEqualTo(weight < 0 ? OptionalInt.empty() : OptionalInt.of(weight));
        }
    }

    @Test
    void anEndBySignalFails() throws IOException {
        String kill = script("kill.sh", "kill -SEGV $$").toString();
        assertFailed(probe(kill), "killed by signal 11 after .*");
        assertFailed(outcome(PROBES, misc(LONG, true, kill)), "killed by signal 11 after .*");
    }

    @Test
    void argumentsArriveAsWrittenWithoutAShell() throws IOException {
        Path file = script("arguments.sh", "for a in \"$@\"; do printf '[%s]' \"$a\"; done");
        assertPassed(
                probe(file.toString(), "a b", "$HOME", "`id`", "", "*"),
                "exit status 0 after .*: \\[a b]\\[\\$HOME]\\[`id`]\\[]\\[\\*]");
    }

    @Test
    void aBareNameIsSoughtInPath() {
        assertPassed(probe("true"), "exit status 0 after .*");
        assertFailed(probe("false"), "exit status 1 after .*");
    }

    @Test
    void whatCannotBeExecutedIsWorthlessAndSaysWhy() throws IOException {
        Path plain = Files.writeString(directory.resolve("plain"), "#!/bin/sh\n");
        Path garbage = Files.writeString(directory.resolve("garbage"), "no magic here\n");
        Files.setPosixFilePermissions(garbage, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path lost = Files.writeString(directory.resolve("lost"), "#!/nowhere/sh\n");
        Files.setPosixFilePermissions(lost, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertWorthless(probe("ek-no-such-program"), "ek-no-such-program: not found in PATH");
        assertWorthless(probe("/nowhere/check"), "/nowhere/check: not found");
        assertWorthless(probe(directory.toString()), ".*: is a directory");
        assertWorthless(probe(plain.toString()), ".*/plain: not executable");
        assertWorthless(probe(garbage.toString()), ".*/garbage: not a program .*");
        assertWorthless(probe(lost.toString()), ".*/lost: not found, or the interpreter in its first line is not");
        assertWorthless(probe("true", "a\0b"), "an argument holds a zero character");
    }

    /** A listing of /proc/self/fd opens the lowest number that is free: 3, and nothing may come after it. */
    @Test
    void theChildGetsThreeDescriptorsOfOursAndNoMore() throws IOException {
        try (ServerSocket inheritable = new ServerSocket(0, 1, Probing.loopback4())) {
            assertThat(inheritable.isBound()).isTrue();
            assertPassed(probe("ls", "-1", "-v", "/proc/self/fd"), "exit status 0 after [^:]*: 3");
            assertPassed(probe("readlink", "/proc/self/fd/0"), "exit status 0 after [^:]*: /dev/null");
            assertPassed(probe("readlink", "/proc/self/fd/1"), "exit status 0 after [^:]*: pipe:.*");
            assertPassed(probe("readlink", "/proc/self/fd/2"), "exit status 0 after [^:]*: pipe:.*");
        }
    }

    @Test
    void theChildHasDefaultSignalsAnEmptyMaskAndItsOwnGroup() throws IOException {
        String show = script(
                        "show.sh",
                        "grep -E '^Sig(Blk|Ign)' /proc/$$/status | tr -d '\\n\\t'",
                        "test $(cut -d' ' -f5 /proc/$$/stat) = $$ && echo ' leads'")
                .toString();
        assertPassed(probe(show), ".*: SigBlk:0{16}SigIgn:0{16} leads");
    }

    @Test
    void theEnvironmentComesWithoutLoaderAndShellTraps() {
        assertThat(ChildSpawner.environment(
                        Map.of("IFS", "x", "LD_PRELOAD", "y", "LD_LIBRARY_PATH", "z", "PATH", "/bin", "LDX", "1")))
                .containsExactlyInAnyOrder("PATH=/bin", "LDX=1");
    }

    @Test
    void muchOutputNeitherBlocksNorGrows() throws IOException {
        String loud = script(
                        "loud.sh",
                        "i=0; while [ $i -lt 20000 ]; do echo \"line $i ..............................\"; i=$((i+1));"
                                + " done",
                        "printf '%0200d\\n\\n' 7")
                .toString();
        ProbeOutcome outcome = probe(loud);
        assertPassed(outcome, "exit status 0 after .*: 0+\\.\\.\\.");
        assertThat(outcome.evidence().length()).isLessThan(150);
    }

    @Test
    void aProgramThatNeverStopsTalkingEndsAtItsTimeout() {
        long start = System.nanoTime();
        assertFailed(
                outcome(PROBES, misc(Duration.ofMillis(300), false, "yes")),
                "no exit in 300 ms; ended by SIGTERM; last output: y");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void atItsTimeoutTheGroupGetsSigterm() throws IOException {
        Path pids = directory.resolve("pids");
        String slow = script("slow.sh", "echo $$ > " + pids, "echo waiting", "sleep 60 & sleep 60")
                .toString();
        assertFailed(
                outcome(PROBES, misc(Duration.ofMillis(300), false, slow)),
                "no exit in 300 ms; ended by SIGTERM; last output: waiting");
        assertGone(leader(pids));
    }

    /** The acceptance case: a grandchild that ignores SIGTERM. */
    @Test
    void aGrandchildThatIgnoresSigtermIsGoneThreeSecondsAfterTheDeadline() throws IOException {
        Path pids = directory.resolve("pids");
        Duration timeout = Duration.ofMillis(500);
        String stubborn = script(
                        "stubborn.sh",
                        "trap '' TERM",
                        "(trap '' TERM; while :; do sleep 1; done) &",
                        "(trap '' TERM; while :; do sleep 1; done) &",
                        "echo $$ > " + pids,
                        "while :; do sleep 1; done")
                .toString();
        long start = System.nanoTime();
        assertFailed(outcome(PROBES, misc(timeout, false, stubborn)), "no exit in 500 ms; ended by SIGKILL");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("SIGKILL comes 2 s after SIGTERM")
                .isBetween(timeout.plusMillis(1_900), timeout.plusMillis(2_500));
        assertGone(leader(pids));
    }

    @Test
    void whatALeaderLeavesBehindInItsGroupIsKilled() throws IOException {
        for (String end : List.of("exit 0", "exit 1", "kill -KILL $$")) {
            Path pids = directory.resolve("pids");
            String leaves = script("leaves.sh", "(trap '' TERM; while :; do sleep 1; done) &", "echo $$ > " + pids, end)
                    .toString();
            outcome(PROBES, misc(LONG, false, leaves));
            assertGone(leader(pids));
        }
    }

    @Test
    void closingEndsChildrenAtOnce() throws IOException, InterruptedException {
        Path pids = directory.resolve("pids");
        String stubborn = script("stubborn.sh", "trap '' TERM", "sleep 60 &", "echo $$ > " + pids, "sleep 60; sleep 60")
                .toString();
        CompletableFuture<ProbeOutcome> outcome = new CompletableFuture<>();
        try (Probes probes = new Probes()) {
            probes.start(misc(LONG, false, stubborn), "test", outcome::complete);
            long start = System.nanoTime();
            while (!Files.exists(pids) || Files.size(pids) == 0) {
                assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos());
                Thread.sleep(10);
            }
        }
        assertWorthless(outcome.resultNow(), "ended because the director stops");
        assertGone(leader(pids));
    }

    /** The JVM waits for its own children; we must not take their status. */
    @Test
    void theJvmsOwnChildrenKeepTheirStatus() throws Exception {
        List<Process> own = new ArrayList<>();
        for (int i = 0; i < 5; i++) own.add(new ProcessBuilder("sh", "-c", "sleep 0.3; exit 42").start());
        for (int i = 0; i < 5; i++) assertPassed(probe("true"), "exit status 0 .*");
        for (Process process : own) assertThat(process.waitFor()).isEqualTo(42);
    }

    private static long leader(Path pids) throws IOException {
        return Long.parseLong(Files.readString(pids).strip());
    }

    /** SIGKILL has been sent when the outcome comes; on a busy machine a process may take a moment to die of it. */
    private static void assertGone(long group) throws IOException {
        long start = System.nanoTime();
        while (!group(group).isEmpty()) {
            assertThat(System.nanoTime() - start).as("%s", group(group)).isLessThan(500_000_000L);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Members of a process group that still run: pid (2) name (3) state. Zombies are another parent's to reap. */
    private static List<String> group(long group) throws IOException {
        List<String> members = new ArrayList<>();
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            for (Path entry : entries.filter(p -> p.getFileName().toString().matches("\\d+"))
                    .toList()) {
                String stat = stat(entry);
                if (stat.isEmpty()) continue;
                String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                if (Long.parseLong(rest[2]) == group && !rest[0].equals("Z")) members.add(stat);
            }
        }
        return members;
    }

    private static String stat(Path process) {
        try {
            return Files.readString(process.resolve("stat"));
        } catch (IOException endedMeanwhile) {
            return "";
        }
    }
}
