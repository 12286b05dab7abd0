package io.evenkeel.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code evenkeel demo} as a newcomer runs it: a process of its own, without any privilege. */
class DemoProcessTest {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private Path directory = Path.of("");

    @BeforeEach
    void makeRoom() throws IOException {
        directory = Files.createTempDirectory("ek-demo-test-");
        Files.createDirectory(directory.resolve("tmp"));
        Command.run("chmod", "0755", directory.toString());
        Command.run("chmod", "1777", directory.resolve("tmp").toString());
    }

    @AfterEach
    void tidy() {
        Command.run("rm", "-rf", directory.toString());
    }

    @Test
    void everythingItClaimsHoldsForAUserWithoutAnyPrivilege() throws Exception {
        ProgramCopy copy = ProgramCopy.into(directory);
        List<String> command = new ArrayList<>();
        if (Command.asRoot()) {
            Capability.require(Capability.SETPRIV);
            command.addAll(List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    "--bounding-set=-all",
                    "--inh-caps=-all",
                    "--no-new-privs"));
        }
        command.addAll(copy.command("demo", "--json"));
        Ended ended = run(command);
        assertThat(ended.exit)
                .as("exit status; it said %s%s", ended.errors, ended.output)
                .isZero();
        JsonNode document = JsonMapper.builder().build().readTree(ended.output);
        assertThat(document.path("held").asBoolean()).isTrue();

        JsonNode split = event(document, "SplitMeasured");
        assertThat(split.path("requests").asInt()).isEqualTo(90_000);
        assertThat(split.path("replies").asInt()).isEqualTo(90_000);
        assertThat(split.path("split"))
                .hasSize(3)
                .allSatisfy(n -> assertThat(n.asInt()).isEqualTo(30_000));
        assertThat(event(document, "ConfigurationWritten").path("text").asString())
                .contains("lb_algo rr");
        assertThat(event(document, "Noticed").path("evidence").asString()).isNotBlank();
        assertThat(event(document, "Finished").path("millis").asLong())
                .as("under 30 s")
                .isLessThan(30_000);
        assertNothingIsLeft();
    }

    @Test
    void oneWrongTurnOfNinetyThousandFailsIt() throws Exception {
        ProgramCopy copy = ProgramCopy.into(directory);
        copy.mutate(
                "io.evenkeel.schedule.Rotation",
                "int candidate = sequence[slot];",
                "int candidate = sequence[turn == 45_000 ? (slot + 1) % sequence.length : slot];");
        Ended ended = run(copy.command("demo"));
        assertThat(ended.exit).as(ended.output).isEqualTo(1);
        assertThat(ended.output)
                .contains("FAILED  each realserver received exactly 30000")
                .contains("held    every request was answered once")
                .contains("NOT all of it held");
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "KILL"})
    void endedInTheMiddleItLeavesNoProcessBehind(String signal) throws Exception {
        ProgramCopy copy = ProgramCopy.into(directory);
        Process demo = builder(copy.command("demo")).start();
        try (BufferedReader lines = demo.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.contains("answered")) line = lines.readLine();
            List<ProcessHandle> children = demo.descendants().toList();
            assertThat(children)
                    .as("three realservers and a director, less the one killed")
                    .hasSizeGreaterThan(2);
            new ProcessBuilder("kill", "-" + signal, Long.toString(demo.pid()))
                    .start()
                    .waitFor();
            while (line != null) line = lines.readLine();
            assertThat(demo.waitFor(20, TimeUnit.SECONDS)).isTrue();
            for (ProcessHandle child : children) {
                assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(20));
            }
        } finally {
            demo.destroyForcibly();
        }
        if (!signal.equals("KILL")) assertThat(temporaryFiles()).isEmpty();
    }

    private record Ended(int exit, String output, String errors) {}

    private Ended run(List<String> command) throws IOException, InterruptedException {
        File errors = directory.resolve("errors").toFile();
        Process process = builder(command).redirectError(errors).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), output, Files.readString(errors.toPath()));
        } finally {
            process.destroyForcibly();
        }
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + directory.resolve("tmp"));
        return builder;
    }

    private static JsonNode event(JsonNode document, String name) {
        for (JsonNode event : document.path("events")) {
            if (event.path("event").asString().equals(name)) return event;
        }
        throw new AssertionError("no event " + name + " in " + document);
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(temporaryFiles()).as("files").isEmpty();
        List<String> processes = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(directory.toString()))
                .map(ProcessHandle::toString)
                .toList();
        assertThat(processes).as("processes").isEmpty();
    }

    private List<String> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("tmp"))) {
            return files.map(Path::toString)
                    .filter(name -> name.contains("evenkeel-demo-"))
                    .toList();
        }
    }
}
