package io.evenkeel.lab;

import io.evenkeel.lab.ScenarioRow.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * Runs a scenario until an attempt says something, and writes down what it measured. An attempt that failed while the
 * machine stalled, or whose own sockets overflowed, is void and repeated, at most twice.
 */
public final class Measurements {
    /** Attempts after void ones. */
    static final int MAX_RETRIES = 2;

    /** A stall from which on a missed bound is blamed on the machine, unless the scenario says otherwise. */
    static final long STALL_MILLIS = 60;

    /** One attempt: builds its rig, measures, closes its rig. */
    @FunctionalInterface
    public interface Attempt {
        void make(Figures figures) throws Exception;
    }

    private record Judged(Outcome outcome, String reason, List<Figure> figures) {}

    private final String id;
    private final Consumer<ScenarioRow> log;

    private final Supplier<Canary> canaries;

    Measurements(String id, Consumer<ScenarioRow> log) {
        this(id, log, Canary::start);
    }

    Measurements(String id, Consumer<ScenarioRow> log, Supplier<Canary> canaries) {
        this.id = id;
        this.log = log;
        this.canaries = canaries;
    }

    /** Runs one row of the table in a setting. Throws unless every figure is within its bound. */
    public void run(Setting setting, String variant, Attempt attempt) throws Exception {
        run(setting.plane(), setting.rig(), variant, attempt);
    }

    void run(String plane, String rig, String variant, Attempt attempt) throws Exception {
        int runs = Soak.on() ? Soak.REPETITIONS : 1;
        for (int i = 0; i < runs; i++) runOnce(plane, rig, variant, attempt);
    }

    private void runOnce(String plane, String rig, String variant, Attempt attempt) throws Exception {
        Judged judged = new Judged(Outcome.VOID, "", List.of());
        int attempts = 0;
        try {
            while (judged.outcome == Outcome.VOID && attempts <= MAX_RETRIES) {
                attempts++;
                judged = judge(attempt);
            }
        } catch (TestAbortedException skipped) {
            judged = new Judged(Outcome.SKIPPED, String.valueOf(skipped.getMessage()), List.of());
            throw skipped;
        } finally {
            log.accept(
                    new ScenarioRow(id, plane, rig, variant, judged.outcome, attempts, judged.reason, judged.figures));
        }
        if (judged.outcome != Outcome.HELD) {
            throw new AssertionFailedError(id + " " + variant + " on " + plane + ", " + rig + " "
                    + judged.outcome.name().toLowerCase(java.util.Locale.ROOT) + ": " + judged.reason + "; measured "
                    + judged.figures);
        }
    }

    private Judged judge(Attempt attempt) throws Exception {
        Figures figures = new Figures();
        try (Canary canary = canaries.get()) {
            String failure = "";
            try {
                attempt.make(figures);
            } catch (TestAbortedException skipped) {
                throw skipped;
            } catch (IOException | RuntimeException broken) {
                return new Judged(Outcome.FAILED, broken.toString(), figures.all());
            } catch (AssertionError wrong) {
                failure = String.valueOf(wrong.getMessage());
            }
            if (!figures.voidReason().isEmpty()) return new Judged(Outcome.VOID, figures.voidReason(), figures.all());
            if (failure.isEmpty() && figures.hold()) return new Judged(Outcome.HELD, "", figures.all());
            if (failure.isEmpty()) failure = "out of bounds: " + outOfBounds(figures);
            long stall = canary.longestStallMillis();
            if (stall < figures.stallMillis()) return new Judged(Outcome.FAILED, failure, figures.all());
            return new Judged(Outcome.VOID, "the machine stalled for " + stall + " ms; " + failure, figures.all());
        }
    }

    private static String outOfBounds(Figures figures) {
        return figures.all().stream().filter(figure -> !figure.holds()).toList().toString();
    }
}
