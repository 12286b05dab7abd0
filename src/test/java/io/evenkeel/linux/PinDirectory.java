package io.evenkeel.linux;

import io.evenkeel.lab.Command;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bpf filesystem of a test's own, so that no pin of a test ever stands among the machine's: unmounting it ends what was
 * pinned in it. Named after this process; those of dead processes are unmounted when the next is made.
 */
public final class PinDirectory implements AutoCloseable {
    private static final Path PARENT = Path.of(System.getProperty("java.io.tmpdir"));
    private static final Pattern NAME = Pattern.compile("ek-pins-(\\d+)-.*");

    private final Path path;
    private final Thread atExit = new Thread(this::unmount, "ek-pins-cleanup");

    public PinDirectory() throws IOException {
        removeLeftovers();
        path = Files.createTempDirectory(
                PARENT, "ek-pins-" + ProcessHandle.current().pid() + "-");
        Command.run("mount", "-t", "bpf", "ek-pins", path.toString());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        unmount();
    }

    private void unmount() {
        unmount(path);
    }

    private static void unmount(Path directory) {
        Command.attempt(List.of("umount", directory.toString()));
        Command.attempt(List.of("rmdir", directory.toString()));
    }

    private static void removeLeftovers() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PARENT, "ek-pins-*")) {
            for (Path entry : entries) {
                Matcher matcher = NAME.matcher(entry.getFileName().toString());
                if (matcher.matches()
                        && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) unmount(entry);
            }
        }
    }
}
