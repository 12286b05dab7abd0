package io.evenkeel.daemon;

import io.evenkeel.model.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory where a director is found: {@code control.sock} and {@code lock}. Private to its user (mode 0700, owner
 * checked, no symbolic link), and locked, so that there is one director in it; the kernel takes the lock back when the
 * process ends, however it ends. Opened and closed by main.
 */
public final class RuntimeDirectory implements AutoCloseable {

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final String SOCKET = "control.sock";
    private static final String LOCK = "lock";
    private static final int MAX_PID_DIGITS = 10;

    /** What became of {@link #open}. */
    public sealed interface Opening {
        record Open(RuntimeDirectory directory) implements Opening {}

        record Denied(Refused refused) implements Opening {}
    }

    private final Path path;
    private final FileChannel lockFile;

    private RuntimeDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Where a director of this user is: {@code asked}, else {@code /run/evenkeel} for root, else
     * {@code $XDG_RUNTIME_DIR/evenkeel}, else {@code /tmp/evenkeel-UID}.
     */
    public static Path locate(Optional<Path> asked, Map<String, String> environment) {
        return locate(asked, environment, effectiveUser());
    }

    static Path locate(Optional<Path> asked, Map<String, String> environment, int user) {
        if (asked.isPresent()) return asked.get().toAbsolutePath().normalize();
        if (user == 0) return Path.of("/run/evenkeel");
        String session = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        // The XDG specification: a relative path is to be ignored.
        if (session.startsWith("/") && Files.isDirectory(Path.of(session))) return Path.of(session, "evenkeel");
        return Path.of("/tmp/evenkeel-" + user);
    }

    /** The control socket of a director in {@code directory}. */
    public static Path socketIn(Path directory) {
        return directory.resolve(SOCKET);
    }

    /** Makes the directory if it is not there, checks that it is private, and locks it. */
    public static Opening open(Path path) {
        try {
            try {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException there) {
                Refused unsafe = unsafe(path);
                if (unsafe != null) return new Opening.Denied(unsafe);
            }
            return lock(path);
        } catch (IOException failed) {
            return denied(
                    "cannot use the runtime directory " + path + ": " + reason(failed),
                    "choose one with --runtime-dir");
        }
    }

    /** Why the existing {@code path} is not a private directory of ours; null if it is. */
    private static @Nullable Refused unsafe(Path path) throws IOException {
        Map<String, Object> found = Files.readAttributes(
                path, "unix:isSymbolicLink,isDirectory,uid,permissions", LinkOption.NOFOLLOW_LINKS);
        String subject = "the runtime directory " + path + " ";
        String remedy = "remove it, or choose another with --runtime-dir";
        if (Boolean.TRUE.equals(found.get("isSymbolicLink")))
            return new Refused(subject + "is a symbolic link", remedy);
        if (!Boolean.TRUE.equals(found.get("isDirectory"))) return new Refused(subject + "is not a directory", remedy);
        if (!Integer.valueOf(effectiveUser()).equals(found.get("uid"))) {
            return new Refused(subject + "belongs to user " + found.get("uid"), remedy);
        }
        if (!PRIVATE.equals(found.get("permissions"))) {
            return new Refused(subject + "is open to others", "chmod 700 " + path);
        }
        return null;
    }

    private static Opening lock(Path path) throws IOException {
        FileChannel file = FileChannel.open(
                path.resolve(LOCK),
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            FileLock lock = tryLock(file);
            if (lock == null) {
                String holder = holder(file);
                file.close();
                return denied(
                        "another director (pid " + holder + ") runs in " + path,
                        "stop it, or choose another directory with --runtime-dir");
            }
            file.truncate(0);
            file.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            return new Opening.Open(new RuntimeDirectory(path, file));
        } catch (IOException failed) {
            file.close();
            throw failed;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException held) {
            return null; // by this very process
        }
    }

    private static String holder(FileChannel file) throws IOException {
        ByteBuffer digits = ByteBuffer.allocate(MAX_PID_DIGITS);
        file.read(digits, 0);
        String text = new String(digits.array(), 0, digits.position(), StandardCharsets.US_ASCII).strip();
        return text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9') ? "unknown" : text;
    }

    public Path path() {
        return path;
    }

    public Path socket() {
        return socketIn(path);
    }

    /** Lets the next director in. The directory stays: another process may be about to lock it. */
    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException failed) {
            throw new AssertionError("closing a lock file does not fail", failed);
        }
    }

    private static Opening denied(String what, String remedy) {
        return new Opening.Denied(new Refused(what, remedy));
    }

    /** The kernel's word alone: an exception's message repeats the path, or is nothing but the path. */
    private static String reason(IOException failed) {
        if (failed instanceof NoSuchFileException) return "its parent does not exist";
        if (failed instanceof java.nio.file.AccessDeniedException) return "permission denied";
        if (failed instanceof FileSystemException known && known.getReason() != null) return known.getReason();
        return String.valueOf(failed.getMessage());
    }

    /** The effective user id; from the kernel's own table, since the JDK has no call for it. */
    static int effectiveUser() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("Uid:")) return Integer.parseUnsignedInt(line.split("\\s+")[2]);
            }
        } catch (IOException failed) {
            throw new IllegalStateException("/proc/self/status cannot be read", failed);
        }
        throw new IllegalStateException("/proc/self/status names no user");
    }
}
