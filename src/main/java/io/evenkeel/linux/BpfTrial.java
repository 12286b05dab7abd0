package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Asks the kernel itself whether this process may load XDP programs. Any thread. */
public final class BpfTrial {
    static final int XDP = 6; // BPF_PROG_TYPE_XDP
    private static final long RETURN_PASS = 0x0000_0002_0000_00b7L; // r0 = 2, little-endian struct bpf_insn
    private static final long EXIT = 0x0000_0000_0000_0095L;

    private BpfTrial() {}

    /**
     * Loads the smallest XDP program there is and lets go of it.
     *
     * @return 0, or {@code -errno}: {@code -EPERM} without the privilege, {@code -ENOSYS} without BPF
     */
    public static int load() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(2 * Long.BYTES, 8);
            program.set(JAVA_LONG, 0, RETURN_PASS);
            program.set(JAVA_LONG, 8, EXIT);
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.LOAD_TYPE, XDP);
            attr.set(JAVA_INT, BpfCall.LOAD_COUNT, 2);
            attr.set(JAVA_LONG, BpfCall.LOAD_INSTRUCTIONS, program.address());
            attr.set(JAVA_LONG, BpfCall.LOAD_LICENSE, arena.allocateFrom("GPL").address());
            int fd = BpfCall.call(BpfCall.PROG_LOAD, attr);
            if (fd >= 0) Libc.close(fd);
            return Math.min(fd, 0);
        }
    }
}
