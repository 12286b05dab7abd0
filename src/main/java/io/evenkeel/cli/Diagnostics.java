package io.evenkeel.cli;

import io.evenkeel.config.DiagnosticPrinter;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import java.util.ArrayList;
import java.util.List;

/** Says on stderr what is wrong with a file: with its place and a caret, or in one line when it has no place. */
final class Diagnostics {
    private Diagnostics() {}

    static void print(Terminal terminal, List<Diagnostic> diagnostics) {
        for (Diagnostic diagnostic : diagnostics) {
            if (diagnostic.position().isEmpty()) terminal.error(withoutPlace(diagnostic));
            else terminal.err().print(DiagnosticPrinter.print(diagnostic));
        }
        terminal.err().flush();
    }

    private static String withoutPlace(Diagnostic diagnostic) {
        return diagnostic.message()
                + diagnostic.suggestion().map(s -> " (" + s + ")").orElse("");
    }

    /** {@code 2 errors, 1 warning}; notices are not counted. */
    static String count(List<Diagnostic> diagnostics) {
        List<String> parts = new ArrayList<>();
        long errors = count(diagnostics, Severity.ERROR);
        long warnings = count(diagnostics, Severity.WARNING);
        if (errors > 0) parts.add(number(errors, "error"));
        if (warnings > 0) parts.add(number(warnings, "warning"));
        return String.join(", ", parts);
    }

    static long count(List<Diagnostic> diagnostics, Severity severity) {
        return diagnostics.stream().filter(d -> d.severity() == severity).count();
    }

    /** {@code 1 error}, {@code 2 errors}. */
    static String number(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
