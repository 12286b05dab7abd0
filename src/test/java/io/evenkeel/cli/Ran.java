package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A process that has ended: how, and what it wrote. */
public record Ran(int exit, String out, String err) {

    private static final int PATIENCE_SECONDS = 60;

    /** Starts a process that sees only {@code environment}, and waits for its end. */
    public static Ran run(List<String> command, Map<String, String> environment, Path directory) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return await(process);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Waits for the end of {@code process}, reading what it writes. */
    public static Ran await(Process process) {
        CompletableFuture<String> out = reading(process.getInputStream());
        CompletableFuture<String> err = reading(process.getErrorStream());
        try {
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended) process.destroyForcibly();
            assertThat(ended).as("ended within %d s", PATIENCE_SECONDS).isTrue();
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            throw new AssertionError(stopped);
        }
        return new Ran(process.exitValue(), out.join(), err.join());
    }

    private static CompletableFuture<String> reading(InputStream stream) {
        return CompletableFuture.supplyAsync(() -> {
            try (stream) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }

    public Ran exits(int code) {
        assertThat(exit)
                .as("exit code of a process that said <%s> <%s>", out, err)
                .isEqualTo(code);
        return this;
    }
}
