package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from the kernel's text files about this machine and this process. */
class MachineFactsTest {

    @ParameterizedTest
    @CsvSource({
        "5.14.21, false", "5.15.0, true", "5.15.0-91-generic, true", "6.1.0-18-amd64, true", "4.99.1, false",
        "10.0, true", "6.18.44-fc-v657, true", "nonsense, false", "'', false", "99999999999.1, false"
    })
    void releasesAreComparedByNumber(String release, boolean atLeast515) {
        assertThat(KernelRelease.parse(release).atLeast(5, 15)).isEqualTo(atLeast515);
    }

    @Test
    void theReleaseOfThisMachineIsRead() throws IOException {
        String text = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        assertThat(KernelRelease.current().text()).isEqualTo(text);
        assertThat(KernelRelease.current().major()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"6.5.13, CLSACT", "6.6.0, TCX", "5.15.0, CLSACT", "7.0, TCX"})
    void tcxIsTakenFrom66(String release, TcHook hook) {
        assertThat(TcHook.of(KernelRelease.parse(release))).isEqualTo(hook);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|1", "0-1|2", "0-3,8,10-11|7", "0-127|128"})
    void cpusAreCountedInLists(String list, int count) {
        assertThat(PossibleCpus.count(list + "\n")).isEqualTo(count);
    }

    @Test
    void capabilitiesAreBitsOfTheStatusFile() {
        Capabilities some = Capabilities.parse("Name:\tjava\nCapPrm:\tffffffffffffffff\nCapEff:\t0000008000001000\n");
        assertThat(some.has(Capabilities.BPF)).isTrue();
        assertThat(some.has(Capabilities.NET_ADMIN)).isTrue();
        assertThat(some.has(Capabilities.SYS_ADMIN)).isFalse();
        assertThat(Capabilities.parse("Name:\tjava\n")).isEqualTo(new Capabilities(0));
    }

    @Test
    void theUsualBpfFilesystemIsPreferred() {
        String proc = "24 29 0:22 / /proc rw,nosuid - proc proc rw";
        String other = "80 29 0:40 / /mnt/b\\040c rw,relatime shared:9 - bpf bpf rw,mode=700";
        String usual = "31 23 0:28 / /sys/fs/bpf rw,nosuid,nodev,noexec,relatime shared:11 - bpf bpf rw,mode=700";
        assertThat(BpfFilesystem.find(List.of(proc))).isEmpty();
        assertThat(BpfFilesystem.find(List.of(proc, other))).contains(Path.of("/mnt/b c"));
        assertThat(BpfFilesystem.find(List.of(proc, other, usual))).contains(BpfFilesystem.USUAL);
    }
}
