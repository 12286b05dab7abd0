package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The BPF object that the build put into this program, in the kernel: its programs and counters. Belongs to one platform
 * thread at a time; {@link #counts} may be read by any while this is open. Closing it lets go of everything; what is
 * attached or pinned stays.
 */
public final class KernelObject implements AutoCloseable {
    private static final String RESOURCE = "/bpf/evenkeel.bpf.o";

    private final BpfProgram xdp;
    private final BpfProgram tc;
    private final BpfMap countsMap;

    private KernelObject(BpfProgram xdp, BpfProgram tc, BpfMap countsMap) {
        this.xdp = xdp;
        this.tc = tc;
        this.countsMap = countsMap;
    }

    /** The compiled object; empty if this program was built without clang. */
    static Optional<byte[]> bytes() {
        try (InputStream resource = KernelObject.class.getResourceAsStream(RESOURCE)) {
            return resource == null ? Optional.empty() : Optional.of(resource.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE + " of this program", e);
        }
    }

    /**
     * Compares the object's records with Java's, then has the kernel verify it.
     *
     * @param elf {@link #bytes}
     * @param log where the full log goes if the kernel refuses
     * @throws BpfException saying why not
     */
    static KernelObject load(Bpf bpf, byte[] elf, Path log) {
        try (BpfObject object = bpf.open(elf, "evenkeel")) {
            object.require(SharedLayout.MIRROR);
            object.load(log);
            return new KernelObject(object.program("ek_xdp"), object.program("ek_tc"), object.map("ek_counts"));
        }
    }

    BpfProgram xdp() {
        return xdp;
    }

    BpfProgram tc() {
        return tc;
    }

    KernelCounts counts() {
        return new KernelCounts(countsMap);
    }

    @Override
    public void close() {
        xdp.close();
        tc.close();
        countsMap.close();
    }
}
