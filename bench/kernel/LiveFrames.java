package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A test run whose packets really go where the program sends them (BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18). */
public final class LiveFrames {
    private static final long FLAGS = 64;
    private static final int LIVE = 2;

    private LiveFrames() {}

    /**
     * Sends out of the calling thread's network namespace; takes as long as the kernel needs.
     *
     * @throws SyscallException if the kernel cannot
     */
    public static void send(BpfProgram program, byte[] frame, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(JAVA_BYTE, frame);
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.TEST_PROGRAM, program.fd());
            attr.set(JAVA_INT, BpfCall.TEST_SIZE_IN, frame.length);
            attr.set(JAVA_LONG, BpfCall.TEST_DATA_IN, in.address());
            attr.set(JAVA_INT, BpfCall.TEST_REPEAT, count);
            attr.set(JAVA_INT, FLAGS, LIVE);
            Libc.require(
                    BpfCall.call(BpfCall.PROG_TEST_RUN, attr),
                    "send frames by",
                    program.info().name());
        }
    }
}
