package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that is attached to an interface, whoever put it there. Immutable.
 *
 * @param place e.g. {@code native XDP}
 * @param programId the kernel's number for it
 * @param programName at most 15 characters; empty if it may not be seen (CAP_SYS_ADMIN)
 */
public record Attached(String place, int programId, String programName) {
    private static final int MOST_PROGRAMS = 64; // BPF_MPROG_MAX
    private static final StructLayout OPTS = BpfLayouts.XDP_QUERY_OPTS;

    /** The program of this number, with its name if it may be seen. */
    public static Attached of(String place, int programId) {
        int fd = BpfCall.programById(programId);
        if (fd < 0) return new Attached(place, programId, "");
        try (BpfProgram program = new BpfProgram(fd, "program " + programId)) {
            return new Attached(place, programId, program.info().name());
        }
    }

    /** The XDP programs of an interface; at most one a mode. */
    static List<Attached> xdp(Libbpf libbpf, int interfaceIndex, String device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opts = arena.allocate(OPTS);
            opts.set(JAVA_LONG, Layouts.offset(OPTS, "sz"), OPTS.byteSize());
            int result = (int) libbpf.xdpQuery.invokeExact(Libc.errnoSegment(), interfaceIndex, 0, opts);
            Libc.require(result, "query XDP of", device);
            List<Attached> found = new ArrayList<>();
            addXdp(opts, "drv_prog_id", "native XDP", found);
            addXdp(opts, "skb_prog_id", "generic XDP", found);
            addXdp(opts, "hw_prog_id", "offloaded XDP", found);
            return found;
        } catch (RuntimeException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static void addXdp(MemorySegment opts, String member, String place, List<Attached> found) {
        int id = opts.get(JAVA_INT, Layouts.offset(OPTS, member));
        if (id != 0) found.add(of(place, id));
    }

    /**
     * The programs on a tcx hook in their order; none on a kernel before 6.6. Needs no library.
     *
     * @throws SyscallException EPERM without CAP_NET_ADMIN
     */
    public static List<Attached> tcx(int interfaceIndex, TcDirection direction, String device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ids = arena.allocate(JAVA_INT, MOST_PROGRAMS);
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.QUERY_TARGET, interfaceIndex);
            attr.set(JAVA_INT, BpfCall.QUERY_TYPE, direction.attachType());
            attr.set(JAVA_LONG, BpfCall.QUERY_IDS, ids.address());
            attr.set(JAVA_INT, BpfCall.QUERY_COUNT, MOST_PROGRAMS);
            int result = BpfCall.call(BpfCall.PROG_QUERY, attr);
            if (result == -Errno.EINVAL) return List.of();
            Libc.require(result, "query TC of", device);
            List<Attached> found = new ArrayList<>();
            for (int i = 0; i < attr.get(JAVA_INT, BpfCall.QUERY_COUNT); i++) {
                found.add(of("TC " + direction.word(), ids.getAtIndex(JAVA_INT, i)));
            }
            return found;
        }
    }

    @Override
    public String toString() {
        String name = programName.isEmpty() ? "a program" : programName;
        return name + " (number " + programId + ", " + place + ")";
    }
}
