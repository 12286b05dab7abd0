package io.evenkeel.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs a short command to its end. For what lasts, see {@link Node#start}. */
public final class Command {
    private static final long PATIENCE_SECONDS = 30;

    private Command() {}

    /** What a command said. */
    public record Outcome(int exit, String output, String errors) {}

    /** Runs it and returns its output; throws with what it said if it fails. */
    public static String run(String... words) {
        return run(List.of(words));
    }

    public static String run(List<String> words) {
        Outcome outcome = attempt(words);
        if (outcome.exit == 0) return outcome.output;
        throw new IllegalStateException(
                "`" + String.join(" ", words) + "` exited " + outcome.exit + ": " + outcome.errors.strip());
    }

    /** Runs it whatever comes of it. */
    public static Outcome attempt(List<String> words) {
        return attempt(words, "");
    }

    /** Runs it with {@code input} on its standard input. */
    public static Outcome attempt(List<String> words, String input) {
        try {
            Path output = Files.createTempFile("ek-out", "");
            Path errors = Files.createTempFile("ek-err", "");
            try {
                return attempt(words, input, output, errors);
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Outcome attempt(List<String> words, String input, Path output, Path errors)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try (var stdin = process.outputWriter()) {
            stdin.write(input);
        } catch (IOException closed) {
            // the command did not want its input
        }
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("`" + String.join(" ", words) + "` did not end");
        }
        return new Outcome(process.exitValue(), read(output), read(errors));
    }

    /** Whether we run as root. */
    public static boolean asRoot() {
        return run("id", "-u").strip().equals("0");
    }

    /** The full path of a program, looked for on PATH and in the directories of system programs. */
    public static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
        for (String directory : path.split(":")) {
            Path candidate = Path.of(directory.isEmpty() ? "." : directory, program);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) return Optional.of(candidate);
        }
        return Optional.empty();
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
