package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * A program as a filter at an interface's clsact qdisc, for kernels without tcx. It has a handle and a priority of our own,
 * by which it is found again and never mistaken. Unlike a link it belongs to the interface, not to a process: it stays
 * until {@link #detach}. The qdisc stays even then: others' filters may hang on it, and without filters it costs nothing.
 * One thread at a time, in the network namespace of the interface.
 */
public final class ClsactFilter implements TcAttachment {
    /** Our handle: the letters EK. */
    static final int HANDLE = 0x454b;
    /** Our priority; lower ones run first. */
    static final int PRIORITY = 0x45;

    private static final StructLayout HOOK = BpfLayouts.TC_HOOK;
    private static final StructLayout OPTS = BpfLayouts.TC_OPTS;

    private final Libbpf libbpf;
    private final int interfaceIndex;
    private final TcDirection direction;
    private final String device;

    ClsactFilter(Libbpf libbpf, int interfaceIndex, TcDirection direction, String device) {
        this.libbpf = libbpf;
        this.interfaceIndex = interfaceIndex;
        this.direction = direction;
        this.device = device;
    }

    /** BPF_TC_F_REPLACE. */
    static final int REPLACE = 1;

    @Override
    public void update(BpfProgram program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opts = opts(arena);
            opts.set(JAVA_INT, Layouts.offset(OPTS, "prog_fd"), program.fd());
            opts.set(JAVA_INT, Layouts.offset(OPTS, "flags"), REPLACE);
            int result = Libbpf.number(libbpf.filterAttach, hook(arena), opts);
            Libc.require(result, "replace TC filter of", device);
        }
    }

    /** Makes the qdisc unless it is there, then the filter; {@code -EEXIST} if there is one with our handle. */
    int attach(BpfProgram program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment hook = hook(arena);
            int made = Libbpf.number(libbpf.hookCreate, hook);
            if (made < 0 && made != -Errno.EEXIST) return made;
            MemorySegment opts = opts(arena);
            opts.set(JAVA_INT, Layouts.offset(OPTS, "prog_fd"), program.fd());
            return Libbpf.number(libbpf.filterAttach, hook, opts);
        }
    }

    /** The number of the program behind our handle, 0 if there is none. */
    int programId() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opts = opts(arena);
            int result = Libbpf.number(libbpf.filterQuery, hook(arena), opts);
            if (result == -Errno.ENOENT || result == -Errno.EINVAL) return 0; // EINVAL: no qdisc
            Libc.require(result, "query TC filter of", device);
            return opts.get(JAVA_INT, Layouts.offset(OPTS, "prog_id"));
        }
    }

    @Override
    public void detach() {
        try (Arena arena = Arena.ofConfined()) {
            Libc.require(Libbpf.number(libbpf.filterDetach, hook(arena), opts(arena)), "detach TC filter of", device);
        }
    }

    /** This process holds nothing. */
    @Override
    public void close() {}

    private MemorySegment hook(Arena arena) {
        MemorySegment hook = arena.allocate(HOOK);
        hook.set(JAVA_LONG, Layouts.offset(HOOK, "sz"), HOOK.byteSize());
        hook.set(JAVA_INT, Layouts.offset(HOOK, "ifindex"), interfaceIndex);
        hook.set(JAVA_INT, Layouts.offset(HOOK, "attach_point"), direction.attachPoint());
        return hook;
    }

    private static MemorySegment opts(Arena arena) {
        MemorySegment opts = arena.allocate(OPTS);
        opts.set(JAVA_LONG, Layouts.offset(OPTS, "sz"), OPTS.byteSize());
        opts.set(JAVA_INT, Layouts.offset(OPTS, "handle"), HANDLE);
        opts.set(JAVA_INT, Layouts.offset(OPTS, "priority"), PRIORITY);
        return opts;
    }
}
