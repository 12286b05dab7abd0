package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.kernel.KernelSupport.Facts;
import io.evenkeel.dataplane.kernel.KernelSupport.Lacking;
import io.evenkeel.dataplane.kernel.KernelSupport.Usable;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.Capabilities;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.KernelRelease;
import io.evenkeel.model.Refused;
import io.evenkeel.traffic.SameProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a machine lacks is named, each thing with its fix, in an operator's words. */
class KernelSupportTest {
    private static final KernelRelease NEW = KernelRelease.parse("6.1.0-18-amd64");
    private static final Capabilities ALL = new Capabilities(-1);
    private static final Optional<Path> MOUNTED = Optional.of(Path.of("/sys/fs/bpf"));
    private static final Optional<String> LIBRARY = Optional.empty();

    @Test
    void nothingMissingIsUsable() {
        assertThat(KernelSupport.judge(new Facts(NEW, ALL, 0, LIBRARY, MOUNTED, true)))
                .isEqualTo(new Usable());
    }

    @Test
    void theOldestKernelIs515() {
        assertThat(missing(new Facts(KernelRelease.parse("5.14.21"), ALL, 0, LIBRARY, MOUNTED, true)))
                .containsExactly(
                        "needs kernel >= 5.15, this is 5.14.21 (boot a newer kernel, or use the socket plane)");
        assertThat(KernelSupport.judge(
                        new Facts(KernelRelease.parse("5.15.0-generic"), ALL, 0, LIBRARY, MOUNTED, true)))
                .isEqualTo(new Usable());
    }

    @Test
    void theMissingPrivilegeIsNamed() {
        String fix = " (run as root, or grant both (systemd: AmbientCapabilities=CAP_BPF CAP_NET_ADMIN))";
        assertThat(missing(with(new Capabilities(0), -Errno.EPERM)))
                .containsExactly("needs CAP_BPF and CAP_NET_ADMIN" + fix);
        assertThat(missing(with(new Capabilities(1L << Capabilities.BPF), -Errno.EPERM)))
                .containsExactly("needs CAP_BPF and CAP_NET_ADMIN, CAP_NET_ADMIN is missing" + fix);
        assertThat(missing(with(new Capabilities(1L << Capabilities.NET_ADMIN), -Errno.EPERM)))
                .containsExactly("needs CAP_BPF and CAP_NET_ADMIN, CAP_BPF is missing" + fix);
    }

    @Test
    void aRefusalInSpiteOfThePrivilegeSaysWhatElseItMayBe() {
        assertThat(missing(with(ALL, -Errno.EPERM)))
                .singleElement()
                .asString()
                .startsWith("the kernel refuses BPF in spite of CAP_BPF and CAP_NET_ADMIN")
                .contains("user namespace");
        assertThat(missing(with(ALL, -Errno.ENOSYS)))
                .singleElement()
                .asString()
                .startsWith("the kernel loads no XDP program: not implemented by this kernel")
                .contains("CONFIG_BPF_SYSCALL");
    }

    @Test
    void everythingMissingIsNamedAtOnceTheMostBasicFirst() {
        Facts facts = new Facts(
                KernelRelease.parse("4.19.0"),
                new Capabilities(0),
                -Errno.EPERM,
                Optional.of("needs libbpf.so.1, which is not on this machine"),
                Optional.empty(),
                false);
        assertThat(missing(facts))
                .extracting(line -> line.substring(0, line.indexOf(" (")))
                .containsExactly(
                        "needs kernel >= 5.15, this is 4.19.0",
                        "needs CAP_BPF and CAP_NET_ADMIN",
                        "needs libbpf.so.1, which is not on this machine",
                        "needs a bpf filesystem, and none is mounted",
                        "built without clang: the kernel plane is not in this build");
    }

    @Test
    void aMachineWithoutLibbpfSaysSo() {
        assertThat(missing(KernelSupport.facts("/nowhere/libbpf.so.1")))
                .contains("needs /nowhere/libbpf.so.1, which is not on this machine"
                        + " (apt-get install --no-install-recommends libbpf1)");
    }

    @Test
    @Needs({Capability.ROOT, Capability.BPF, Capability.CLANG, Capability.LIBBPF})
    void rootOnThisMachineLacksAtMostAMount() {
        Facts facts = KernelSupport.facts(Bpf.LIBRARY);
        assertThat(facts.trial()).isZero();
        assertThat(facts.object()).isTrue();
        assertThat(facts.library()).isEmpty();
        assertThat(facts.kernel().atLeast(5, 15)).isTrue();
    }

    @Test
    @Needs({Capability.ROOT, Capability.SETPRIV})
    void anUnprivilegedUserIsToldWhichPrivilegesItNeeds() {
        List<String> command = new ArrayList<>(List.of(
                Command.find("setpriv").orElseThrow().toString(),
                "--reuid",
                "65534",
                "--regid",
                "65534",
                "--clear-groups"));
        command.addAll(SameProgram.current().command(Printer.class.getName(), List.of()));
        Command.Outcome outcome = Command.attempt(command);
        assertThat(outcome.exit()).as(outcome.errors()).isZero();
        assertThat(outcome.output().lines())
                .contains("needs CAP_BPF and CAP_NET_ADMIN (run as root, or grant both"
                        + " (systemd: AmbientCapabilities=CAP_BPF CAP_NET_ADMIN))");
        assertThat(outcome.errors()).isEmpty();
        if (Capability.CLANG.missing().isPresent()
                || Capability.LIBBPF.missing().isPresent()) return;
        assertThat(outcome.output().lines()).contains("evenkeel was refused: needs CAP_BPF and CAP_NET_ADMIN, or root");
    }

    /** Prints what this process lacks. */
    static final class Printer {
        private Printer() {}

        public static void main(String[] arguments) {
            missing(KernelSupport.facts(Bpf.LIBRARY)).forEach(System.out::println);
            Optional<byte[]> object = KernelObject.bytes();
            if (object.isEmpty()) return;
            try {
                KernelObject.load(
                        Bpf.load(Bpf.LIBRARY),
                        object.get(),
                        new MapSizes(16, 64, 1_024, 64, 32),
                        Path.of("/nowhere/log"));
            } catch (BpfException refused) {
                System.out.println(refused.getMessage());
            }
        }
    }

    private static Facts with(Capabilities capabilities, int trial) {
        return new Facts(NEW, capabilities, trial, LIBRARY, MOUNTED, true);
    }

    private static List<String> missing(Facts facts) {
        return switch (KernelSupport.judge(facts)) {
            case Usable() -> List.of();
            case Lacking(List<Refused> missing) ->
                missing.stream().map(Refused::toString).toList();
        };
    }
}
