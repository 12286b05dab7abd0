package io.evenkeel.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A copy of the program that any user may run, and that a test may break. */
final class ProgramCopy {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path LIBRARIES = Path.of("target", "lib");

    private final Path classes;
    private final Path libraries;

    private ProgramCopy(Path classes, Path libraries) {
        this.classes = classes;
        this.libraries = libraries;
    }

    /** Copies what was built into {@code directory}, readable for all. */
    static ProgramCopy into(Path directory) throws IOException {
        ProgramCopy copy = new ProgramCopy(directory.resolve("classes"), directory.resolve("lib"));
        copyTree(CLASSES, copy.classes);
        copyTree(LIBRARIES, copy.libraries);
        new ProcessBuilder("chmod", "-R", "a+rX", directory.toString())
                .inheritIO()
                .start()
                .onExit()
                .join();
        return copy;
    }

    /** Replaces {@code found} in the source of a class by {@code put}, which must occur once, and compiles that. */
    void mutate(String className, String found, String put) throws IOException {
        Path source = Path.of("src/main/java", className.replace('.', '/') + ".java");
        String text = Files.readString(source);
        int at = text.indexOf(found);
        if (at < 0 || text.indexOf(found, at + 1) >= 0) {
            throw new IllegalStateException("`" + found + "` does not occur once in " + source);
        }
        Path mutant = classes.resolveSibling(source.getFileName());
        Files.writeString(mutant, text.replace(found, put));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-d", classes.toString(), "-p", libraries.toString());
            boolean compiled = compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(mutant))
                    .call();
            if (!compiled) throw new IllegalStateException("the mutant of " + className + " does not compile");
        }
    }

    /** The command line that runs {@code evenkeel} with these arguments. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=io.evenkeel",
                "-p",
                classes + File.pathSeparator + libraries,
                "-m",
                "io.evenkeel/io.evenkeel.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) Files.createDirectories(target);
                else Files.copy(path, target);
            }
        }
    }
}
