package io.evenkeel.health;

import static io.evenkeel.health.CheckRule.start;
import static io.evenkeel.health.CheckRule.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import io.evenkeel.model.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Outcomes are written as letters: p passed, u unproven, f failed, w worthless. The oracle knows nothing of counters: it
 * reads a whole history as text and looks for the runs that move a check.
 */
class CheckRuleTest {

    private static final Duration LOOP = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofMillis(70);

    private static Check.Timing timing(int retry, int rise, int fall, boolean alpha) {
        return new Check.Timing(LOOP, retry, RETRY, Duration.ZERO, Duration.ofMillis(200), rise, fall, alpha);
    }

    private static ProbeOutcome outcome(char letter) {
        return switch (letter) {
            case 'p' -> new ProbeOutcome.Passed("", OptionalInt.empty());
            case 'u' -> new ProbeOutcome.Unproven("");
            case 'f' -> new ProbeOutcome.Failed("");
            case 'w' -> new ProbeOutcome.Worthless("");
            default -> throw new IllegalArgumentException("letter " + letter);
        };
    }

    /** keepalived: reference table of what a sequence leads to. Capital letter: up; small: down; ?: unknown. */
    @ParameterizedTest(name = "retry {0} rise {1} fall {2} alpha {3}: {4} leads to {5}")
    @CsvSource({
        // the first attempt decides, whatever retry says
        "3, 1, 1, false, p, U",
        "3, 1, 1, false, f, f",
        "3, 1, 3, false, f, f",
        // retries are spent before the verdict falls
        "0, 1, 1, false, pf, Uf",
        "1, 1, 1, false, pff, UUf",
        "3, 1, 1, false, pffff, UUUUf",
        "1, 1, 1, false, pfpfpff, UUUUUUf",
        // fall counts rounds, each with its retries; a pass anywhere starts anew
        "0, 1, 2, false, pff, UUf",
        "0, 1, 2, false, pfpff, UUUUf",
        "1, 1, 2, false, pffff, UUUUf",
        "1, 1, 2, false, pfffpffff, UUUUUUUUf",
        // rise counts passes; a failure while down starts anew and has no burst
        "0, 1, 1, false, fp, fU",
        "0, 2, 1, false, fpp, ffU",
        "0, 2, 1, false, fpfpp, ffffU",
        "2, 3, 1, false, fppfppp, ffffffU",
        // alpha is down until it rises; one failure turns unknown into failed
        "1, 1, 1, true, p, U",
        "1, 2, 1, true, pp, ?U",
        "1, 2, 1, true, f, f",
        "1, 2, 1, true, pfpp, ?ffU",
        // our own trouble changes nothing, not even a count
        "1, 1, 1, false, wwpwfwf, ??UUUUf",
        "0, 2, 1, true, wpwp, ???U",
        "0, 1, 1, false, fwwp, fffU",
        // unproven passes raise and hold, but never say up
        "0, 1, 1, false, u, V",
        "0, 1, 1, false, pup, UVU",
        "0, 2, 1, true, uu, ?V",
        "1, 1, 1, false, ufuff, VVVVf",
    })
    void outcomesLeadToVerdicts(int retry, int rise, int fall, boolean alpha, String outcomes, String expected) {
        Check.Timing timing = timing(retry, rise, fall, alpha);
        CheckRule.State state = start(timing);
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < outcomes.length(); i++) {
            state = CheckRule.step(state, outcome(outcomes.charAt(i)), timing, 0)
                    .state();
            seen.append(
                    switch (state.verdict()) {
                        case UP -> 'U';
                        case FAILED -> 'f';
                        case UNKNOWN -> state.up() && state.decided() ? 'V' : '?';
                        case SUSPECT -> '!';
                    });
        }
        assertThat(seen).hasToString(expected);
    }

    /** Every sequence of up to six outcomes under every small setting agrees with the oracle. */
    @Test
    void everyShortSequenceAgreesWithTheOracle() {
        long compared = 0;
        for (int retry = 0; retry <= 2; retry++) {
            for (int rise = 1; rise <= 3; rise++) {
                for (int fall = 1; fall <= 2; fall++) {
                    for (int alpha = 0; alpha < 2; alpha++) {
                        compared += compareAll(timing(retry, rise, fall, alpha == 1), 6);
                    }
                }
            }
        }
        assertThat(compared).isEqualTo(36L * (4 + 16 + 64 + 256 + 1024 + 4096));
    }

    private static long compareAll(Check.Timing timing, int depth) {
        List<String> layer = List.of("");
        long compared = 0;
        for (int length = 1; length <= depth; length++) {
            List<String> longer = new ArrayList<>(layer.size() * 4);
            for (String prefix : layer) {
                for (char letter : "pufw".toCharArray()) longer.add(prefix + letter);
            }
            for (String history : longer) compare(history, timing);
            compared += longer.size();
            layer = longer;
        }
        return compared;
    }

    @Test
    void longRandomSequencesAgreeWithTheOracle() {
        long seed = System.nanoTime();
        System.out.println("CheckRuleTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 5_000; i++) {
            Check.Timing timing =
                    timing(random.nextInt(4), 1 + random.nextInt(4), 1 + random.nextInt(4), random.nextBoolean());
            // mostly failures or mostly passes, so that long runs happen
            String letters = random.nextBoolean() ? "pffffwu" : "ppppuwf";
            StringBuilder history = new StringBuilder();
            int length = 1 + random.nextInt(60);
            while (history.length() < length) history.append(letters.charAt(random.nextInt(letters.length())));
            compare(history.toString(), timing);
        }
    }

    private static void compare(String history, Check.Timing timing) {
        CheckRule.State state = start(timing);
        CheckRule.Step step = new CheckRule.Step(state, 0, false);
        CheckRule.State before = state;
        for (int i = 0; i < history.length(); i++) {
            before = state;
            step = CheckRule.step(state, outcome(history.charAt(i)), timing, 0);
            state = step.state();
        }
        Oracle now = Oracle.read(history, timing);
        Oracle earlier = Oracle.read(history.substring(0, history.length() - 1), timing);
        String what = history + " under " + timing;
        assertThat(state.up()).as(what).isEqualTo(now.up);
        assertThat(state.verdict()).as(what).isEqualTo(now.verdict);
        assertThat(before.verdict()).as(what).isEqualTo(earlier.verdict);
        assertThat(step.changed()).as(what).isEqualTo(now.up != earlier.up || now.verdict != earlier.verdict);
        assertThat(step.nextProbeInNanos()).as(what).isEqualTo((now.retryNext ? RETRY : LOOP).toNanos());
    }

    /** What a history means, found by searching it as text. */
    private record Oracle(boolean up, Verdict verdict, boolean retryNext) {

        static Oracle read(String history, Check.Timing timing) {
            String heard = history.replace("w", "");
            String plain = heard.replace('u', 'p');
            String fatal = "f".repeat((timing.retry() + 1) * timing.fall());
            String healing = "p".repeat(timing.rise());
            if (plain.isEmpty()) return new Oracle(!timing.alpha(), Verdict.UNKNOWN, false);

            boolean up = !timing.alpha() && plain.charAt(0) == 'p';
            int since = 0;
            while (true) {
                int turn = plain.indexOf(up ? fatal : healing, since);
                if (turn < 0) break;
                since = turn + (up ? fatal : healing).length();
                up = !up;
            }
            boolean everUp = since > 0 || up;
            boolean decided = everUp || plain.indexOf('f') >= 0;
            boolean proven = up && heard.charAt(plain.lastIndexOf('p')) == 'p';
            Verdict verdict = !decided || (up && !proven) ? Verdict.UNKNOWN : up ? Verdict.UP : Verdict.FAILED;
            int trailing = plain.length() - Math.max(since, plain.lastIndexOf('p') + 1);
            boolean burst = up && plain.endsWith("f") && trailing % (timing.retry() + 1) != 0;
            return new Oracle(up, verdict, burst && !history.endsWith("w"));
        }
    }

    @Test
    void theLoopDelayRunsFromTheStartOfTheProbe() {
        Check.Timing timing = timing(1, 1, 1, false);
        CheckRule.State up = new CheckRule.State(true, true, true, 0, 0, 0);
        long took = Duration.ofMillis(150).toNanos();
        assertThat(CheckRule.step(up, outcome('p'), timing, took).nextProbeInNanos())
                .isEqualTo(Duration.ofMillis(50).toNanos());
        assertThat(CheckRule.step(up, outcome('w'), timing, 2 * took).nextProbeInNanos())
                .isZero();
        assertThat(CheckRule.step(up, outcome('f'), timing, took).nextProbeInNanos())
                .as("a retry is counted from the failure")
                .isEqualTo(RETRY.toNanos());
    }

    /** The bound that scenario S7 rests on: fall × interval + timeout, in virtual time. */
    @Test
    void silentDeathIsSeenWithinFallIntervalsAndOneTimeout() {
        Check.Timing timing = timing(0, 2, 2, false);
        CheckRule.State state =
                CheckRule.step(start(timing), outcome('p'), timing, 0).state();
        long now = 0; // dies right after this pass
        long nextProbe = LOOP.toNanos();
        while (state.up()) {
            now = nextProbe + timing.timeout().toNanos();
            CheckRule.Step step =
                    CheckRule.step(state, outcome('f'), timing, timing.timeout().toNanos());
            state = step.state();
            nextProbe = now + step.nextProbeInNanos();
        }
        assertThat(Duration.ofNanos(now)).isEqualTo(Duration.ofMillis(600));
    }

    @Test
    void theFirstProbeWaitsARandomPartOfTheWarmup() {
        Check.Timing timing =
                new Check.Timing(LOOP, 0, RETRY, Duration.ofSeconds(4), Duration.ofSeconds(1), 1, 1, false);
        assertThat(CheckRule.firstProbeInNanos(timing, 0)).isZero();
        assertThat(CheckRule.firstProbeInNanos(timing, 0.5))
                .isEqualTo(Duration.ofSeconds(2).toNanos());
    }

    @Test
    void aDelayOfCenturiesDoesNotOverflow() {
        Check.Timing timing = new Check.Timing(Duration.ofDays(400_000), 0, RETRY, Duration.ZERO, LOOP, 1, 1, false);
        assertThat(CheckRule.step(start(timing), outcome('p'), timing, 5).nextProbeInNanos())
                .isGreaterThan(Duration.ofDays(30_000).toNanos());
    }

    @Test
    void oneFailedCheckFailsTheRealserverAndOneProofIsEnough() {
        CheckRule.State proven = new CheckRule.State(true, true, true, 0, 0, 0);
        CheckRule.State silent = new CheckRule.State(true, true, false, 0, 0, 0);
        CheckRule.State fresh = new CheckRule.State(true, false, false, 0, 0, 0);
        CheckRule.State down = new CheckRule.State(false, true, false, 0, 0, 0);
        assertThat(verdict(List.of())).isEqualTo(Verdict.UP);
        assertThat(verdict(List.of(proven))).isEqualTo(Verdict.UP);
        assertThat(verdict(List.of(silent))).isEqualTo(Verdict.UNKNOWN);
        assertThat(verdict(List.of(silent, proven))).isEqualTo(Verdict.UP);
        assertThat(verdict(List.of(proven, fresh))).isEqualTo(Verdict.UNKNOWN);
        assertThat(verdict(List.of(fresh, proven, down))).isEqualTo(Verdict.FAILED);
    }
}
