package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What scripts and people may rely on: commands, options, help, exit codes, and which stream says what. */
class CommandLineContractTest {

    @TempDir
    Path temp;

    static List<String> commands() {
        return List.of(
                "run",
                "check",
                "doctor",
                "status",
                "explain",
                "drain",
                "ready",
                "reload",
                "leave",
                "detach",
                "realserver",
                "demo",
                "version",
                "completion",
                "help");
    }

    private static CommandLine commandLine() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return Main.commandLine(new Terminal(nowhere, nowhere, Map.of()));
    }

    @Test
    void everyCommandIsThere() {
        assertThat(commandLine().getSubcommands().values())
                .filteredOn(c -> !c.getCommandSpec().usageMessage().hidden())
                .extracting(CommandLine::getCommandName)
                .containsExactlyElementsOf(commands());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHelps(String command) {
        Ran ran = Evenkeel.run(command, "--help").exits(0);
        assertThat(ran.out()).contains("\nUsage: evenkeel " + command + " ");
        assertThat(ran.err()).isEmpty();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(new PrintStream(out, true, StandardCharsets.UTF_8), System.err, Map.of());
        assertThat(Main.execute(terminal, "help", command)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(ran.out());
    }

    @Test
    void helpKeepsToTheWidthOfATerminal() {
        for (CommandLine command : commandLine().getSubcommands().values()) {
            assertThat(command.getUsageMessage().lines())
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
        }
    }

    @Test
    void theVersionIsOneLineOnStdout() {
        Ran ran = Evenkeel.run("version").exits(0);
        assertThat(ran.out()).matches("evenkeel \\d+\\.\\d+\\.\\d+\n");
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void withoutADirectorExitIsFour() {
        String nowhere = temp.resolve("nowhere").toString();
        for (String[] command : new String[][] {
            {"status"},
            {"status", "--json"},
            {"reload"},
            {"leave"},
            {"drain", "192.0.2.1:53/udp", "10.0.0.1:53"},
            {"explain", "udp", "198.51.100.7:40000", "192.0.2.1:53"}
        }) {
            Ran ran = Evenkeel.run(with(command, "--runtime-dir", nowhere)).exits(4);
            assertThat(ran.err()).isEqualTo("evenkeel: no director runs in " + nowhere + "\n");
            assertThat(ran.out()).isEmpty();
        }
    }

    @Test
    void completionIsAScriptThatBashAccepts() throws Exception {
        Ran ran = Evenkeel.run("completion").exits(0);
        Path script = Files.writeString(temp.resolve("completion"), ran.out());
        String ask = "source " + script + "; COMP_WORDS=(evenkeel st); COMP_CWORD=1; _complete_evenkeel;"
                + " echo \"${COMPREPLY[@]}\"";
        assertThat(Ran.run(List.of("bash", "-c", ask), System.getenv(), temp)
                        .exits(0)
                        .out())
                .isEqualTo("status\n");
        assertThat(ran.out()).doesNotContain("train");
    }

    @Test
    void theManualPageNamesEveryCommandOptionAndExitStatus() {
        String page = Evenkeel.run("help", "--man").exits(0).out();
        assertThat(page).startsWith(".TH EVENKEEL 8");
        assertSaysAll(page.replace("\\-", "-"), ".SS ", ".B ");
    }

    @Test
    void theDocumentationNamesEveryCommandOptionAndExitStatus() throws Exception {
        assertSaysAll(Files.readString(Path.of("docs/cli.md")), "### `evenkeel ", "| ");
    }

    private static void assertSaysAll(String page, String beforeCommand, String beforeStatus) {
        for (CommandLine command : commandLine().getSubcommands().values()) {
            if (command.getCommandSpec().usageMessage().hidden()) continue;
            assertThat(page).contains(beforeCommand + command.getCommandName());
            for (OptionSpec option : command.getCommandSpec().options()) {
                if (!option.hidden()) assertThat(page).contains(option.longestName());
                else assertThat(page).doesNotContain(option.longestName());
            }
        }
        for (ExitStatus status : ExitStatus.values()) {
            assertThat(page).contains(beforeStatus + status.code()).contains(status.sentence());
        }
    }

    private static String[] with(String[] command, String... more) {
        String[] all = new String[command.length + more.length];
        System.arraycopy(command, 0, all, 0, command.length);
        System.arraycopy(more, 0, all, command.length, more.length);
        return all;
    }
}
