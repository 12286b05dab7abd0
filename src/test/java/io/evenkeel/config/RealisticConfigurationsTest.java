package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Diagnostic.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files as people have them, with what is said of them and what they mean beside them in {@code NAME.expected}. Read as
 * on a machine named node1.
 */
class RealisticConfigurationsTest {

    private static final Path FOLDER = Path.of("src/test/resources/config/realistic");

    static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(".conf"))
                    .map(n -> n.substring(0, n.length() - ".conf".length()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachIsUnderstoodAndExplainedAsExpected(String name) throws IOException {
        Loaded loaded = load(name);
        String outcome = DiagnosticPrinter.print(loaded.diagnostics()).replace(FOLDER + "/", "") + "----\n"
                + ConfigPrinter.print(loaded.configuration());
        Path expected = FOLDER.resolve(name + ".expected");
        if (Boolean.getBoolean("regenerate")) Files.writeString(expected, outcome);
        assertThat(outcome).isEqualTo(Files.readString(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "syslog-ops, 0, 2, 1",
        "dns-definitions, 0, 0, 2",
        "web-both-nodes, 2, 4, 1",
        "quorum, 0, 2, 1",
        "misc-check, 2, 0, 1",
        "ipv6, 2, 0, 1",
        "fwmark, 1, 0, 1",
        "router-pair, 5, 10, 0",
        "radius-hash, 0, 0, 1",
        "netflow-transparent, 0, 0, 1",
        "typed-in-a-hurry, 13, 1, 2"
    })
    void errorsWarningsAndServicesAreCounted(String name, int errors, int warnings, int services) {
        Loaded loaded = load(name);
        assertThat(count(loaded, Severity.ERROR)).as("errors").isEqualTo(errors);
        assertThat(count(loaded, Severity.WARNING)).as("warnings").isEqualTo(warnings);
        assertThat(loaded.configuration().services()).hasSize(services);
    }

    @Test
    void everyFileIsCounted() throws IOException {
        assertThat(names()).hasSize(11);
    }

    private static long count(Loaded loaded, Severity severity) {
        return loaded.diagnostics().stream()
                .filter(d -> d.severity() == severity)
                .count();
    }

    private static Loaded load(String name) {
        return ConfigurationLoader.load(FOLDER.resolve(name + ".conf"), new Surroundings("node1", Map.of()));
    }
}
