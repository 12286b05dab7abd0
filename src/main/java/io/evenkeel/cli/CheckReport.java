package io.evenkeel.cli;

import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Position;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer to {@code check --json}. A problem of the file as a whole has neither line nor column; what cannot be said
 * is null. Pure.
 *
 * @param schema 1
 * @param usable a director would take it
 */
record CheckReport(int schema, String file, boolean usable, int services, int realservers, List<Problem> diagnostics) {

    private static final int SCHEMA = 1;

    record Problem(
            String severity,
            @Nullable String file,
            @Nullable Integer line,
            @Nullable Integer column,
            int length,
            String message,
            @Nullable String suggestion,
            List<Place> includedFrom) {}

    record Place(String file, int line, int column) {}

    static CheckReport of(Path file, boolean usable, Configuration configuration, List<Diagnostic> diagnostics) {
        return new CheckReport(
                SCHEMA,
                file.toString(),
                usable,
                configuration.services().size(),
                realservers(configuration),
                diagnostics.stream().map(CheckReport::problem).toList());
    }

    static int realservers(Configuration configuration) {
        return configuration.services().stream()
                .mapToInt(s -> s.realServers().size())
                .sum();
    }

    /** Indented, ending in a line feed. */
    String toJson() {
        JsonMapper json = JsonMapper.builder()
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
        return json.writeValueAsString(this) + "\n";
    }

    private static Problem problem(Diagnostic diagnostic) {
        return new Problem(
                diagnostic.severity().name().toLowerCase(Locale.ROOT),
                diagnostic.position().map(Position::file).orElse(null),
                diagnostic.position().map(Position::line).orElse(null),
                diagnostic.position().map(Position::column).orElse(null),
                diagnostic.length(),
                diagnostic.message(),
                diagnostic.suggestion().orElse(null),
                diagnostic.includedFrom().stream()
                        .map(p -> new Place(p.file(), p.line(), p.column()))
                        .toList());
    }
}
