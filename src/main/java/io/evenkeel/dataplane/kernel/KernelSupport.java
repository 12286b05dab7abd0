package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfFilesystem;
import io.evenkeel.linux.BpfTrial;
import io.evenkeel.linux.Capabilities;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.KernelRelease;
import io.evenkeel.model.Refused;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether this machine, this process and this build can run the kernel plane, and if not, everything that is missing with
 * its fix. Any platform thread; loads libbpf, if there is one, for good.
 *
 * <p>Locked memory (ulimit -l) is not asked for: since Linux 5.11 maps and programs count against the memory of the
 * control group instead, and older kernels are refused anyway.
 */
public sealed interface KernelSupport {

    /** Nothing is missing. */
    record Usable() implements KernelSupport {}

    /** @param missing at least one, the most basic first */
    record Lacking(List<Refused> missing) implements KernelSupport {
        public Lacking {
            missing = List.copyOf(missing);
        }
    }

    /**
     * What was found.
     *
     * @param trial what the kernel answered to the smallest XDP program: 0 or {@code -errno}
     * @param library why libbpf cannot be used; empty if it can
     * @param bpfFilesystem where one is mounted
     * @param object whether the build put the compiled object into this program
     */
    record Facts(
            KernelRelease kernel,
            Capabilities capabilities,
            int trial,
            Optional<String> library,
            Optional<Path> bpfFilesystem,
            boolean object) {}

    /** Looks now. */
    static KernelSupport probe() {
        return judge(facts(Bpf.LIBRARY));
    }

    /** @param library name or path of libbpf */
    static Facts facts(String library) {
        Optional<String> noLibrary = Optional.empty();
        try {
            Bpf.load(library);
        } catch (BpfException refused) {
            noLibrary = Optional.of(String.valueOf(refused.getMessage()));
        }
        return new Facts(
                KernelRelease.current(),
                Capabilities.current(),
                BpfTrial.load(),
                noLibrary,
                BpfFilesystem.find(),
                KernelObject.bytes().isPresent());
    }

    /** What the facts mean. Pure. */
    static KernelSupport judge(Facts facts) {
        List<Refused> missing = new ArrayList<>();
        if (!facts.kernel.atLeast(5, 15)) {
            String what = "needs kernel >= 5.15, this is " + facts.kernel.text();
            missing.add(new Refused(what, "boot a newer kernel, or use the socket plane"));
        }
        privilege(facts).ifPresent(missing::add);
        facts.library.ifPresent(
                why -> missing.add(new Refused(why, "apt-get install --no-install-recommends libbpf1")));
        if (facts.bpfFilesystem.isEmpty()) {
            missing.add(new Refused(
                    "needs a bpf filesystem, and none is mounted", "mount -t bpf bpf " + BpfFilesystem.USUAL));
        }
        if (!facts.object) {
            missing.add(new Refused(
                    "built without clang: the kernel plane is not in this build",
                    "apt-get install --no-install-recommends clang libbpf-dev, touch pom.xml, build again"));
        }
        return missing.isEmpty() ? new Usable() : new Lacking(missing);
    }

    private static Optional<Refused> privilege(Facts facts) {
        if (facts.trial == 0) return Optional.empty();
        if (facts.trial != -Errno.EPERM) {
            return Optional.of(new Refused(
                    "the kernel loads no XDP program: " + Errno.text(-facts.trial),
                    "use a kernel with CONFIG_BPF_SYSCALL, or the socket plane"));
        }
        Capabilities held = facts.capabilities;
        boolean bpf = held.has(Capabilities.BPF) || held.has(Capabilities.SYS_ADMIN);
        boolean network = held.has(Capabilities.NET_ADMIN);
        if (bpf && network) {
            return Optional.of(new Refused(
                    "the kernel refuses BPF in spite of CAP_BPF and CAP_NET_ADMIN: a container's user namespace does not"
                            + " count, and lockdown or a security module may forbid it",
                    "run it in the machine's own user namespace, or use the socket plane"));
        }
        return Optional.of(new Refused(
                "needs CAP_BPF and CAP_NET_ADMIN"
                        + (bpf ? ", CAP_NET_ADMIN is missing" : network ? ", CAP_BPF is missing" : ""),
                "run as root, or grant both (systemd: AmbientCapabilities=CAP_BPF CAP_NET_ADMIN)"));
    }
}
