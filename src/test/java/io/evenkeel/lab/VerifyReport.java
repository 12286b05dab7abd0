package io.evenkeel.lab;

import io.evenkeel.lab.ScenarioRow.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The end of {@code verify}: prints the table of scenarios, complains about listed ones that are missing, skipped or void,
 * and counts all tests of all runs. Exit code 1 if anything failed.
 */
public final class VerifyReport {
    private static final String NEEDS_ROOT = "root";
    private static final int MAX_REASON = 300;

    /** Counts over all reports. */
    record Totals(int passed, int failed, int skipped) {
        Totals plus(Totals other) {
            return new Totals(passed + other.passed, failed + other.failed, skipped + other.skipped);
        }
    }

    /** A line of the checked-in list: {@code S1 | socket | lab | 1:1:1 | root}. */
    record Listed(String key, boolean needsRoot) {}

    private VerifyReport() {}

    /** Arguments: Maven's exit status, scenarios.json, the list, directories with surefire's reports. */
    public static void main(String[] arguments) throws IOException {
        List<Path> reports = new ArrayList<>();
        for (int i = 3; i < arguments.length; i++) reports.add(Path.of(arguments[i]));
        Totals totals = count(reports);
        // Failed tests do not fail Maven here; if it failed, a run died or never ended, and that counts as a failure.
        if (!arguments[0].equals("0")) totals = totals.plus(new Totals(0, 1, 0));
        List<ScenarioRow> rows = ScenarioLog.read(Path.of(arguments[1]));
        List<Listed> listed = readList(Path.of(arguments[2]));
        boolean good = print(rows, listed, Command.asRoot(), totals, System.out);
        System.exit(good ? 0 : 1);
    }

    /** Prints everything; true if nothing failed and no listed scenario lacks. */
    static boolean print(List<ScenarioRow> rows, List<Listed> listed, boolean root, Totals totals, PrintStream out) {
        printTable(rows, out);
        List<String> complaints = complaints(rows, listed, root);
        for (String complaint : complaints) out.println("scenario " + complaint);
        if (!complaints.isEmpty()) out.println();
        out.println(totals.passed + " passed, " + totals.failed + " failed, " + totals.skipped + " skipped");
        return complaints.isEmpty() && totals.failed == 0 && totals.passed > 0;
    }

    /** What is wrong with the listed scenarios. A row that needs root may be skipped by a user who is not root. */
    static List<String> complaints(List<ScenarioRow> rows, List<Listed> listed, boolean root) {
        List<String> complaints = new ArrayList<>();
        for (Listed wanted : listed) {
            List<ScenarioRow> found =
                    rows.stream().filter(row -> row.key().equals(wanted.key)).toList();
            if (found.isEmpty()) complaints.add("missing: " + wanted.key);
            for (ScenarioRow row : found) {
                boolean excused = row.outcome() == Outcome.SKIPPED && wanted.needsRoot && !root;
                if (row.outcome() == Outcome.HELD || excused) continue;
                complaints.add(word(row.outcome()) + ": " + wanted.key + ": " + brief(row.reason()));
            }
        }
        return complaints;
    }

    static List<Listed> readList(Path file) throws IOException {
        List<Listed> listed = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) continue;
            List<String> columns =
                    List.of(line.split("\\|")).stream().map(String::strip).toList();
            String key = columns.stream().limit(4).collect(Collectors.joining(" | "));
            listed.add(new Listed(key, columns.contains(NEEDS_ROOT)));
        }
        return listed;
    }

    /** Adds up the test suites of surefire's XML reports. */
    static Totals count(List<Path> directories) throws IOException {
        Totals totals = new Totals(0, 0, 0);
        for (Path directory : directories) {
            if (!Files.isDirectory(directory)) continue;
            try (DirectoryStream<Path> reports = Files.newDirectoryStream(directory, "TEST-*.xml")) {
                for (Path report : reports) totals = totals.plus(suite(report));
            }
        }
        return totals;
    }

    private static Totals suite(Path report) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        try (InputStream bytes = Files.newInputStream(report)) {
            XMLStreamReader reader = factory.createXMLStreamReader(bytes);
            while (!(reader.isStartElement() && reader.getLocalName().equals("testsuite"))) reader.next();
            int failed = number(reader, "failures") + number(reader, "errors");
            int skipped = number(reader, "skipped");
            return new Totals(number(reader, "tests") - failed - skipped, failed, skipped);
        } catch (XMLStreamException e) {
            throw new IOException(report + ": " + e.getMessage(), e);
        }
    }

    private static int number(XMLStreamReader reader, String attribute) {
        String text = reader.getAttributeValue(null, attribute);
        return text == null ? 0 : Integer.parseInt(text);
    }

    private static void printTable(List<ScenarioRow> rows, PrintStream out) {
        out.printf("%n%-5s %-7s %-9s %-28s %-8s %s%n", "", "plane", "rig", "variant", "outcome", "measured (bound)");
        for (ScenarioRow row : rows) {
            String text = row.figures().stream().map(Figure::toString).collect(Collectors.joining(", "));
            if (!row.reason().isEmpty()) text = brief(row.reason()) + (text.isEmpty() ? "" : "; " + text);
            String outcome = word(row.outcome()) + (row.attempts() > 1 ? " (" + row.attempts() + ")" : "");
            out.printf(
                    "%-5s %-7s %-9s %-28s %-8s %s%n", row.id(), row.plane(), row.rig(), row.variant(), outcome, text);
        }
        out.println();
    }

    /** In one line; the whole stands in scenarios.json. */
    private static String brief(String reason) {
        String line = reason.replaceAll("\\s+", " ").strip();
        return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON) + "...";
    }

    private static String word(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}
