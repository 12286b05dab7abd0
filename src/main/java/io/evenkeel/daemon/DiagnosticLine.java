package io.evenkeel.daemon;

import io.evenkeel.model.Diagnostic;

/** A diagnostic in one line, for a log. Pure; any thread. */
final class DiagnosticLine {
    private DiagnosticLine() {}

    /** {@code FILE:LINE:COLUMN: MESSAGE (SUGGESTION)}. */
    static String of(Diagnostic diagnostic) {
        return diagnostic.position().map(p -> p + ": ").orElse("")
                + diagnostic.message()
                + diagnostic.suggestion().map(s -> " (" + s + ")").orElse("");
    }
}
