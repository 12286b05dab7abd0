package io.evenkeel.realserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.Attached;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.NamespaceThread;
import io.evenkeel.linux.TcAttachment;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.TcHook;
import io.evenkeel.model.IpAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of kernels before 6.6, where a filter stays when its process is killed: {@code b1 --- d1}. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF, Capability.BPF})
class LeftoverFilterTest {
    private final Bpf bpf = Bpf.load(Bpf.LIBRARY);

    @TempDir
    Path directory;

    @Test
    void whatAKilledOneLeftAtClsactIsTakenOffAndNothingElse() throws Exception {
        try (Lab lab = Lab.open()) {
            Node node = lab.node("b1");
            lab.link(node, lab.node("d1"));
            NamespaceThread.call(node, () -> {
                try (Receiver killed = load()) {
                    // Closing an attachment at clsact is what the kernel does for a killed process: nothing.
                    killed.attach("d1", TcDirection.INGRESS).close();
                    killed.attach("d1", TcDirection.EGRESS).close();
                }
                assertThat(names(TcDirection.INGRESS)).containsExactly("rs_ingress");
                assertThat(names(TcDirection.EGRESS)).containsExactly("rs_egress");
                try (Receiver next = load()) {
                    assertThat(next.outlives()).isTrue();
                    next.removeLeftover("d1");
                    assertThat(names(TcDirection.INGRESS)).isEmpty();
                    assertThat(names(TcDirection.EGRESS)).isEmpty();
                    // Another program of ours at that hook, as a director has one, is not a leftover of a realserver.
                    TcAttachment other = next.attach("d1", TcDirection.INGRESS);
                    bpf.removeFilter("d1", TcDirection.INGRESS, "ek_ingress");
                    assertThat(names(TcDirection.INGRESS)).containsExactly("rs_ingress");
                    other.detach();
                    next.removeLeftover("gone0");
                }
                return true;
            });
        }
    }

    private List<String> names(TcDirection direction) {
        return bpf.tc("d1", direction).stream().map(Attached::programName).toList();
    }

    private Receiver load() {
        Assignment assignment = new Assignment(
                List.of(IpAddress.of("198.18.0.100")), Set.of(Tunnel.IPIP), 6080, List.of(), 0, List.of(), false);
        return Receiver.load(
                bpf, Receiver.bytes().orElseThrow(), TcHook.CLSACT, assignment, true, directory.resolve("log"));
    }
}
