package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.evenkeel.lab.Node;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs a piece of a test in the network namespace of a node, on a thread that moves there and never comes back. */
public final class NamespaceThread {
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final int O_RDONLY_CLOEXEC = 0x80000;

    private static final MethodHandle SETNS =
            Libc.errnoHandle("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle OPEN = Libc.errnoHandle(
            "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));

    private NamespaceThread() {}

    /** Runs {@code work} there; what it throws is thrown here. */
    public static <T> T call(Node node, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter(Path.of("/run/netns", node.namespace()));
            return work.call();
        });
        Thread thread = new Thread(task, "ek-test-" + node.namespace());
        thread.start();
        thread.join();
        try {
            return task.get();
        } catch (ExecutionException thrown) {
            if (thrown.getCause() instanceof Exception cause) throw cause;
            if (thrown.getCause() instanceof Error cause) throw cause;
            throw thrown;
        }
    }

    private static void enter(Path namespace) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Libc.result((int)
                    OPEN.invokeExact(Libc.errnoSegment(), arena.allocateFrom(namespace.toString()), O_RDONLY_CLOEXEC));
            Libc.require(fd, "open", namespace.toString());
            int result = Libc.result((int) SETNS.invokeExact(Libc.errnoSegment(), fd, CLONE_NEWNET));
            Libc.close(fd);
            Libc.require(result, "setns", namespace.toString());
        } catch (RuntimeException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
