package io.evenkeel.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** membarrier(2). Any platform thread. */
public final class MemoryBarrier {
    private static final long SYS_MEMBARRIER_X86_64 = 324;
    private static final long SYS_MEMBARRIER_AARCH64 = 283;
    private static final long GLOBAL = 1;

    private static final class Handles {
        static final MethodHandle SYSCALL = Libc.errnoHandle(
                "syscall",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
    }

    private MemoryBarrier() {}

    /**
     * Returns when every CPU has left what it was in the middle of in the kernel, BPF programs among it (the command is
     * one synchronize_rcu): mostly tens of milliseconds.
     *
     * @throws SyscallException where the kernel has no such call, or CPUs that never tick
     */
    public static void everywhere() {
        long number = System.getProperty("os.arch").equals("aarch64") ? SYS_MEMBARRIER_AARCH64 : SYS_MEMBARRIER_X86_64;
        try {
            long result = (long) Handles.SYSCALL.invokeExact(Libc.errnoSegment(), number, GLOBAL, 0L, 0L);
            Libc.require(Libc.result((int) result), "membarrier", "");
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
