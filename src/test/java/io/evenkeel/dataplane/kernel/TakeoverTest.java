package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.Attached;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.NamespaceThread;
import io.evenkeel.linux.PinDirectory;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.TcHook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One set of pins after another process, on a veth pair in namespaces of its own. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF, Capability.BPF})
class TakeoverTest {
    private static final MapSizes SIZES = new MapSizes(16, 64, 32_768, 64, 32);

    private final Bpf bpf = Bpf.load(Bpf.LIBRARY);

    @TempDir
    Path directory;

    /** A process's hold on the kernel. */
    private record Hold(Pins pins, KernelObject object, Attachments attachments, boolean inherited) {
        void leave() {
            attachments.leave();
            object.close();
            pins.close();
        }
    }

    private Hold take(PinDirectory where, TcHook hook) throws Exception {
        Pins pins = ((Pins.Opening.Open) Pins.open(where.path(), "test", Abi.VERSION)).pins();
        byte[] elf = KernelObject.bytes().orElseThrow();
        Takeover.Begun begun = Takeover.begin(bpf, elf, SIZES, pins, directory.resolve("log"));
        assertThat(begun).isInstanceOf(Takeover.Begun.With.class);
        Takeover.Begun.With with = (Takeover.Begun.With) begun;
        Attachments attachments = new Attachments(bpf, with.object(), pins, hook);
        attachments.refresh();
        assertThat(attachments.refusals()).isEmpty();
        return new Hold(pins, with.object(), attachments, with.inherited());
    }

    private List<Attached> programs() {
        return Stream.concat(bpf.xdp("b1").stream(), bpf.tc("b1", TcDirection.EGRESS).stream())
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void theNextProcessReplacesTheProgramsAndKeepsTheMaps(TcHook hook) throws Exception {
        try (Lab lab = Lab.open();
                PinDirectory where = new PinDirectory()) {
            Node node = lab.node("d1");
            lab.link(node, lab.node("b1"));
            node.address("b1", "198.18.0.1/24");
            NamespaceThread.call(node, () -> {
                Hold first = take(where, hook);
                assertThat(first.inherited()).isFalse();
                List<Attached> before = programs();
                assertThat(before).hasSize(2);
                first.object().maps().nextHops().set(JAVA_INT, 128, 42);
                first.leave();
                assertThat(programs()).isEqualTo(before);

                Hold second = take(where, hook);
                assertThat(second.inherited()).isTrue();
                assertThat(second.object().maps().nextHops().get(JAVA_INT, 128)).isEqualTo(42);
                assertThat(programs()).hasSize(2).doesNotContainAnyElementsOf(before);
                assertThat(Pins.open(where.path(), "test", Abi.VERSION)).isInstanceOf(Pins.Opening.Denied.class);
                second.attachments().close();
                assertThat(programs()).isEmpty();
                second.object().close();
                second.pins().remove();
                second.pins().close();
                assertThat(where.path().resolve("evenkeel")).doesNotExist();
                return 0;
            });
        }
    }

    @Test
    void anInterfaceThatHasLeftIsLetGo() throws Exception {
        try (Lab lab = Lab.open();
                PinDirectory where = new PinDirectory()) {
            Node node = lab.node("d1");
            lab.link(node, lab.node("b1"));
            lab.link(node, lab.node("b2"));
            node.address("b1", "198.18.0.1/24").address("b2", "198.18.1.1/24");
            NamespaceThread.call(node, () -> {
                take(where, TcHook.TCX).leave();
                node.ip("link", "del", "b2");
                Hold second = take(where, TcHook.TCX);
                assertThat(programs()).hasSize(2);
                assertThat(Pins.links(second.pins().set())).hasSize(2);
                second.leave();
                // Down is gone too, but there the program has to be taken off.
                node.ip("link", "set", "b1", "down");
                Hold third = take(where, TcHook.TCX);
                assertThat(programs()).isEmpty();
                assertThat(Pins.links(third.pins().set())).isEmpty();
                third.leave();
                return 0;
            });
        }
    }

    @Test
    void whatAnUnfinishedStartLeftIsRemovedAndWhatIsNotOursStays() throws Exception {
        try (Lab lab = Lab.open();
                PinDirectory where = new PinDirectory()) {
            Node node = lab.node("d1");
            lab.link(node, lab.node("b1"));
            node.address("b1", "198.18.0.1/24");
            NamespaceThread.call(node, () -> {
                Path set = where.path().resolve("evenkeel", "test", "v" + Abi.VERSION);
                Path old = where.path().resolve("evenkeel", "test", "v1");
                Files.createDirectories(old);
                Files.createDirectories(set.resolve("theirs"));
                Hold first = take(where, TcHook.TCX);
                assertThat(first.inherited()).isFalse();
                assertThat(old).doesNotExist();
                first.leave();
                Hold second = take(where, TcHook.TCX);
                assertThat(second.inherited()).isTrue();
                second.attachments().close();
                second.object().close();
                second.pins().remove();
                second.pins().close();
                assertThat(Pins.entries(set)).containsExactly(set.resolve("theirs"));
                return 0;
            });
        }
    }
}
