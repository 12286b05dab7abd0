package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The loaded programs: the plane's own, wrapped so that every run of a test run meets the same packet again; a wrapped
 * stub; and a bare XDP_TX. And {@code struct ekb_state} of wrapped.h, through which the wrapper is told what to do. One
 * thread, which should stay on one CPU.
 */
final class Wrapper implements AutoCloseable {
    static final int FRAME_BYTES = 64;
    static final int MOST_CLIENTS = 1 << 20;

    /** {@code enum ekb_stub}, in its order. */
    enum Stub {
        NOTHING,
        READ,
        READ_IN_TURN,
        GROW,
        REMEMBER_ROUTE,
        TELL_TURN
    }

    /** A verdict of XDP, in the kernel's order. */
    enum Verdict {
        ABORTED,
        DROP,
        PASS,
        TX,
        REDIRECT
    }

    private static final Path PINS = Path.of("/sys/fs/bpf");
    private static final int SPOILT = 64;
    private static final int TURN = 80;
    private static final int NEXT = 88;
    private static final int MASK = 92;
    private static final int GROWN = 96;
    private static final int STUB = 100;
    private static final int TABLE_MASK = 104;
    private static final int SERVICE = 112;
    private static final int INTERFACE = 116;
    private static final int FRAME = 120;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final KernelObject object;
    private final BpfProgram trivial;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment state;
    private final MemorySegment order;
    private byte[] frame = new byte[FRAME_BYTES];

    private Wrapper(KernelObject object, BpfProgram trivial) throws IOException {
        this.object = object;
        this.trivial = trivial;
        state = take("ekb_state");
        order = take("ekb_order");
    }

    /** @param objects the folder of the compiled programs */
    static Wrapper load(Path objects, MapSizes sizes) throws IOException {
        Bpf bpf = Bpf.load(Bpf.LIBRARY);
        for (String name : new String[] {"ekb_state", "ekb_order"}) Files.deleteIfExists(PINS.resolve(name));
        byte[] elf = Files.readAllBytes(objects.resolve("wrapped.bpf.o"));
        KernelObject object = KernelObject.load(bpf, elf, sizes, objects.resolve("verifier.log"));
        try (BpfObject bare = bpf.open(Files.readAllBytes(objects.resolve("trivial.bpf.o")), "trivial")) {
            bare.load(objects.resolve("verifier.log"));
            return new Wrapper(object, bare.program("trivial"));
        }
    }

    /** A map of the wrapper's, which stays although nothing names it any more. */
    private MemorySegment take(String name) throws IOException {
        try (BpfMap map = BpfMap.open(PINS.resolve(name))) {
            return map.memory(arena);
        } finally {
            Files.delete(PINS.resolve(name));
        }
    }

    KernelObject object() {
        return object;
    }

    /**
     * What the next runs begin with.
     *
     * @param grown octets that the program puts before it, which are taken off again
     */
    void frame(byte[] bytes, int grown) {
        if (bytes.length != FRAME_BYTES) throw new IllegalArgumentException("a frame of " + bytes.length + " octets");
        frame = bytes.clone();
        MemorySegment.copy(frame, 0, state, JAVA_BYTE, FRAME, FRAME_BYTES);
        state.set(JAVA_INT, GROWN, grown);
        state.set(JAVA_INT, MASK, 0);
    }

    /** The frame's client is another in each run, in this order, which is as long as a power of two; wire order. */
    void clients(int[] addresses, int from, int count) {
        if (Integer.bitCount(count) != 1 || count > MOST_CLIENTS)
            throw new IllegalArgumentException(count + " clients");
        MemorySegment.copy(addresses, from, order, JAVA_INT, 0, count);
        state.set(JAVA_INT, MASK, count - 1);
        rewind();
    }

    /** The next run's client is the first. */
    void rewind() {
        state.set(JAVA_INT, NEXT, 0);
        if (state.get(JAVA_INT, MASK) == 0) return;
        for (int i = 0; i < Integer.BYTES; i++) frame[26 + i] = order.get(JAVA_BYTE, i);
    }

    private void stub(Stub stub) {
        state.set(JAVA_INT, STUB, stub.ordinal());
    }

    /** What the stub reads of: buckets of the flow table. */
    void table(int buckets) {
        state.set(JAVA_INT, TABLE_MASK, buckets - 1);
    }

    /** Nanoseconds of processor time that one run of the wrapped program takes. */
    double ours(int repeat) {
        return nanos(object.ingress(), repeat);
    }

    double stub(Stub stub, int repeat) {
        stub(stub);
        return nanos(object.explain(), repeat);
    }

    double trivial(int repeat) {
        return nanos(trivial, repeat);
    }

    /** The kernel gives whole nanoseconds; the thread's processor time is finer, and leaves out other programs too. */
    private double nanos(BpfProgram program, int repeat) {
        long before = THREADS.getCurrentThreadCpuTime();
        program.testRun(frame, repeat);
        return (double) (THREADS.getCurrentThreadCpuTime() - before) / repeat;
    }

    /** The way to the frame's destination is known, and leads back through the interface that test runs come in on. */
    void rememberRoute(int ifindex) {
        state.set(JAVA_INT, INTERFACE, ifindex);
        stub(Stub.REMEMBER_ROUTE, 1);
    }

    /** The next turn of a service. */
    long turn(int slot) {
        state.set(JAVA_INT, SERVICE, slot);
        stub(Stub.TELL_TURN, 1);
        return state.get(JAVA_LONG, TURN);
    }

    void forgetVerdicts() {
        state.asSlice(0, SPOILT + Long.BYTES).fill((byte) 0);
    }

    long verdicts(Verdict verdict) {
        return state.get(JAVA_LONG, verdict.ordinal() * 8L);
    }

    long allVerdicts() {
        long sum = 0;
        for (int i = 0; i < SPOILT; i += 8) sum += state.get(JAVA_LONG, i);
        return sum;
    }

    /** Packets that could not be restored. */
    long spoilt() {
        return state.get(JAVA_LONG, SPOILT);
    }

    int codeBytes() {
        return object.ingress().info().jitedBytes();
    }

    @Override
    public void close() {
        trivial.close();
        object.close();
        arena.close();
    }
}
