package io.evenkeel.config;

import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A file as understood: what it means, where it says so, and what is wrong with it. Usable for a reload when no
 * diagnostic is an error; {@code run} goes on with what could be understood unless {@link #fatal()}.
 *
 * @param diagnostics in the order of the text
 * @param files names of what was read, in the order in which it was opened
 * @param unreadable the root file itself could not be read; then the configuration is empty
 */
public record Loaded(
        Configuration configuration,
        Origins origins,
        List<Diagnostic> diagnostics,
        List<String> files,
        boolean unreadable) {

    public Loaded {
        diagnostics = List.copyOf(diagnostics);
        files = List.copyOf(files);
    }

    /** These diagnostics and {@code more}, which somebody has found in the configuration, in the order of the text. */
    public List<Diagnostic> with(List<Diagnostic> more) {
        List<Diagnostic> all = new ArrayList<>(diagnostics);
        all.addAll(more);
        Comparator<Position> byText = Comparator.<Position>comparingInt(p -> files.indexOf(p.file()))
                .thenComparingInt(Position::line)
                .thenComparingInt(Position::column);
        all.sort(Comparator.comparing(d -> d.position().orElse(null), Comparator.nullsLast(byText)));
        return List.copyOf(all);
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
