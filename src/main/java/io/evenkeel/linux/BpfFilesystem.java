package io.evenkeel.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where a bpf filesystem is mounted, in which maps, programs and links are pinned. Any thread. */
public final class BpfFilesystem {
    /** Where systemd mounts it, and everybody looks. */
    public static final Path USUAL = Path.of("/sys/fs/bpf");

    private static final Path MOUNTS = Path.of("/proc/thread-self/mountinfo");
    private static final int MOUNT_POINT = 4;

    private BpfFilesystem() {}

    /** The usual place if there is one, else the first other; empty if none is mounted in this mount namespace. */
    public static Optional<Path> find() {
        try {
            return find(Files.readAllLines(MOUNTS));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what is mounted", e);
        }
    }

    /** Among lines of mountinfo, see proc(5). */
    static Optional<Path> find(List<String> mounts) {
        List<Path> found = mounts.stream()
                .filter(line -> line.contains(" - bpf "))
                .map(line -> Path.of(plain(line.split(" ")[MOUNT_POINT])))
                .toList();
        if (found.contains(USUAL)) return Optional.of(USUAL);
        return found.stream().findFirst();
    }

    /** Blanks and the like stand as three octal digits. */
    private static String plain(String escaped) {
        return escaped.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
