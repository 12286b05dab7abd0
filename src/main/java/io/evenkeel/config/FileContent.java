package io.evenkeel.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a path gave: text, or why not. Reads the file system; the thread that loads. */
sealed interface FileContent {

    /** @param text as {@link SourceFile#decode} makes it of bytes */
    record Content(String text) implements FileContent {}

    /**
     * @param why continues "cannot read FILE: "
     * @param remedy what the operator can do, empty for none
     */
    record Unreadable(String why, String remedy) implements FileContent {}

    /** The root file: any kind that can be read to an end, so that {@code /dev/stdin} works. */
    static FileContent ofRoot(Path path) {
        if (Files.isDirectory(path)) return new Unreadable("it is a directory", "name a file within it");
        return read(path);
    }

    /** An included file must be regular and not executable, as with keepalived. */
    static FileContent ofIncluded(Path path) {
        if (Files.isDirectory(path))
            return new Unreadable("it is a directory", "write a pattern such as DIRECTORY/*.conf");
        if (Files.exists(path) && !Files.isRegularFile(path)) return new Unreadable("it is not a regular file", "");
        if (Files.isRegularFile(path) && executable(path)) {
            return new Unreadable("it is executable, so it is taken for a script", "chmod a-x it");
        }
        return read(path);
    }

    /** By mode bits: root may "execute" nothing that has none, but access(2) would ask about us. */
    private static boolean executable(Path path) {
        try {
            return Files.getPosixFilePermissions(path).stream()
                    .anyMatch(p -> p.name().endsWith("_EXECUTE"));
        } catch (IOException | UnsupportedOperationException e) {
            return false; // reading it will say what is wrong
        }
    }

    private static FileContent read(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(SourceFile.MAX_BYTES + 1);
            if (bytes.length <= SourceFile.MAX_BYTES) return new Content(SourceFile.decode(bytes));
            String why = "it is larger than " + (SourceFile.MAX_BYTES >> 20) + " MiB";
            return new Unreadable(why, "is this the right file?");
        } catch (NoSuchFileException e) {
            return new Unreadable("no such file", "");
        } catch (AccessDeniedException e) {
            return new Unreadable("permission denied", "");
        } catch (IOException e) {
            String message = e.getMessage();
            return new Unreadable(message == null ? e.getClass().getSimpleName() : message, "");
        }
    }
}
