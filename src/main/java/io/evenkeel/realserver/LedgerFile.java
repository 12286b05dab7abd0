package io.evenkeel.realserver;

import io.evenkeel.model.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the ledger of one network namespace lies, locked, so that there is one preparation in it; the kernel takes the
 * lock back however the process ends. The directory is private to its user, since what stands there is written into the
 * kernel's settings. A ledger of an earlier boot counts as none. Opened and closed by main.
 */
final class LedgerFile implements AutoCloseable {
    /** Where it lies unless told otherwise; a directory that does not outlive the machine's uptime. */
    static final Path USUAL = Path.of("/run/evenkeel-realserver");

    /** More is no ledger of ours: {@link Assignment#MOST_VIPS} addresses and as many settings fit in easily. */
    private static final long LONGEST = 1 << 20;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final String REMEDY = "choose another directory with --state-dir";

    /** What became of {@link #open}. */
    sealed interface Opening {
        record Open(LedgerFile file) implements Opening {}

        record Denied(Refused refused) implements Opening {}
    }

    private final Path path;
    private final String boot;
    private final FileChannel lockFile;

    private LedgerFile(Path path, String boot, FileChannel lockFile) {
        this.path = path;
        this.boot = boot;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory if it is not there, and takes the lock.
     *
     * @param namespace the number of the network namespace
     * @param boot what tells this boot of the machine from every other; no line end in it
     */
    static Opening open(Path directory, long namespace, String boot) {
        try {
            Refused unsafe = makePrivate(directory);
            if (unsafe != null) return new Opening.Denied(unsafe);
            String name = "net-" + Long.toUnsignedString(namespace);
            FileChannel lockFile = FileChannel.open(
                    directory.resolve(name + ".lock"),
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return lock(new LedgerFile(directory.resolve(name), boot, lockFile));
        } catch (IOException failed) {
            return denied("cannot keep notes of what is changed in " + directory + ": " + reason(failed));
        }
    }

    private static @Nullable Refused makePrivate(Path directory) throws IOException {
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
            return null;
        } catch (FileAlreadyExistsException there) {
            boolean plain = Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
            if (!plain) return new Refused(directory + " is not a directory", REMEDY);
            Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            if (!owner.equals(self)) return new Refused(directory + " belongs to user " + owner, REMEDY);
            boolean open = !PRIVATE.containsAll(Files.getPosixFilePermissions(directory));
            return open ? new Refused(directory + " is open to others", "chmod 700 " + directory) : null;
        }
    }

    private static Opening lock(LedgerFile file) throws IOException {
        FileChannel channel = file.lockFile;
        if (!locked(channel)) {
            ByteBuffer digits = ByteBuffer.allocate(10);
            channel.read(digits, 0);
            channel.close();
            String holder = new String(digits.array(), 0, digits.position(), StandardCharsets.US_ASCII).strip();
            return new Opening.Denied(new Refused(
                    "another one (pid " + holder + ") prepares this machine already",
                    "stop it, and name all VIPs to one: --vip ADDR,ADDR"));
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        return new Opening.Open(file);
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException held) {
            return false; // by this very process
        }
    }

    /** What an earlier process left behind; the empty ledger if nothing. Empty if the file cannot be believed. */
    Optional<Ledger> load() {
        try {
            if (Files.size(path) > LONGEST) return Optional.empty();
            String text = Files.readString(path);
            int end = text.indexOf('\n');
            if (end < 0) return Optional.empty();
            if (!text.substring(0, end).equals(boot)) return Optional.of(Ledger.EMPTY);
            return Ledger.parse(text.substring(end + 1));
        } catch (NoSuchFileException none) {
            return Optional.of(Ledger.EMPTY);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Writes it down, whole or not at all. Empty if it is done. */
    Optional<Refused> store(Ledger ledger) {
        try {
            if (ledger.changes().isEmpty()) {
                Files.deleteIfExists(path);
                return Optional.empty();
            }
            Path fresh = path.resolveSibling(path.getFileName() + ".new");
            Files.writeString(fresh, boot + "\n" + ledger.text());
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            return Optional.empty();
        } catch (IOException failed) {
            String what = "cannot note in " + path + " what is changed: " + reason(failed);
            return Optional.of(new Refused(what, REMEDY));
        }
    }

    Path path() {
        return path;
    }

    /** Lets the next one in. The lock's file stays: another process may be about to lock it. */
    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException failed) {
            throw new AssertionError("closing a lock file does not fail", failed);
        }
    }

    private static Opening denied(String what) {
        return new Opening.Denied(new Refused(what, REMEDY));
    }

    private static String reason(IOException failed) {
        return switch (failed) {
            case NoSuchFileException _ -> "its parent does not exist";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException known when known.getReason() != null -> known.getReason();
            default -> String.valueOf(failed.getMessage());
        };
    }
}
