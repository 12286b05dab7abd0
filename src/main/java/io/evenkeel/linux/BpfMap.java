package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * A BPF map by its descriptor, which this object owns: closing it does not end a map that a program or a pin still holds.
 * Any thread may read and write, the kernel keeps single elements apart; {@link #close} when nobody else calls. Keys and
 * values are native memory in the kernel's byte order. Control path: each call is a system call and allocates a little.
 *
 * <p>A per-CPU map hands out the values of all possible CPUs at once, each rounded up to 8 bytes.
 */
public final class BpfMap implements AutoCloseable {
    /** An update that inserts or overwrites (BPF_ANY). */
    public static final int ANY = 0;
    /** An update that only inserts (BPF_NOEXIST), else {@code -EEXIST}. */
    public static final int NEW_ONLY = 1;
    /** An update that only overwrites (BPF_EXIST), else {@code -ENOENT}. */
    public static final int OLD_ONLY = 2;

    static final int PERCPU_HASH = 5;
    static final int PERCPU_ARRAY = 6;
    static final int LRU_PERCPU_HASH = 10;

    /** ENOTSUPP, which the kernel uses for itself and lets out here: this kind of map has no such batch. */
    static final int NOT_FOR_THIS_KIND = 524;

    private static final StructLayout INFO = BpfLayouts.MAP_INFO;

    private int fd;
    private final int id;
    private final int type;
    private final String name;
    private final int keyBytes;
    private final int valueBytes;
    private final int maxEntries;

    /** What a batch did: elements taken, and 0, or {@code -errno} ({@code -ENOENT} ends a walk). */
    public record Batch(int count, int result) {
        /** Whether the walk has seen the whole map. */
        public boolean last() {
            return result == -Errno.ENOENT;
        }
    }

    /** Takes over {@code fd}. */
    BpfMap(int fd, String subject) {
        this.fd = fd;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO);
            BpfCall.info(fd, info, subject);
            type = info.get(JAVA_INT, Layouts.offset(INFO, "type"));
            id = info.get(JAVA_INT, Layouts.offset(INFO, "id"));
            keyBytes = info.get(JAVA_INT, Layouts.offset(INFO, "key_size"));
            valueBytes = info.get(JAVA_INT, Layouts.offset(INFO, "value_size"));
            maxEntries = info.get(JAVA_INT, Layouts.offset(INFO, "max_entries"));
            name = BpfCall.name(info, Layouts.offset(INFO, "name"));
        } catch (RuntimeException refused) {
            Libc.close(fd);
            throw refused;
        }
    }

    /**
     * The map that is pinned at this path.
     *
     * @throws SyscallException ENOENT if nothing is there, EINVAL if it is no BPF object, EPERM without CAP_BPF
     */
    public static BpfMap open(Path pin) {
        return new BpfMap(Libc.require(BpfCall.open(pin), "open pinned map", pin.toString()), pin.toString());
    }

    /** The kernel's number for it, the same for every descriptor. */
    public int id() {
        return id;
    }

    /** Its kind as {@code enum bpf_map_type} numbers it. */
    public int type() {
        return type;
    }

    /** At most 15 characters: the kernel cuts longer ones. */
    public String name() {
        return name;
    }

    public int keyBytes() {
        return keyBytes;
    }

    /** Of one value, of one CPU. */
    public int valueBytes() {
        return valueBytes;
    }

    public int maxEntries() {
        return maxEntries;
    }

    /** Whether each CPU has its own values. */
    public boolean perCpu() {
        return type == PERCPU_ARRAY || type == PERCPU_HASH || type == LRU_PERCPU_HASH;
    }

    /** Bytes from one CPU's value to the next in what a lookup of a per-CPU map fills. */
    public int laneBytes() {
        return (valueBytes + 7) & ~7;
    }

    /** Bytes a lookup fills and an update reads. */
    public int elementBytes() {
        return perCpu() ? laneBytes() * PossibleCpus.count() : valueBytes;
    }

    /** Copies the value of {@code key} to {@code value}. Answers 0 or {@code -errno}, {@code -ENOENT} if there is none. */
    public int lookup(MemorySegment key, MemorySegment value) {
        return element(BpfCall.MAP_LOOKUP_ELEM, key, value, 0);
    }

    /**
     * Writes one element.
     *
     * @param flags {@link #ANY}, {@link #NEW_ONLY} or {@link #OLD_ONLY}
     * @return 0 or {@code -errno}: {@code -E2BIG} means full, or beyond an array
     */
    public int update(MemorySegment key, MemorySegment value, int flags) {
        return element(BpfCall.MAP_UPDATE_ELEM, key, value, flags);
    }

    /** Removes one element; {@code -EINVAL} on an array. */
    public int delete(MemorySegment key) {
        return element(BpfCall.MAP_DELETE_ELEM, key, MemorySegment.NULL, 0);
    }

    private int element(int command, MemorySegment key, MemorySegment value, int flags) {
        atLeast(key, keyBytes);
        if (command != BpfCall.MAP_DELETE_ELEM) atLeast(value, elementBytes());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.ELEM_MAP, fd);
            attr.set(JAVA_LONG, BpfCall.ELEM_KEY, key.address());
            attr.set(JAVA_LONG, BpfCall.ELEM_VALUE, value.address());
            attr.set(JAVA_LONG, BpfCall.ELEM_FLAGS, flags);
            return BpfCall.call(command, attr);
        } finally {
            Reference.reachabilityFence(key);
            Reference.reachabilityFence(value);
        }
    }

    /**
     * Reads the next elements of a walk through the whole map.
     *
     * @param first starts the walk; otherwise it goes on where {@code cursor} stands
     * @param cursor this walk's own, at least 4 bytes and a key long
     * @param keys room for {@code most} keys
     * @param values room for {@code most} × {@link #elementBytes}
     * @return {@code -ENOSPC} means that one bucket of a hash holds more than {@code most}
     */
    public Batch lookupBatch(boolean first, MemorySegment cursor, MemorySegment keys, MemorySegment values, int most) {
        atLeast(cursor, Math.max(keyBytes, Integer.BYTES));
        atLeast(keys, (long) keyBytes * most);
        atLeast(values, (long) elementBytes() * most);
        return batch(BpfCall.MAP_LOOKUP_BATCH, first ? MemorySegment.NULL : cursor, cursor, keys, values, most);
    }

    /** Writes {@code count} elements in order; the count tells how many were written before the first that failed. */
    public Batch updateBatch(MemorySegment keys, MemorySegment values, int count) {
        atLeast(keys, (long) keyBytes * count);
        atLeast(values, (long) elementBytes() * count);
        return batch(BpfCall.MAP_UPDATE_BATCH, MemorySegment.NULL, MemorySegment.NULL, keys, values, count);
    }

    /** Removes {@code count} elements; stops at the first that is not there. Not on arrays. */
    public Batch deleteBatch(MemorySegment keys, int count) {
        atLeast(keys, (long) keyBytes * count);
        return batch(BpfCall.MAP_DELETE_BATCH, MemorySegment.NULL, MemorySegment.NULL, keys, MemorySegment.NULL, count);
    }

    private Batch batch(
            int command, MemorySegment in, MemorySegment out, MemorySegment keys, MemorySegment values, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_LONG, BpfCall.BATCH_IN, in.address());
            attr.set(JAVA_LONG, BpfCall.BATCH_OUT, out.address());
            attr.set(JAVA_LONG, BpfCall.BATCH_KEYS, keys.address());
            attr.set(JAVA_LONG, BpfCall.BATCH_VALUES, values.address());
            attr.set(JAVA_INT, BpfCall.BATCH_COUNT, count);
            attr.set(JAVA_INT, BpfCall.BATCH_MAP, fd);
            int result = BpfCall.call(command, attr);
            return new Batch(counted(result) ? attr.get(JAVA_INT, BpfCall.BATCH_COUNT) : 0, result);
        } finally {
            Reference.reachabilityFence(out);
            Reference.reachabilityFence(keys);
            Reference.reachabilityFence(values);
        }
    }

    /** Whether the kernel has written the count; what it refuses as a whole, it refuses before. */
    private static boolean counted(int result) {
        return switch (-result) {
            case Errno.EBADF, Errno.EINVAL, Errno.EPERM, Errno.EFAULT, NOT_FOR_THIS_KIND -> false;
            default -> true;
        };
    }

    /** The kernel believes our addresses: memory that is too short, or on the heap, must not get there. */
    private static void atLeast(MemorySegment memory, long bytes) {
        if (!memory.isNative()) throw new IllegalArgumentException("not native memory");
        if (memory.byteSize() < bytes) {
            throw new IllegalArgumentException(memory.byteSize() + " bytes where the map needs " + bytes);
        }
    }

    /**
     * An array as memory that is shared with the programs: element {@code i} begins at {@code i} × {@link #laneBytes}.
     * Needs BPF_F_MMAPABLE. It stays, and keeps the map, until {@code arena} is closed, also when this is closed before.
     *
     * @throws SyscallException EPERM or ENOTSUP if the map was not made for that
     */
    public MemorySegment memory(Arena arena) {
        return MappedMemory.of(fd, (long) laneBytes() * maxEntries, arena, name);
    }

    /** Keeps the map under a name in a bpf filesystem. Answers 0 or {@code -errno}; deleting the file unpins. */
    public int pin(Path path) {
        return BpfCall.pin(fd, path);
    }

    int fd() {
        return fd;
    }

    @Override
    public void close() {
        if (fd < 0) return;
        Libc.close(fd);
        fd = -1; // what comes late gets EBADF, not somebody else's descriptor
    }
}
