package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;

/**
 * What libbpf has to say, verifier logs included, kept for the thread that called it instead of going to stderr. libbpf
 * knows one such function for the whole process and calls it on the thread that works; so each thread has its own text.
 */
final class LibbpfLog {
    private LibbpfLog() {}

    /** libbpf itself gives a verifier log at most 16 MiB; what is longer in sum is cut at its beginning. */
    private static final int MOST_CHARS = 20 << 20;

    private static final int DEBUG = 2; // enum libbpf_print_level: WARN, INFO, DEBUG
    private static final long LONGEST_STRING = MOST_CHARS;

    private static final ThreadLocal<StringBuilder> TEXT = ThreadLocal.withInitial(StringBuilder::new);

    private static final class Handles {
        /** A va_list comes as an address on x86-64 (an array) and on arm64 (32 bytes by reference) alike. */
        static final MethodHandle VASPRINTF =
                Libc.errnoHandle("vasprintf", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

        static final MethodHandle FREE = Libc.errnoHandle("free", FunctionDescriptor.ofVoid(ADDRESS));
    }

    /** The function to hand to libbpf_set_print; lives as long as the process, as libbpf does. */
    @SuppressWarnings("restricted") // the callback itself
    static MemorySegment callback() {
        try {
            MethodHandle print = MethodHandles.lookup()
                    .findStatic(
                            LibbpfLog.class,
                            "print",
                            MethodType.methodType(int.class, int.class, MemorySegment.class, MemorySegment.class));
            return Linker.nativeLinker()
                    .upcallStub(print, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this class has no print", e);
        }
    }

    /** Forgets what this thread was told before. */
    static void clear() {
        TEXT.get().setLength(0);
    }

    /** What this thread was told since {@link #clear}, which it forgets now: a log may be large. */
    static String take() {
        String text = TEXT.get().toString();
        TEXT.remove();
        return text;
    }

    /** Called by libbpf. Nothing may be thrown into native code: the process would end. */
    @SuppressWarnings({"unused", "UnusedMethod", "CatchingUnchecked"}) // called through a handle
    private static int print(int level, MemorySegment format, MemorySegment arguments) {
        try {
            if (level < DEBUG) keep(format, arguments);
        } catch (Throwable thrown) {
            TEXT.get().append("(a message of libbpf was lost: ").append(thrown).append(")\n");
        }
        return 0;
    }

    @SuppressWarnings("restricted") // the C library made the string
    private static void keep(MemorySegment format, MemorySegment arguments) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            int length = (int) Handles.VASPRINTF.invokeExact(Libc.errnoSegment(), pointer, format, arguments);
            if (length < 0) return;
            MemorySegment text = pointer.get(ADDRESS, 0);
            try {
                long taken = Math.min(length, LONGEST_STRING);
                byte[] bytes = text.reinterpret(taken).toArray(JAVA_BYTE);
                append(new String(bytes, StandardCharsets.UTF_8));
            } finally {
                Handles.FREE.invokeExact(Libc.errnoSegment(), text);
            }
        }
    }

    private static void append(String message) {
        StringBuilder text = TEXT.get();
        text.append(message);
        if (text.length() > MOST_CHARS) text.delete(0, text.length() - MOST_CHARS);
    }
}
