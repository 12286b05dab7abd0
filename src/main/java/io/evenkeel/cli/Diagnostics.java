package io.evenkeel.cli;

import io.evenkeel.model.Diagnostic;
import java.util.List;

/** Prints what is wrong with a file, for a person. */
final class Diagnostics {
    private Diagnostics() {}

    static void print(Terminal terminal, List<Diagnostic> diagnostics) {
        for (Diagnostic diagnostic : diagnostics) terminal.error(diagnostic.message());
    }
}
