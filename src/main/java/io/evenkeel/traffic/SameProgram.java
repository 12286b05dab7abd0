package io.evenkeel.traffic;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start another process of this very program: the same Java, the same code. On the module path where we were started
 * so (the launcher does), else on the class path (as unit tests are).
 *
 * @param java the {@code java} executable
 * @param modular true if {@code path} is a module path
 * @param path directories and jars, separated as the platform does
 */
public record SameProgram(Path java, boolean modular, String path) {
    private static final String MODULE = "io.evenkeel";

    /** The running program. */
    public static SameProgram current() {
        String modules = System.getProperty("jdk.module.path", "");
        String classes = System.getProperty("java.class.path", "");
        boolean modular = SameProgram.class.getModule().isNamed();
        return new SameProgram(runningJava(), modular, absolute(modular ? modules : classes));
    }

    /** This Java with modules from elsewhere. */
    public static SameProgram ofModules(String modulePath) {
        return new SameProgram(runningJava(), true, absolute(modulePath));
    }

    /**
     * The command line that runs a main class of ours. Small heap, serial collector: these processes share a machine with
     * what they measure. Complaints of the virtual machine go to stderr, never into a child's answers.
     */
    public List<String> command(String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xss512k",
                "-Xmx256m",
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "--enable-native-access=" + (modular ? MODULE : "ALL-UNNAMED")));
        if (modular) command.addAll(List.of("-p", path, "-m", MODULE + "/" + mainClass));
        else command.addAll(List.of("-cp", path, mainClass));
        command.addAll(arguments);
        return command;
    }

    private static Path runningJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    private static String absolute(String path) {
        List<String> entries = new ArrayList<>();
        for (String entry : path.split(File.pathSeparator)) {
            if (!entry.isEmpty()) entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }
}
