package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * libbpf 1.x as a library: its functions as handles whose first argument is {@link Libc#errnoSegment()}. Loaded when it is
 * first asked for, since a machine without the kernel plane need not have it, and never unloaded. Immutable; any thread,
 * but what the functions work on belongs to one thread at a time.
 */
final class Libbpf {
    /** Longest string of libbpf's that is read. */
    private static final long LONGEST_STRING = 4096;

    private final String library;
    private final SymbolLookup symbols;

    // struct bpf_object, bpf_map, bpf_program
    final MethodHandle openMem;
    final MethodHandle load;
    final MethodHandle closeObject;
    final MethodHandle findMap;
    final MethodHandle nextMap;
    final MethodHandle mapName;
    final MethodHandle mapInternal;
    final MethodHandle mapMaxEntries;
    final MethodHandle mapFd;
    final MethodHandle mapType;
    final MethodHandle mapKeySize;
    final MethodHandle mapValueSize;
    final MethodHandle setMaxEntries;
    final MethodHandle reuseFd;
    final MethodHandle findProgram;
    final MethodHandle programFd;
    // struct btf
    final MethodHandle objectTypes;
    final MethodHandle findType;
    final MethodHandle typeById;
    final MethodHandle nameAt;
    final MethodHandle resolveSize;
    // netlink
    final MethodHandle xdpQuery;
    final MethodHandle hookCreate;
    final MethodHandle filterAttach;
    final MethodHandle filterDetach;
    final MethodHandle filterQuery;

    /**
     * @param library a name that the dynamic linker finds, or a path
     * @throws BpfException if there is no such library, or it is too old
     */
    @SuppressWarnings("restricted") // the one place where libbpf is loaded
    Libbpf(String library) {
        this.library = library;
        try {
            symbols = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IllegalArgumentException notThere) {
            throw new BpfException("needs " + library + ", which is not on this machine");
        }
        FunctionDescriptor find = FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS);
        FunctionDescriptor number = FunctionDescriptor.of(JAVA_INT, ADDRESS);
        FunctionDescriptor setNumber = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
        FunctionDescriptor two = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
        openMem = handle("bpf_object__open_mem", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
        load = handle("bpf_object__load", number);
        closeObject = handle("bpf_object__close", FunctionDescriptor.ofVoid(ADDRESS));
        findMap = handle("bpf_object__find_map_by_name", find);
        nextMap = handle("bpf_object__next_map", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
        mapName = handle("bpf_map__name", FunctionDescriptor.of(ADDRESS, ADDRESS));
        mapInternal = handle("bpf_map__is_internal", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
        mapMaxEntries = handle("bpf_map__max_entries", number);
        mapFd = handle("bpf_map__fd", number);
        mapType = handle("bpf_map__type", number);
        mapKeySize = handle("bpf_map__key_size", number);
        mapValueSize = handle("bpf_map__value_size", number);
        setMaxEntries = handle("bpf_map__set_max_entries", setNumber);
        reuseFd = handle("bpf_map__reuse_fd", setNumber);
        findProgram = handle("bpf_object__find_program_by_name", find);
        programFd = handle("bpf_program__fd", number);
        objectTypes = handle("bpf_object__btf", FunctionDescriptor.of(ADDRESS, ADDRESS));
        findType = handle("btf__find_by_name_kind", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
        typeById = handle("btf__type_by_id", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        nameAt = handle("btf__name_by_offset", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        resolveSize = handle("btf__resolve_size", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT));
        xdpQuery = handle("bpf_xdp_query", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
        hookCreate = handle("bpf_tc_hook_create", number);
        filterAttach = handle("bpf_tc_attach", two);
        filterDetach = handle("bpf_tc_detach", two);
        filterQuery = handle("bpf_tc_query", two);
        captureLog();
    }

    private void captureLog() {
        MethodHandle setPrint = handle("libbpf_set_print", FunctionDescriptor.of(ADDRESS, ADDRESS));
        try {
            MemorySegment _ = (MemorySegment) setPrint.invokeExact(Libc.errnoSegment(), LibbpfLog.callback());
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    @SuppressWarnings("restricted") // the one place where libbpf's functions become handles
    private MethodHandle handle(String symbol, FunctionDescriptor descriptor) {
        MemorySegment address = symbols.find(symbol)
                .orElseThrow(() -> new BpfException("needs libbpf 1.0 or newer: " + library + " has no " + symbol));
        return Linker.nativeLinker().downcallHandle(address, descriptor, Linker.Option.captureCallState("errno"));
    }

    /** A string of libbpf's. */
    @SuppressWarnings("restricted") // C strings end themselves; bounded all the same
    static String string(MemorySegment pointer) {
        if (pointer.address() == 0) return "";
        return pointer.reinterpret(LONGEST_STRING).getString(0);
    }

    /** {@code bytes} of memory that libbpf holds at {@code pointer}. */
    @SuppressWarnings("restricted") // the structures say how long they are
    static MemorySegment memory(MemorySegment pointer, long bytes) {
        return pointer.reinterpret(bytes);
    }

    /** Calls a function of the form {@code int f(T *)}: its answer, which for libbpf 1.x is {@code -errno} on failure. */
    static int number(MethodHandle function, MemorySegment argument) {
        try {
            return (int) function.invokeExact(Libc.errnoSegment(), argument);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Calls a function of the form {@code int f(T *, U *)}. */
    static int number(MethodHandle function, MemorySegment first, MemorySegment second) {
        try {
            return (int) function.invokeExact(Libc.errnoSegment(), first, second);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Calls a function of the form {@code int f(T *, int)}. */
    static int number(MethodHandle function, MemorySegment first, int second) {
        try {
            return (int) function.invokeExact(Libc.errnoSegment(), first, second);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Calls a function of the form {@code T *f(U *, const char *)}; NULL where there is no such thing. */
    static MemorySegment find(MethodHandle function, MemorySegment within, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (MemorySegment) function.invokeExact(Libc.errnoSegment(), within, arena.allocateFrom(name));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Calls a function of the form {@code T *f(U *, int)}. */
    static MemorySegment at(MethodHandle function, MemorySegment within, int number) {
        try {
            return (MemorySegment) function.invokeExact(Libc.errnoSegment(), within, number);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
