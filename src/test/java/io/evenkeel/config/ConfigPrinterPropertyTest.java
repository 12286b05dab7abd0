package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic.Severity;
import org.junit.jupiter.api.Test;

class ConfigPrinterPropertyTest {

    private static final long SEED = Long.getLong("seed", 20_260_901);
    private static final int RUNS = 1_000;

    @Test
    void whatIsPrintedLoadsAsTheVerySameConfiguration() {
        for (int run = 0; run < RUNS; run++) {
            Configuration configuration = new ConfigurationGenerator(SEED + run).configuration();
            String text = ConfigPrinter.print(configuration);
            Loaded loaded = Reading.load(text);
            assertThat(loaded.diagnostics().stream().filter(d -> d.severity() != Severity.NOTICE))
                    .as("seed %d\n%s", SEED + run, text)
                    .isEmpty();
            assertThat(loaded.configuration())
                    .as("seed %d\n%s", SEED + run, text)
                    .isEqualTo(configuration);
            assertThat(ConfigPrinter.print(loaded.configuration())).isEqualTo(text);
        }
    }

    @Test
    void defaultsAreNotPrinted() {
        String text = Sample.service("");
        assertThat(ConfigPrinter.print(Reading.load(text).configuration())).isEqualToIgnoringWhitespace(text);
    }
}
