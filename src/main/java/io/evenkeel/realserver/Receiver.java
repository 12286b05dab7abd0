package io.evenkeel.realserver;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.KernelRelease;
import io.evenkeel.linux.PossibleCpus;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcAttachment;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.TcHook;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The program in the kernel that takes outer headers off and counts, with its maps. Belongs to one platform thread.
 * Closing it lets go of everything; attachments are detached by who attached.
 */
final class Receiver implements AutoCloseable {
    private static final String RESOURCE = "/bpf/realserver.bpf.o";

    /** Entries of rs_own. */
    static final int MOST_OWN = 4_096;

    private final Bpf bpf;
    private final TcHook hook;
    private final Arena arena = Arena.ofShared();
    private final BpfProgram ingress;
    private final BpfProgram egress;
    private final BpfMap vips;
    private final BpfMap own;
    private final BpfMap watched;
    private final MemorySegment control;
    private final MemorySegment counts;
    private final MemorySegment key = arena.allocate(Abi.ADDRESS);
    private final MemorySegment present = arena.allocate(JAVA_INT);
    private final MemorySegment port = arena.allocate(2, 8);
    private final MemorySegment answers = arena.allocate(Abi.ANSWERS);
    private final Set<IpAddress> known = new HashSet<>();

    private Receiver(Bpf bpf, TcHook hook, BpfObject object) {
        this.bpf = bpf;
        this.hook = hook;
        ingress = object.program("rs_ingress");
        egress = object.program("rs_egress");
        vips = object.map("rs_vips");
        own = object.map("rs_own");
        watched = object.map("rs_watched");
        try (BpfMap controlMap = object.map("rs_control");
                BpfMap countMap = object.map("rs_counts")) {
            control = controlMap.memory(arena);
            counts = countMap.memory(arena);
        }
    }

    /** The compiled object; empty if this program was built without clang. */
    static Optional<byte[]> bytes() {
        try (InputStream resource = Receiver.class.getResourceAsStream(RESOURCE)) {
            return resource == null ? Optional.empty() : Optional.of(resource.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE + " of this program", e);
        }
    }

    /**
     * Brings the program into the kernel. It is attached nowhere yet.
     *
     * @param crosses the kernel changes families when it shrinks a packet, {@link #crosses}
     * @param log where the verifier's whole log goes if it refuses
     * @throws BpfException saying why not
     */
    static Receiver load(Bpf bpf, byte[] elf, TcHook hook, Assignment assignment, boolean crosses, Path log) {
        try (BpfObject object = bpf.open(elf, "realserver")) {
            object.require(Abi.MIRROR);
            object.maxEntries("rs_counts", PossibleCpus.count());
            object.maxEntries("rs_vips", Assignment.MOST_VIPS);
            object.maxEntries("rs_own", MOST_OWN);
            object.maxEntries("rs_watched", Assignment.MOST_CHECKS);
            object.load(log);
            Receiver receiver = new Receiver(bpf, hook, object);
            receiver.tell(assignment, crosses);
            return receiver;
        }
    }

    /** BPF_F_ADJ_ROOM_DECAP_L3_IPV4 and _IPV6 came with Linux 6.3. */
    static boolean crosses(KernelRelease kernel) {
        return kernel.atLeast(6, 3);
    }

    private void tell(Assignment assignment, boolean crosses) {
        int bits = 0;
        for (Tunnel tunnel : assignment.tunnels()) bits |= 1 << tunnel.number();
        wire(control, Abi.offset(Abi.CONTROL, "gue_port"), assignment.guePort());
        control.set(JAVA_BYTE, Abi.offset(Abi.CONTROL, "crosses"), (byte) (crosses ? 1 : 0));
        control.set(JAVA_INT, Abi.offset(Abi.CONTROL, "tunnels"), bits);
        for (IpAddress vip : assignment.vips()) put(vips, vip);
        if (!assignment.watches()) return;
        for (Check check : assignment.checks()) if (check.protocol() == Protocol.UDP) watch(check.port());
        int answering = assignment.mend() ? Abi.WATCH | Abi.MEND : Abi.WATCH;
        control.set(JAVA_BYTE, Abi.offset(Abi.CONTROL, "answers"), (byte) answering);
    }

    private void watch(int number) {
        wire(port, 0, number);
        answers.fill((byte) 0);
        int result = watched.update(port, answers, BpfMap.ANY);
        if (result < 0) throw new SyscallException("bpf", -result, "map update of port " + number);
    }

    private static void wire(MemorySegment into, long offset, int number) {
        into.set(JAVA_BYTE, offset, (byte) (number >>> 8));
        into.set(JAVA_BYTE, offset + 1, (byte) number);
    }

    /** Where answers of a UDP port left from; empty if it is not watched. */
    Optional<Answers> answers(int number) {
        wire(port, 0, number);
        if (watched.lookup(port, answers) < 0) return Optional.empty();
        return Optional.of(new Answers(
                answers.get(JAVA_LONG, Abi.offset(Abi.ANSWERS, "from_vip")),
                answers.get(JAVA_LONG, Abi.offset(Abi.ANSWERS, "mended")),
                answers.get(JAVA_LONG, Abi.offset(Abi.ANSWERS, "from_elsewhere"))));
    }

    /** Tells which addresses tunnels may end at; answers how many of them did not fit. */
    int own(Collection<IpAddress> addresses) {
        Set<IpAddress> wanted = new HashSet<>(addresses);
        for (IpAddress gone : Set.copyOf(known)) {
            if (wanted.contains(gone)) continue;
            fill(gone);
            own.delete(key);
            known.remove(gone);
        }
        int left = 0;
        for (IpAddress address : wanted) {
            if (known.contains(address)) continue;
            if (known.size() == MOST_OWN) {
                left++;
                continue;
            }
            put(own, address);
            known.add(address);
        }
        return left;
    }

    private void put(BpfMap map, IpAddress address) {
        fill(address);
        int result = map.update(key, present, BpfMap.ANY);
        if (result < 0) throw new SyscallException("bpf", -result, "map update of " + address);
    }

    private void fill(IpAddress address) {
        key.fill((byte) 0);
        key.set(JAVA_INT, 0, address.v6() ? 6 : 4);
        byte[] bytes = address.toBytes();
        MemorySegment.copy(bytes, 0, key, JAVA_BYTE, Abi.offset(Abi.ADDRESS, "word"), bytes.length);
    }

    /**
     * @throws BpfException if another program is there, or the interface takes none
     * @throws SyscallException if the interface has gone
     */
    TcAttachment attach(String device, TcDirection direction) {
        return bpf.attachTc(direction == TcDirection.INGRESS ? ingress : egress, device, direction, hook);
    }

    /** Whether what is attached stays when its process is killed. */
    boolean outlives() {
        return hook == TcHook.CLSACT;
    }

    /** Takes off what a killed process left at an interface. */
    void removeLeftover(String device) {
        try {
            bpf.removeFilter(device, TcDirection.INGRESS, "rs_ingress");
            bpf.removeFilter(device, TcDirection.EGRESS, "rs_egress");
        } catch (SyscallException gone) {
            if (gone.errno() != Errno.ENODEV) throw gone;
        }
    }

    /** What came in so far, by what became of it; every outcome is there. */
    Map<Outcome, Long> received() {
        Map<Outcome, Long> sums = new EnumMap<>(Outcome.class);
        long packets = Abi.offset(Abi.COUNT, "packets");
        for (Outcome outcome : Outcome.values()) {
            long sum = 0;
            for (int cpu = 0; cpu < PossibleCpus.count(); cpu++) {
                sum += counts.get(JAVA_LONG, cpu * Abi.COUNT.byteSize() + packets + 8L * outcome.number());
            }
            sums.put(outcome, sum);
        }
        return sums;
    }

    /** For test runs. */
    BpfProgram ingress() {
        return ingress;
    }

    /** For test runs. */
    BpfProgram egress() {
        return egress;
    }

    @Override
    public void close() {
        ingress.close();
        egress.close();
        watched.close();
        vips.close();
        own.close();
        if (arena.scope().isAlive()) arena.close();
    }
}
