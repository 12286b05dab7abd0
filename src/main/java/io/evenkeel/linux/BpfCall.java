package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * bpf(2) and the parts of {@code union bpf_attr} that this room fills; a test holds every number to the C compiler. What
 * works on descriptors goes here rather than through libbpf, whose argument structures change between versions, and so
 * needs no library. Any thread; none of these calls waits for anything but the kernel's own locks.
 */
final class BpfCall {
    private BpfCall() {}

    static final int MAP_LOOKUP_ELEM = 1;
    static final int MAP_UPDATE_ELEM = 2;
    static final int MAP_DELETE_ELEM = 3;
    static final int PROG_LOAD = 5;
    static final int OBJ_PIN = 6;
    static final int OBJ_GET = 7;
    static final int PROG_TEST_RUN = 10;
    static final int PROG_GET_FD_BY_ID = 13;
    static final int OBJ_GET_INFO_BY_FD = 15;
    static final int PROG_QUERY = 16;
    static final int MAP_LOOKUP_BATCH = 24;
    static final int MAP_UPDATE_BATCH = 26;
    static final int MAP_DELETE_BATCH = 27;
    static final int LINK_CREATE = 28;
    static final int LINK_GET_FD_BY_ID = 30;
    static final int LINK_GET_NEXT_ID = 31;
    static final int LINK_UPDATE = 29;
    static final int LINK_DETACH = 34;

    // BPF_MAP_*_ELEM
    static final long ELEM_MAP = 0;
    static final long ELEM_KEY = 8;
    static final long ELEM_VALUE = 16;
    static final long ELEM_FLAGS = 24;
    // BPF_MAP_*_BATCH
    static final long BATCH_IN = 0;
    static final long BATCH_OUT = 8;
    static final long BATCH_KEYS = 16;
    static final long BATCH_VALUES = 24;
    static final long BATCH_COUNT = 32;
    static final long BATCH_MAP = 36;
    // BPF_PROG_LOAD
    static final long LOAD_TYPE = 0;
    static final long LOAD_COUNT = 4;
    static final long LOAD_INSTRUCTIONS = 8;
    static final long LOAD_LICENSE = 16;
    // BPF_OBJ_PIN, BPF_OBJ_GET
    static final long PIN_PATH = 0;
    static final long PIN_FD = 8;
    // BPF_PROG_TEST_RUN
    static final long TEST_PROGRAM = 0;
    static final long TEST_ANSWER = 4;
    static final long TEST_SIZE_IN = 8;
    static final long TEST_SIZE_OUT = 12;
    static final long TEST_DATA_IN = 16;
    static final long TEST_DATA_OUT = 24;
    static final long TEST_REPEAT = 32;
    static final long TEST_DURATION = 36;
    static final long TEST_CONTEXT_SIZE = 40;
    static final long TEST_CONTEXT = 48;
    // BPF_PROG_GET_FD_BY_ID
    static final long BY_ID = 0;
    // BPF_LINK_GET_NEXT_ID
    static final long NEXT_AFTER = 0;
    static final long NEXT_ID = 4;
    // BPF_OBJ_GET_INFO_BY_FD
    static final long INFO_FD = 0;
    static final long INFO_LENGTH = 4;
    static final long INFO_INTO = 8;
    // BPF_PROG_QUERY
    static final long QUERY_TARGET = 0;
    static final long QUERY_TYPE = 4;
    static final long QUERY_IDS = 16;
    static final long QUERY_COUNT = 24;
    // BPF_LINK_CREATE
    static final long LINK_PROGRAM = 0;
    static final long LINK_TARGET = 4;
    static final long LINK_TYPE = 8;
    static final long LINK_FLAGS = 12;
    // BPF_LINK_UPDATE
    static final long UPDATE_LINK = 0;
    static final long UPDATE_PROGRAM = 4;
    // BPF_LINK_DETACH
    static final long DETACH_LINK = 0;

    /** Room for every command above; the kernel wants what it does not know to be zero. */
    private static final long ATTR_BYTES = 128;

    /** BPF_OBJ_NAME_LEN. */
    static final int NAME_BYTES = 16;

    private static final class Handles {
        static final long NUMBER = number(System.getProperty("os.arch"));
        static final MethodHandle SYSCALL = Libc.errnoHandle(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
                Linker.Option.firstVariadicArg(1));

        private static long number(String architecture) {
            return switch (architecture) {
                case "amd64" -> 321;
                case "aarch64", "riscv64" -> 280;
                default -> throw new BpfException("bpf(2) has no known number on " + architecture);
            };
        }
    }

    /** The number of bpf(2) on this architecture. */
    static long systemCall() {
        return Handles.NUMBER;
    }

    /** An argument of all zeros. */
    static MemorySegment attr(Arena arena) {
        return arena.allocate(ATTR_BYTES, 8);
    }

    /** Makes the call; answers what the kernel answered or {@code -errno}. */
    static int call(int command, MemorySegment attr) {
        try {
            return (int) Libc.result((long)
                    Handles.SYSCALL.invokeExact(Libc.errnoSegment(), Handles.NUMBER, command, attr, (int) ATTR_BYTES));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** BPF_OBJ_PIN: a name in a bpf filesystem that keeps the object alive. Answers 0 or {@code -errno}. */
    static int pin(int fd, Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attr(arena);
            attr.set(JAVA_LONG, PIN_PATH, arena.allocateFrom(path.toString()).address());
            attr.set(JAVA_INT, PIN_FD, fd);
            return call(OBJ_PIN, attr);
        }
    }

    /** BPF_OBJ_GET: a descriptor of what is pinned there, or {@code -errno}. */
    static int open(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attr(arena);
            attr.set(JAVA_LONG, PIN_PATH, arena.allocateFrom(path.toString()).address());
            return call(OBJ_GET, attr);
        }
    }

    /** A descriptor of the program with this number, or {@code -errno}. */
    static int programById(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attr(arena);
            attr.set(JAVA_INT, BY_ID, id);
            return call(PROG_GET_FD_BY_ID, attr);
        }
    }

    /**
     * BPF_OBJ_GET_INFO_BY_FD, cut to what the kernel and {@code into} both know.
     *
     * @throws SyscallException if the descriptor is not of a BPF object
     */
    static void info(int fd, MemorySegment into, String subject) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attr(arena);
            attr.set(JAVA_INT, INFO_FD, fd);
            attr.set(JAVA_INT, INFO_LENGTH, (int) into.byteSize());
            attr.set(JAVA_LONG, INFO_INTO, into.address());
            Libc.require(call(OBJ_GET_INFO_BY_FD, attr), "bpf info", subject);
        }
    }

    /** The name at this place in an info: at most 15 characters. */
    static String name(MemorySegment info, long offset) {
        byte[] bytes = info.asSlice(offset, NAME_BYTES).toArray(JAVA_BYTE);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) end++;
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }
}
