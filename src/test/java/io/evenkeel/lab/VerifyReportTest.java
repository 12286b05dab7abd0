package io.evenkeel.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.ScenarioRow.Outcome;
import io.evenkeel.lab.VerifyReport.Listed;
import io.evenkeel.lab.VerifyReport.Totals;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyReportTest {
    private static final Totals GOOD = new Totals(10, 0, 1);
    private static final Listed LISTED = new Listed("S1 | socket | lab | 1:1:1", true);

    @Test
    void aListedScenarioThatIsMissingVoidOrFailedIsComplainedAbout() {
        assertThat(complaints(List.of(), true)).singleElement().asString().startsWith("missing: S1");
        assertThat(complaints(List.of(row(Outcome.VOID)), true)).hasSize(1);
        assertThat(complaints(List.of(row(Outcome.FAILED)), true)).hasSize(1);
        assertThat(complaints(List.of(row(Outcome.HELD)), true)).isEmpty();
    }

    @Test
    void aSkippedOneIsExcusedOnlyWhenItNeedsRootAndWeAreNot() {
        assertThat(complaints(List.of(row(Outcome.SKIPPED)), true)).hasSize(1);
        assertThat(complaints(List.of(row(Outcome.SKIPPED)), false)).isEmpty();
        Listed plain = new Listed(LISTED.key(), false);
        assertThat(VerifyReport.complaints(List.of(row(Outcome.SKIPPED)), List.of(plain), false))
                .hasSize(1);
    }

    @Test
    void oneVoidRepetitionOfSeveralIsComplainedAbout() {
        assertThat(complaints(List.of(row(Outcome.HELD), row(Outcome.VOID)), true))
                .hasSize(1);
    }

    @Test
    void theLastLineCountsAndTheVerdictFollowsIt() {
        assertThat(printed(GOOD)).endsWith("10 passed, 0 failed, 1 skipped\n").contains("lost 0 (= 0)");
        assertThat(verdict(GOOD)).isTrue();
        assertThat(verdict(new Totals(10, 1, 0))).isFalse();
        assertThat(verdict(new Totals(0, 0, 3))).as("nothing ran").isFalse();
    }

    @Test
    void reportsOfSeveralRunsAreAddedUp(@TempDir Path directory) throws IOException {
        Path first = Files.createDirectory(directory.resolve("a"));
        Path second = Files.createDirectory(directory.resolve("b"));
        Files.writeString(first.resolve("TEST-x.xml"), suite(10, 1, 2, 3));
        Files.writeString(second.resolve("TEST-y.xml"), suite(5, 0, 0, 0));
        assertThat(VerifyReport.count(List.of(first, second, directory.resolve("absent"))))
                .isEqualTo(new Totals(9, 3, 3));
    }

    @Test
    void theListIsReadWithItsNeeds(@TempDir Path directory) throws IOException {
        Path list = Files.writeString(
                directory.resolve("list"), "# comment\n\nS1 | socket | lab | 1:1:1 | root\nS1|socket|loopback|1:1:1\n");
        assertThat(VerifyReport.readList(list))
                .containsExactly(LISTED, new Listed("S1 | socket | loopback | 1:1:1", false));
    }

    @Test
    void rowsSurviveTheirFile(@TempDir Path directory) {
        Path file = directory.resolve("scenarios.json");
        assertThat(ScenarioLog.read(file)).isEmpty();
        ScenarioLog.write(file, List.of(row(Outcome.HELD), row(Outcome.SKIPPED)));
        assertThat(ScenarioLog.read(file)).containsExactly(row(Outcome.HELD), row(Outcome.SKIPPED));
    }

    private static List<String> complaints(List<ScenarioRow> rows, boolean root) {
        return VerifyReport.complaints(rows, List.of(LISTED), root);
    }

    private static boolean verdict(Totals totals) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        return VerifyReport.print(List.of(row(Outcome.HELD)), List.of(LISTED), true, totals, out);
    }

    private static String printed(Totals totals) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        VerifyReport.print(List.of(row(Outcome.HELD)), List.of(LISTED), true, totals, out);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static ScenarioRow row(Outcome outcome) {
        List<Figure> figures = List.of(new Figure("lost", "0", "= 0", true));
        return new ScenarioRow("S1", "socket", "lab", "1:1:1", outcome, 1, "", figures);
    }

    private static String suite(int tests, int failures, int errors, int skipped) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="x" tests="%d" errors="%d" skipped="%d" failures="%d"><testcase/></testsuite>
                """.formatted(tests, errors, skipped, failures);
    }
}
