package io.evenkeel.config;

import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Position;
import java.util.List;
import java.util.Locale;

/**
 * Says a problem to a person:
 *
 * <pre>
 * lb.conf:3:5: error: unknown keyword 'lb_aglo'
 *   3 |     lb_aglo rr
 *     |     ^~~~~~~
 *     = did you mean 'lb_algo'?
 *     included from main.conf:2:1
 * </pre>
 *
 * Pure; any thread.
 */
public final class DiagnosticPrinter {

    /** Code points of a source line that are shown; more is cut with an ellipsis, around the place. */
    static final int MAX_SHOWN = 120;

    private static final int BEFORE = 40;

    private DiagnosticPrinter() {}

    /** All of them, each ending with a line feed. */
    public static String print(List<Diagnostic> diagnostics) {
        StringBuilder all = new StringBuilder();
        for (Diagnostic diagnostic : diagnostics) all.append(print(diagnostic));
        return all.toString();
    }

    /** One or more lines, each ending with a line feed. */
    public static String print(Diagnostic diagnostic) {
        StringBuilder out = new StringBuilder(firstLine(diagnostic)).append('\n');
        String margin = "    ";
        if (diagnostic.position().isPresent()) {
            Position position = diagnostic.position().get();
            String number = Integer.toString(position.line());
            margin = " ".repeat(Math.max(3, number.length() + 2));
            source(diagnostic, position, margin, number, out);
            margin = margin + " ";
        }
        if (diagnostic.suggestion().isPresent()) {
            out.append(margin)
                    .append("= ")
                    .append(shown(diagnostic.suggestion().get()))
                    .append('\n');
        }
        for (Position include : diagnostic.includedFrom()) {
            out.append(margin)
                    .append("included from ")
                    .append(shown(include.toString()))
                    .append('\n');
        }
        return out.toString();
    }

    /** {@code file:line:column: severity: message}, without a line feed. */
    public static String firstLine(Diagnostic diagnostic) {
        String severity = diagnostic.severity().name().toLowerCase(Locale.ROOT);
        String where = diagnostic.position().map(p -> p + ": ").orElse("");
        return shown(where + severity + ": " + diagnostic.message());
    }

    private static void source(
            Diagnostic diagnostic, Position position, String margin, String number, StringBuilder out) {
        String line = diagnostic.sourceLine();
        int points = line.codePointCount(0, line.length());
        int at = Math.clamp(position.column() - 1L, 0, points);
        int from = points <= MAX_SHOWN ? 0 : Math.max(0, Math.min(at - BEFORE, points - MAX_SHOWN));
        int to = Math.min(points, from + MAX_SHOWN);
        String part = line.substring(line.offsetByCodePoints(0, from), line.offsetByCodePoints(0, to));
        DisplayLine display = new DisplayLine((from > 0 ? "…" : "") + part + (to < points ? "…" : ""));
        int shift = from > 0 ? 1 : 0;
        int start = display.column(at - from + shift);
        int end = display.column(Math.min(at + diagnostic.length(), to) - from + shift);
        String text = display.text().stripTrailing();
        String pad = " ".repeat(margin.length() - 1 - number.length());
        out.append(pad)
                .append(number)
                .append(" |")
                .append(text.isEmpty() ? "" : " ")
                .append(text)
                .append('\n');
        out.append(margin).append("| ").repeat(' ', start).append('^').repeat('~', Math.max(0, end - start - 1));
        out.append('\n');
    }

    /** One line without anything that a terminal would obey. */
    private static String shown(String text) {
        return new DisplayLine(text).text();
    }
}
