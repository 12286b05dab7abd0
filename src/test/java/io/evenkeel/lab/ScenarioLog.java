package io.evenkeel.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The file in which every scenario leaves its row: {@code target/scenarios.json}. Any thread. */
final class ScenarioLog {
    static final Path FILE = Path.of("target", "scenarios.json");

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<ScenarioRow> ROWS = new ArrayList<>();

    private ScenarioLog() {}

    /** Adds a row; the file holds the rows of this process. */
    static synchronized void add(ScenarioRow row) {
        ROWS.add(row);
        write(FILE, ROWS);
    }

    static void write(Path file, List<ScenarioRow> rows) {
        try {
            Path directory = file.getParent();
            if (directory != null) Files.createDirectories(directory);
            Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(rows) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of a file; none if there is no file. */
    static List<ScenarioRow> read(Path file) {
        if (!Files.exists(file)) return List.of();
        return JSON.readValue(file, new TypeReference<List<ScenarioRow>>() {});
    }
}
