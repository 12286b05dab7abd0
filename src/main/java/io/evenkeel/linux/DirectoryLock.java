package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * flock(2) of a directory, for filesystems in which there are no files to lock. The kernel takes it back when the process
 * ends, however it ends; a child process does not inherit it. Any thread.
 */
public final class DirectoryLock implements AutoCloseable {
    private static final int O_DIRECTORY_CLOEXEC = directoryFlag(System.getProperty("os.arch")) | 0x80000;
    private static final int EXCLUSIVE_AT_ONCE = 2 | 4; // LOCK_EX | LOCK_NB

    private static final class Handles {
        static final MethodHandle OPEN = Libc.errnoHandle(
                "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
        static final MethodHandle FLOCK =
                Libc.errnoHandle("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private int fd;

    private DirectoryLock(int fd) {
        this.fd = fd;
    }

    private static int directoryFlag(String architecture) {
        return architecture.equals("aarch64") ? 0x4000 : 0x10000;
    }

    /**
     * Locks the directory, unless somebody else has.
     *
     * @throws SyscallException if it cannot be opened
     */
    public static Optional<DirectoryLock> of(Path directory) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Libc.result((int) Handles.OPEN.invokeExact(
                    Libc.errnoSegment(), arena.allocateFrom(directory.toString()), O_DIRECTORY_CLOEXEC));
            Libc.require(fd, "open", directory.toString());
            int result = Libc.result((int) Handles.FLOCK.invokeExact(Libc.errnoSegment(), fd, EXCLUSIVE_AT_ONCE));
            if (result >= 0) return Optional.of(new DirectoryLock(fd));
            Libc.close(fd);
            if (result == -Errno.EAGAIN) return Optional.empty();
            throw new SyscallException("flock", -result, directory.toString());
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    @Override
    public void close() {
        if (fd < 0) return;
        Libc.close(fd);
        fd = -1;
    }
}
