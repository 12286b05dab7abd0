package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Does something inside a network namespace (setns(2)): on a platform thread of its own that enters it and ends, so that
 * no thread of the program is ever left in the wrong one. Sockets opened there stay there, whoever uses them later. Any
 * thread; needs CAP_SYS_ADMIN.
 */
public final class NetworkNamespace {
    private NetworkNamespace() {}

    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    private static final class Handles {
        static final MethodHandle OPEN = Libc.errnoHandle(
                "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
        static final MethodHandle SETNS =
                Libc.errnoHandle("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    }

    /**
     * Waits for what {@code inside} gives.
     *
     * @param namespace e.g. {@code /run/netns/blue} or {@code /proc/1/ns/net}
     * @throws SyscallException if the namespace cannot be entered; then {@code inside} did not run
     */
    public static <T> T call(Path namespace, Supplier<T> inside) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().name("ek-namespace").daemon().start(() -> {
            try {
                enter(namespace);
                result.complete(inside.get());
            } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
            }
        });
        try {
            return result.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException thrown) throw thrown;
            if (failed.getCause() instanceof Error error) throw error;
            throw failed;
        }
    }

    /**
     * The number of the calling thread's network namespace: never given again while the machine runs, unlike its inode.
     *
     * @throws SyscallException ENOPROTOOPT before Linux 5.14
     */
    public static long identity() {
        int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC;
        int fd = Libc.require(Sockets.socket(SocketAddress.AF_INET, type, 0), "socket", "AF_INET");
        try {
            return Sockets.longOption(fd, Sockets.SOL_SOCKET, Sockets.SO_NETNS_COOKIE, "SO_NETNS_COOKIE");
        } finally {
            Libc.close(fd);
        }
    }

    /** A descriptor of the namespace, or {@code -errno}. */
    static int open(Path namespace) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(namespace.toString());
            return Libc.result((int) Handles.OPEN.invokeExact(Libc.errnoSegment(), path, O_RDONLY_CLOEXEC));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Moves the calling thread, for good. */
    private static void enter(Path namespace) {
        try {
            int fd = Libc.require(open(namespace), "open", namespace.toString());
            int answer = Libc.result((int) Handles.SETNS.invokeExact(Libc.errnoSegment(), fd, CLONE_NEWNET));
            Libc.close(fd);
            Libc.require(answer, "setns", namespace.toString());
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
