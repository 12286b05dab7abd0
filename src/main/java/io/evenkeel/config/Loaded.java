package io.evenkeel.config;

import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Origins;
import java.util.List;

/**
 * A file as understood: what it means, where it says so, and what is wrong with it. Usable for a reload when no
 * diagnostic is an error; {@code run} goes on with what could be understood unless {@link #fatal()}.
 *
 * @param diagnostics in the order of the text
 * @param unreadable the root file itself could not be read; then the configuration is empty
 */
public record Loaded(Configuration configuration, Origins origins, List<Diagnostic> diagnostics, boolean unreadable) {

    public Loaded {
        diagnostics = List.copyOf(diagnostics);
    }

    public boolean hasErrors() {
        return diagnostics.stream().anyMatch(d -> d.severity() == Diagnostic.Severity.ERROR);
    }

    public boolean hasWarnings() {
        return diagnostics.stream().anyMatch(d -> d.severity() == Diagnostic.Severity.WARNING);
    }

    /** Nothing to run: unreadable, or no service could be understood. */
    public boolean fatal() {
        return unreadable || configuration.services().isEmpty();
    }
}
