package io.evenkeel.cli;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The program as a process: from the module path with the launcher's flags, but from what Maven has just compiled. */
public final class Evenkeel {
    private Evenkeel() {}

    /** The jars of the module path; what tests need besides stays on the class path of the tests. */
    private static final List<String> LIBRARIES =
            List.of("picocli-", "jackson-", "slf4j-api-", "logback-", "jspecify-");

    /** Runs a command to its end, in the current directory and with this process's environment. */
    public static Ran run(String... arguments) {
        return Ran.run(command(arguments), System.getenv(), Path.of("."));
    }

    /** Runs a command within this process: quicker, and the same but for the launcher, the JVM and the streams. */
    public static Ran here(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                System.getenv());
        int exit = Main.execute(terminal, arguments);
        terminal.out().flush();
        terminal.err().flush();
        return new Ran(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Starts a command and leaves it running; the caller ends it. */
    public static Process start(Map<String, String> more, String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(command(arguments));
        builder.environment().putAll(more);
        try {
            return builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The command line of a command. */
    public static List<String> command(String... arguments) {
        String flavour = arguments.length > 0 && List.of("run", "demo").contains(arguments[0]) ? "director" : "command";
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@src/main/launcher/jvm.args",
                "@src/main/launcher/" + flavour + ".args",
                "-Xshare:auto",
                "-p",
                modulePath(),
                "-m",
                "io.evenkeel/io.evenkeel.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String modulePath() {
        String libraries = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry ->
                        LIBRARIES.stream().anyMatch(Path.of(entry).getFileName().toString()::startsWith))
                .collect(Collectors.joining(File.pathSeparator));
        return "target/classes" + File.pathSeparator + libraries;
    }
}
