package io.evenkeel.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The way in to BPF: opens objects, attaches programs to interfaces, tells what is attached. Immutable once loaded; any
 * platform thread may call. Interfaces are those of the calling thread's network namespace.
 *
 * <p>A program of somebody else is never replaced, nor joined on the same hook: it is named and refused. The exception is
 * a TC filter at a clsact qdisc with another priority than ours, which runs before or after ours and is not looked for.
 */
public final class Bpf {
    /** What the dynamic linker looks for unless told otherwise. */
    public static final String LIBRARY = "libbpf.so.1";

    private final Libbpf libbpf;

    private Bpf(Libbpf libbpf) {
        this.libbpf = libbpf;
    }

    /**
     * Loads libbpf, for good.
     *
     * @param library {@link #LIBRARY}, or a path
     * @throws BpfException if it is not there or too old
     */
    public static Bpf load(String library) {
        return new Bpf(new Libbpf(library));
    }

    /**
     * Opens a compiled object; nothing goes to the kernel yet.
     *
     * @param elf what the compiler made
     * @param name what messages call it
     * @throws BpfException if it is none
     */
    public BpfObject open(byte[] elf, String name) {
        return new BpfObject(libbpf, elf, name);
    }

    /** The XDP programs of an interface. */
    public List<Attached> xdp(String device) {
        return Attached.xdp(libbpf, InterfaceIndex.of(device), device);
    }

    /** The programs at an interface's tcx hook, and ours at its clsact qdisc. */
    public List<Attached> tc(String device, TcDirection direction) {
        int index = InterfaceIndex.of(device);
        List<Attached> found = new ArrayList<>(Attached.tcx(index, direction, device));
        int ours = new ClsactFilter(libbpf, index, direction, device).programId();
        if (ours != 0) found.add(Attached.of("TC " + direction.word() + " filter", ours));
        return List.copyOf(found);
    }

    /**
     * Attaches a program to an interface's driver.
     *
     * @throws BpfException if another is there, or the driver has no XDP
     */
    public BpfLink attachXdp(BpfProgram program, String device) {
        int index = InterfaceIndex.of(device);
        refuseForeign(device, xdp(device));
        int fd = BpfLink.create(program, index, BpfLink.ATTACH_XDP, BpfLink.NATIVE);
        if (fd >= 0) return new BpfLink(fd);
        if (fd == -Errno.EBUSY || fd == -Errno.EEXIST) refuseForeign(device, xdp(device)); // it came in between
        throw new BpfException(device + " takes no native XDP program: " + whyNoXdp(-fd));
    }

    private static String whyNoXdp(int errno) {
        return switch (errno) {
            case Errno.EOPNOTSUPP -> "its driver has no XDP; TC serves it";
            case Errno.ERANGE -> "an MTU, its own or its peer's, is too large for XDP; lower it, or use TC";
            case Errno.ENOSPC -> "its peer has more transmit queues than it has receive queues (see ethtool -L)";
            case Errno.EPERM -> "needs CAP_BPF and CAP_NET_ADMIN, or root";
            default -> Errno.text(errno);
        };
    }

    /**
     * Attaches a program to an interface's TC hook.
     *
     * @throws BpfException if another is there, or the kernel refuses
     */
    public TcAttachment attachTc(BpfProgram program, String device, TcDirection direction, TcHook hook) {
        int index = InterfaceIndex.of(device);
        refuseForeign(device, tc(device, direction));
        return switch (hook) {
            case TCX -> {
                int fd = BpfLink.create(program, index, direction.attachType(), 0);
                if (fd < 0) throw noTc(device, fd);
                yield new BpfLink(fd);
            }
            case CLSACT -> {
                ClsactFilter filter = new ClsactFilter(libbpf, index, direction, device);
                int result = filter.attach(program);
                if (result < 0) throw noTc(device, result);
                yield filter;
            }
        };
    }

    /**
     * Takes our filter off an interface's clsact qdisc, which a process that was killed left there, if the program in it
     * has this name; answers whether it had. A link of {@link TcHook#TCX} ends with its process and needs no such thing.
     */
    public boolean removeFilter(String device, TcDirection direction, String programName) {
        ClsactFilter filter = new ClsactFilter(libbpf, InterfaceIndex.of(device), direction, device);
        int there = filter.programId();
        if (there == 0 || !Attached.of("", there).programName().equals(programName)) return false;
        filter.detach();
        return true;
    }

    /** Our filter at an interface's clsact qdisc; empty if there is none. */
    public Optional<TcAttachment> clsact(String device, TcDirection direction) {
        ClsactFilter filter = new ClsactFilter(libbpf, InterfaceIndex.of(device), direction, device);
        return filter.programId() == 0 ? Optional.empty() : Optional.of(filter);
    }

    private static BpfException noTc(String device, int result) {
        return new BpfException(device + " takes no TC program: " + Errno.text(-result));
    }

    private static void refuseForeign(String device, List<Attached> there) {
        if (there.isEmpty()) return;
        String names = there.stream().map(Attached::toString).collect(Collectors.joining(", "));
        throw new BpfException(device + " is taken by " + names
                + ": stop what put it there, or take it off (bpftool net show dev " + device + ")");
    }
}
