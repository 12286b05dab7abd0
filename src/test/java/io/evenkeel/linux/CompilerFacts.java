package io.evenkeel.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Asks the C compiler of the machine what expressions are worth. */
final class CompilerFacts {
    private CompilerFacts() {}

    /**
     * The value of each.
     *
     * @param headers the lines that include what the expressions need, and stdio.h
     */
    static Map<String, Long> of(String headers, List<String> expressions, Path directory)
            throws IOException, InterruptedException {
        StringBuilder source = new StringBuilder(headers).append("int main(void) {\n");
        for (String expression : expressions) {
            source.append("    printf(\"%s=%lld\\n\", \"")
                    .append(expression)
                    .append("\", (long long) (")
                    .append(expression)
                    .append("));\n");
        }
        source.append("    return 0;\n}\n");
        Path file = Files.writeString(directory.resolve("layouts.c"), source);
        Path program = directory.resolve("layouts");
        run("gcc", "-Wall", "-Werror", "-o", program.toString(), file.toString());
        Map<String, Long> values = new TreeMap<>();
        run(program.toString()).lines().forEach(line -> {
            int equals = line.lastIndexOf('=');
            values.put(line.substring(0, equals), Long.valueOf(line.substring(equals + 1)));
        });
        return values;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command[0], output).isZero();
        return output;
    }
}
