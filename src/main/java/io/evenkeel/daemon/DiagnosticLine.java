package io.evenkeel.daemon;

import io.evenkeel.model.Diagnostic;
import org.slf4j.Logger;

/** A diagnostic in one line, for a log. Pure; any thread. */
final class DiagnosticLine {
    private DiagnosticLine() {}

    /** Says it at the level of its severity. */
    static void log(Logger log, Diagnostic diagnostic) {
        switch (diagnostic.severity()) {
            case ERROR -> log.error("{}", of(diagnostic));
            case WARNING -> log.warn("{}", of(diagnostic));
            case NOTICE -> log.info("{}", of(diagnostic));
        }
    }

    /** {@code FILE:LINE:COLUMN: MESSAGE (SUGGESTION)}. */
    static String of(Diagnostic diagnostic) {
        return diagnostic.position().map(p -> p + ": ").orElse("")
                + diagnostic.message()
                + diagnostic.suggestion().map(s -> " (" + s + ")").orElse("");
    }
}
