package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A compiled BPF object: opened from memory, adjusted, loaded into the kernel, then asked for its maps and programs, which
 * live on their own when this is closed. Belongs to one thread at a time, a platform thread: loading may take seconds.
 */
public final class BpfObject implements AutoCloseable {
    private static final StructLayout OPTS = BpfLayouts.OBJECT_OPEN_OPTS;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private static final class Handles {
        static final MethodHandle FCNTL = Libc.errnoHandle(
                "fcntl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
    }

    private final Libbpf libbpf;
    private final String name;
    private MemorySegment object;
    private boolean loaded;

    BpfObject(Libbpf libbpf, byte[] elf, String name) {
        this.libbpf = libbpf;
        this.name = name;
        LibbpfLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opts = arena.allocate(OPTS);
            opts.set(JAVA_LONG, Layouts.offset(OPTS, "sz"), OPTS.byteSize());
            opts.set(ADDRESS, Layouts.offset(OPTS, "object_name"), arena.allocateFrom(name));
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, elf); // libbpf copies what it keeps
            object = (MemorySegment) libbpf.openMem.invokeExact(Libc.errnoSegment(), bytes, bytes.byteSize(), opts);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
        String said = LibbpfLog.take();
        if (object.address() == 0) throw refusal("is not a BPF object that libbpf can open", said);
    }

    /**
     * Sets how many entries a map shall have.
     *
     * @throws BpfException if the object has no such map, or is loaded already
     */
    public void maxEntries(String map, int entries) {
        beforeLoad();
        int result = Libbpf.number(libbpf.setMaxEntries, find(map), entries);
        Libc.require(result, "set max_entries of map", map);
    }

    /** How many entries a map has, or will have. */
    public int maxEntries(String map) {
        return Libbpf.number(libbpf.mapMaxEntries, find(map));
    }

    /** The maps that the source declares; not those that the compiler makes for constants and variables. */
    public List<String> maps() {
        if (object.address() == 0) throw new IllegalStateException(name + " is closed");
        List<String> names = new ArrayList<>();
        try {
            MemorySegment map = MemorySegment.NULL;
            while (true) {
                map = (MemorySegment) libbpf.nextMap.invokeExact(Libc.errnoSegment(), object, map);
                if (map.address() == 0) return List.copyOf(names);
                if ((boolean) libbpf.mapInternal.invokeExact(Libc.errnoSegment(), map)) continue;
                names.add(Libbpf.string((MemorySegment) libbpf.mapName.invokeExact(Libc.errnoSegment(), map)));
            }
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /**
     * Makes the programs use a map that exists, such as one that was pinned, instead of one of their own.
     *
     * @throws BpfException if it is of another kind than the object's, or its elements have another size
     */
    public void reuse(String map, BpfMap existing) {
        beforeLoad();
        MemorySegment ours = find(map);
        same(map, "kind", Libbpf.number(libbpf.mapType, ours), existing.type());
        same(map, "key size", Libbpf.number(libbpf.mapKeySize, ours), existing.keyBytes());
        same(map, "value size", Libbpf.number(libbpf.mapValueSize, ours), existing.valueBytes());
        Libc.require(Libbpf.number(libbpf.reuseFd, ours, existing.fd()), "reuse map", map);
    }

    private void same(String map, String what, int wanted, int found) {
        if (wanted == found) return;
        throw new BpfException("map " + map + " exists with " + what + " " + found + ", this build's has " + wanted
                + ": it was made by another version");
    }

    /**
     * Compares Java's view of the shared records with the object's.
     *
     * @throws BpfException naming every difference
     */
    public void require(BpfMirror mirror) {
        if (object.address() == 0) throw new BpfException(name + " is closed");
        MemorySegment types;
        try {
            types = (MemorySegment) libbpf.objectTypes.invokeExact(Libc.errnoSegment(), object);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
        if (types.address() == 0) throw new BpfException(name + " carries no type information: compile it with -g");
        List<String> differences = new BpfTypes(libbpf, types).differences(mirror);
        if (differences.isEmpty()) return;
        throw new BpfException(name + " and Java disagree on their records, so they were not built together: "
                + String.join("; ", differences));
    }

    /**
     * Makes the maps and has the kernel verify the programs.
     *
     * @param log where everything libbpf and the verifier said goes if they refuse; written only then
     * @throws BpfException with the telling lines and where the log is
     */
    public void load(Path log) {
        beforeLoad();
        LibbpfLog.clear();
        int result = Libbpf.number(libbpf.load, object);
        String said = LibbpfLog.take();
        if (result >= 0) {
            loaded = true;
            return;
        }
        boolean privilege = result == -Errno.EPERM && !said.contains(VerifierLog.BEGIN);
        if (privilege) throw new BpfException(name + " was refused: needs CAP_BPF and CAP_NET_ADMIN, or root");
        throw refusal("was refused" + save(log, said) + ": " + Errno.text(-result), said);
    }

    private String save(Path log, String said) {
        if (said.isEmpty()) return "";
        try {
            Files.writeString(log, said);
            return " (full log in " + log + ")";
        } catch (IOException | UncheckedIOException e) {
            return " (the full log could not be written to " + log + ": " + e.getMessage() + ")";
        }
    }

    private BpfException refusal(String what, String said) {
        StringBuilder text = new StringBuilder(name).append(' ').append(what);
        VerifierLog.tellingLines(said).forEach(line -> text.append("\n  ").append(line));
        return new BpfException(text.toString());
    }

    /**
     * A map of the loaded object, with a descriptor of its own.
     *
     * @throws BpfException if there is no such map
     */
    public BpfMap map(String map) {
        afterLoad();
        return new BpfMap(duplicate(Libbpf.number(libbpf.mapFd, find(map)), map), map);
    }

    /**
     * A program of the loaded object, by the name of its function, with a descriptor of its own.
     *
     * @throws BpfException if there is no such program
     */
    public BpfProgram program(String function) {
        afterLoad();
        MemorySegment program = Libbpf.find(libbpf.findProgram, object, function);
        if (program.address() == 0) throw new BpfException(name + " has no program " + function);
        return new BpfProgram(duplicate(Libbpf.number(libbpf.programFd, program), function), function);
    }

    private MemorySegment find(String map) {
        MemorySegment found = Libbpf.find(libbpf.findMap, object, map);
        if (found.address() == 0) throw new BpfException(name + " has no map " + map);
        return found;
    }

    private static int duplicate(int fd, String subject) {
        try {
            int own = Libc.result((int) Handles.FCNTL.invokeExact(Libc.errnoSegment(), fd, F_DUPFD_CLOEXEC, 0));
            return Libc.require(own, "duplicate descriptor", subject);
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private void beforeLoad() {
        if (object.address() == 0) throw new IllegalStateException(name + " is closed");
        if (loaded) throw new IllegalStateException(name + " is loaded already");
    }

    private void afterLoad() {
        if (object.address() == 0) throw new IllegalStateException(name + " is closed");
        if (!loaded) throw new IllegalStateException(name + " is not loaded");
    }

    /** Frees libbpf's part; maps and programs end unless somebody holds them. */
    @Override
    public void close() {
        if (object.address() == 0) return;
        try {
            libbpf.closeObject.invokeExact(Libc.errnoSegment(), object);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
        object = MemorySegment.NULL;
    }
}
