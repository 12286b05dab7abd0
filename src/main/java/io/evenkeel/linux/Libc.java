package io.evenkeel.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * How the C library is called: handles that capture errno, one capture segment per thread, and the few calls that need
 * no class of their own. Any thread.
 *
 * <p>Every wrapper in this room answers what the call answered, or {@code -errno}. EINTR and EAGAIN are results like
 * others; only {@link #require} turns a result into a {@link SyscallException}. Handles live in holder classes, so that
 * a family of calls is linked when its first user comes.
 */
public final class Libc {
    private Libc() {}

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(StructLayout.PathElement.groupElement("errno"));
    private static final long SCRATCH_BYTES = 256;

    /** RLIMIT_NOFILE of getrlimit(2). */
    private static final int RLIMIT_NOFILE = 7;

    /** The memory a thread needs for calls: where errno is captured, and a little room for arguments. */
    private record CallMemory(MemorySegment errno, MemorySegment scratch, MemorySegment length) {}

    // Automatic arenas: freed with their thread, and free of charge to pass to a call.
    private static final ThreadLocal<CallMemory> MEMORY = ThreadLocal.withInitial(() -> {
        Arena arena = Arena.ofAuto();
        return new CallMemory(arena.allocate(CAPTURE), arena.allocate(SCRATCH_BYTES, 16), arena.allocate(8, 8));
    });

    private static final class Handles {
        static final MethodHandle CLOSE =
                errnoHandle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle GETRLIMIT = errnoHandle(
                "getrlimit", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    }

    /**
     * A handle for {@code symbol} whose first argument is {@link #errnoSegment()}.
     *
     * @throws UnsatisfiedLinkError if the C library has no such function
     */
    @SuppressWarnings("restricted") // the one place where libc functions become handles
    static MethodHandle errnoHandle(String symbol, FunctionDescriptor descriptor, Linker.Option... more) {
        MemorySegment address =
                SYMBOLS.find(symbol).orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + symbol));
        Linker.Option[] options = new Linker.Option[more.length + 1];
        options[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(more, 0, options, 1, more.length);
        return LINKER.downcallHandle(address, descriptor, options);
    }

    /**
     * A handle that answers −1 without telling why: for the packet loop. A call that captures errno allocates a view of
     * the capture segment (40 bytes) until C2 has compiled it; one with primitive arguments only never allocates. Where
     * the reason matters the failed call is made once more through {@link #errnoHandle}.
     */
    @SuppressWarnings("restricted") // see errnoHandle
    static MethodHandle plainHandle(String symbol, FunctionDescriptor descriptor) {
        MemorySegment address =
                SYMBOLS.find(symbol).orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + symbol));
        return LINKER.downcallHandle(address, descriptor);
    }

    /** This thread's capture segment. */
    static MemorySegment errnoSegment() {
        return MEMORY.get().errno();
    }

    /** 256 bytes of this thread, valid until the next call in this room. */
    static MemorySegment scratch() {
        return MEMORY.get().scratch();
    }

    /** Room of this thread for a length that goes in and out beside what lies in {@link #scratch()}. */
    static MemorySegment lengthScratch() {
        return MEMORY.get().length();
    }

    /** {@code answer}, or {@code -errno} of the call just made on this thread if it is negative. */
    static int result(int answer) {
        return answer >= 0 ? answer : -(int) ERRNO.get(errnoSegment(), 0L);
    }

    /** As {@link #result(int)} for calls that answer ssize_t. */
    static long result(long answer) {
        return answer >= 0 ? answer : -(int) ERRNO.get(errnoSegment(), 0L);
    }

    /** A handle threw: nothing a system call does can cause it, so it is a bug. */
    static AssertionError unexpected(Throwable thrown) {
        if (thrown instanceof Error error) throw error;
        return new AssertionError("a native call threw", thrown);
    }

    /**
     * {@code result} if it is not negative.
     *
     * @param subject what the call was about, e.g. {@code 192.0.2.1:53}
     * @throws SyscallException naming call, errno and subject
     */
    public static int require(int result, String call, String subject) {
        if (result < 0) throw new SyscallException(call, -result, subject);
        return result;
    }

    /** close(2). A descriptor is gone whatever the answer, so it must not be closed again. */
    public static int close(int fd) {
        try {
            return result((int) Handles.CLOSE.invokeExact(errnoSegment(), fd));
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /** The soft limit of open files of this process, at most {@link Integer#MAX_VALUE}. */
    public static int openFileLimit() {
        MemorySegment limits = scratch();
        try {
            int answer = result((int) Handles.GETRLIMIT.invokeExact(errnoSegment(), RLIMIT_NOFILE, limits));
            require(answer, "getrlimit", "RLIMIT_NOFILE");
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
        long soft = limits.get(ValueLayout.JAVA_LONG, 0);
        return soft < 0 || soft > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) soft; // RLIM_INFINITY is -1
    }
}
