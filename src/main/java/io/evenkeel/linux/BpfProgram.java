package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.file.Path;

/**
 * A loaded BPF program by its descriptor, which this object owns. Any thread; {@link #close} when nobody else calls.
 * {@link #testRun} runs the program on the calling thread and takes as long as that does.
 */
public final class BpfProgram implements AutoCloseable {
    /** A test run gives the program up to this many bytes more than it was given: room for outer headers. */
    private static final int GROWTH_BYTES = 256;

    /** An Ethernet header; the kernel refuses less. */
    private static final int SHORTEST_PACKET = 14;

    /** What the kernel takes in one linear buffer of a page: 4,096 less headroom and tail. */
    private static final int LONGEST_PACKET = 3_000;

    private static final StructLayout INFO = BpfLayouts.PROG_INFO;
    private static final StructLayout CONTEXT = BpfLayouts.XDP_CONTEXT;

    private int fd;
    private final Info info;

    /**
     * What the kernel knows of a program.
     *
     * @param id the same for every descriptor
     * @param name at most 15 characters
     * @param jitedBytes machine code; 0 where it may not be seen
     * @param verifiedInstructions how many the verifier went through, a measure of complexity (its limit is 1,000,000);
     *     0 before Linux 5.16
     */
    public record Info(int id, String name, int jitedBytes, int verifiedInstructions) {}

    /** What a program did with a packet. Immutable. */
    public static final class TestRun {
        private final int answer;
        private final byte[] packet;
        private final int nanos;

        private TestRun(int answer, byte[] packet, int nanos) {
            this.answer = answer;
            this.packet = packet;
            this.nanos = nanos;
        }

        /** Its return value, e.g. 2 for XDP_PASS. */
        public int answer() {
            return answer;
        }

        /** The packet as it left it. */
        public byte[] packet() {
            return packet.clone();
        }

        /** Of one run, mean over all. */
        public int nanos() {
            return nanos;
        }
    }

    /** Takes over {@code fd}. */
    BpfProgram(int fd, String subject) {
        this.fd = fd;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(INFO);
            BpfCall.info(fd, into, subject);
            info = new Info(
                    into.get(JAVA_INT, Layouts.offset(INFO, "id")),
                    BpfCall.name(into, Layouts.offset(INFO, "name")),
                    into.get(JAVA_INT, Layouts.offset(INFO, "jited_prog_len")),
                    into.get(JAVA_INT, Layouts.offset(INFO, "verified_insns")));
        } catch (RuntimeException refused) {
            Libc.close(fd);
            throw refused;
        }
    }

    /**
     * The program that is pinned at this path.
     *
     * @throws SyscallException ENOENT if nothing is there
     */
    public static BpfProgram open(Path pin) {
        return new BpfProgram(Libc.require(BpfCall.open(pin), "open pinned program", pin.toString()), pin.toString());
    }

    public Info info() {
        return info;
    }

    /**
     * Runs the program on a packet that goes nowhere (BPF_PROG_TEST_RUN). Everything else is real: it counts, and changes
     * its maps. With {@code repeat} above 1 every run sees what the one before left.
     *
     * @param packet from the Ethernet header on, 14 to 3,000 bytes
     * @param repeat ≥ 1
     * @throws SyscallException if the kernel cannot
     */
    public TestRun testRun(byte[] packet, int repeat) {
        return testRun(packet, repeat, 0);
    }

    /**
     * Runs an XDP program once on a packet as if it had come in on an interface of the calling thread's network namespace.
     *
     * @param packet from the Ethernet header on, 14 to 3,000 bytes
     * @param interfaceIndex of one that has a native XDP program
     * @throws SyscallException if the kernel cannot
     */
    public TestRun testRunOn(byte[] packet, int interfaceIndex) {
        return testRun(packet, 1, interfaceIndex);
    }

    /** @param interfaceIndex 0 for loopback */
    private TestRun testRun(byte[] packet, int repeat, int interfaceIndex) {
        if (packet.length < SHORTEST_PACKET || packet.length > LONGEST_PACKET) {
            throw new IllegalArgumentException("a packet of " + packet.length + " bytes");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(JAVA_BYTE, packet);
            MemorySegment out = arena.allocate(packet.length + GROWTH_BYTES, 8);
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.TEST_PROGRAM, fd);
            attr.set(JAVA_INT, BpfCall.TEST_SIZE_IN, packet.length);
            attr.set(JAVA_INT, BpfCall.TEST_SIZE_OUT, (int) out.byteSize());
            attr.set(JAVA_LONG, BpfCall.TEST_DATA_IN, in.address());
            attr.set(JAVA_LONG, BpfCall.TEST_DATA_OUT, out.address());
            attr.set(JAVA_INT, BpfCall.TEST_REPEAT, repeat);
            if (interfaceIndex != 0) {
                MemorySegment context = arena.allocate(CONTEXT);
                context.set(JAVA_INT, Layouts.offset(CONTEXT, "data_end"), packet.length);
                context.set(JAVA_INT, Layouts.offset(CONTEXT, "ingress_ifindex"), interfaceIndex);
                attr.set(JAVA_INT, BpfCall.TEST_CONTEXT_SIZE, (int) CONTEXT.byteSize());
                attr.set(JAVA_LONG, BpfCall.TEST_CONTEXT, context.address());
            }
            Libc.require(BpfCall.call(BpfCall.PROG_TEST_RUN, attr), "test run", info.name());
            int length = attr.get(JAVA_INT, BpfCall.TEST_SIZE_OUT);
            return new TestRun(
                    attr.get(JAVA_INT, BpfCall.TEST_ANSWER),
                    out.asSlice(0, length).toArray(JAVA_BYTE),
                    attr.get(JAVA_INT, BpfCall.TEST_DURATION));
        }
    }

    /** Keeps the program under a name in a bpf filesystem. Answers 0 or {@code -errno}; deleting the file unpins. */
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
        fd = -1;
    }
}
