package io.evenkeel.linux;

import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects and programs against the kernel; nothing is attached. */
@Needs({Capability.ROOT, Capability.BPF, Capability.CLANG, Capability.LIBBPF})
class BpfObjectTest {

    @TempDir
    Path directory;

    private Bpf bpf;

    @BeforeEach
    void load() {
        bpf = Bpf.load(Bpf.LIBRARY);
    }

    private BpfObject open(String source) throws IOException {
        return bpf.open(BpfSource.compile(source, directory), source);
    }

    private BpfObject loaded() throws IOException {
        BpfObject object = open("probe.bpf.c");
        object.load(directory.resolve("log"));
        return object;
    }

    @Test
    void whatIsNoObjectIsRefusedInOneSentence() {
        assertThatThrownBy(() -> bpf.open(new byte[64], "nonsense"))
                .isInstanceOf(BpfException.class)
                .hasMessageStartingWith("nonsense is not a BPF object that libbpf can open");
    }

    @Test
    void aRefusalOfTheVerifierShowsTheTellingLinesAndSavesTheLog() throws IOException {
        Path log = directory.resolve("verifier.log");
        try (BpfObject object = open("refused.bpf.c")) {
            assertThatThrownBy(() -> object.load(log))
                    .isInstanceOf(BpfException.class)
                    .hasMessageStartingWith("refused.bpf.c was refused (full log in " + log + "): permission denied")
                    .hasMessageContaining("\n  ; return start[30] ? XDP_PASS : XDP_DROP;")
                    .hasMessageContaining("\n  1: (71) r1 = *(u8 *)(r1 +30)")
                    .hasMessageContaining("\n  invalid access to packet, off=30 size=1")
                    .message()
                    .hasLineCount(5);
        }
        assertThat(log).content().contains("BEGIN PROG LOAD LOG", "invalid access to packet", "processed 2 insns");
    }

    @Test
    void aLogThatCannotBeWrittenDoesNotHideTheRefusal() throws IOException {
        Path log = directory.resolve("no/such/directory/log");
        try (BpfObject object = open("refused.bpf.c")) {
            assertThatThrownBy(() -> object.load(log))
                    .isInstanceOf(BpfException.class)
                    .hasMessageContaining("could not be written")
                    .hasMessageContaining("invalid access to packet");
        }
    }

    @Test
    void nothingIsSavedWhereNothingIsRefused() throws IOException {
        try (BpfObject _ = loaded()) {
            assertThat(directory.resolve("log")).doesNotExist();
        }
    }

    @Test
    void whatTheObjectDoesNotHaveIsNamed() throws IOException {
        try (BpfObject object = loaded()) {
            assertThatThrownBy(() -> object.map("nothing")).hasMessage("probe.bpf.c has no map nothing");
            assertThatThrownBy(() -> object.program("nothing")).hasMessage("probe.bpf.c has no program nothing");
        }
    }

    @Test
    void aTestRunGivesTheExactPacketAndVerdict() throws IOException {
        try (BpfObject object = loaded();
                BpfProgram program = object.program("swap_and_grow")) {
            byte[] packet = new byte[60];
            for (int i = 0; i < packet.length; i++) packet[i] = (byte) i;
            BpfProgram.TestRun run = program.testRun(packet, 1);
            assertThat(run.answer()).isEqualTo(3); // XDP_TX
            byte[] expected = new byte[61];
            expected[0] = (byte) 0xee;
            for (int i = 0; i < 6; i++) {
                expected[1 + i] = (byte) (6 + i);
                expected[7 + i] = (byte) i;
            }
            for (int i = 12; i < 60; i++) expected[1 + i] = (byte) i;
            assertThat(run.packet()).isEqualTo(expected);
        }
    }

    @Test
    void theKernelTellsHowLargeAProgramBecame() throws IOException {
        try (BpfObject object = loaded();
                BpfProgram program = object.program("swap_and_grow")) {
            assertThat(program.info().name()).isEqualTo("swap_and_grow");
            assertThat(program.info().jitedBytes()).isBetween(50, 1_000);
            assertThat(program.info().verifiedInstructions()).isBetween(20, 1_000);
        }
    }

    @Test
    void layoutsThatAgreeAreAccepted() throws IOException {
        try (BpfObject object = open("probe.bpf.c")) {
            object.require(
                    new BpfMirror(List.of(pair(JAVA_SHORT)), Map.of("colour", Map.of("RED", 3, "BLUE", 70_000))));
        }
    }

    @Test
    void everyDifferenceOfLayoutIsNamed() throws IOException {
        MemoryLayout wrong = structLayout(
                JAVA_INT.withName("first"),
                JAVA_INT.withName("second"),
                MemoryLayout.sequenceLayout(2, JAVA_BYTE).withName("third"),
                MemoryLayout.paddingLayout(6),
                JAVA_LONG.withName("last"));
        try (BpfObject object = open("probe.bpf.c")) {
            assertThatThrownBy(() -> object.require(new BpfMirror(
                            List.of(
                                    (StructLayout) wrong.withName("pair"),
                                    structLayout(JAVA_INT.withName("x")).withName("nobody")),
                            Map.of("colour", Map.of("RED", 4, "GREEN", 5)))))
                    .isInstanceOf(BpfException.class)
                    .hasMessageStartingWith(
                            "probe.bpf.c and Java disagree on their records, so they were not built together: ")
                    .hasMessageContaining("struct pair has 16 bytes, Java's 24")
                    .hasMessageContaining("struct pair: second is 2 bytes at 4, Java's 4 bytes at 4")
                    .hasMessageContaining("struct pair: third is 2 bytes at 6, Java's 2 bytes at 8")
                    .hasMessageContaining("struct pair: fourth is 8 bytes at 8, Java has none")
                    .hasMessageContaining("struct pair: Java has last, the object has none")
                    .hasMessageContaining("the object knows no struct nobody")
                    .hasMessageContaining("enum colour: RED is 3, Java's 4")
                    .hasMessageContaining("enum colour: BLUE is 70000, Java has none")
                    .hasMessageContaining("enum colour: Java has GREEN, the object has none");
        }
    }

    private static StructLayout pair(MemoryLayout second) {
        return structLayout(
                        JAVA_INT.withName("first"),
                        second.withName("second"),
                        MemoryLayout.sequenceLayout(2, JAVA_BYTE).withName("third"),
                        JAVA_LONG.withName("fourth"))
                .withName("pair");
    }

    @Test
    void lockedMemoryIsNotAskedFor() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        String before = Command.run("prlimit", "--pid", pid, "--memlock", "--raw", "--noheadings", "-o", "SOFT")
                .strip();
        Command.run("prlimit", "--pid", pid, "--memlock=0:");
        try (BpfObject object = loaded();
                BpfMap pairs = object.map("pairs")) {
            assertThat(pairs.id()).isPositive();
        } finally {
            Command.run("prlimit", "--pid", pid, "--memlock=" + before + ":");
        }
    }

    @Test
    void mapsAndProgramsOutliveTheirObject() throws IOException {
        BpfObject object = loaded();
        try (BpfMap pairs = object.map("pairs");
                BpfProgram program = object.program("foreign_pass");
                Arena arena = Arena.ofConfined()) {
            object.close();
            assertThat(pairs.lookup(arena.allocate(4, 8), arena.allocate(16, 8)))
                    .isEqualTo(-Errno.ENOENT);
            assertThat(program.testRun(new byte[60], 1).answer()).isEqualTo(2); // XDP_PASS
            assertThatThrownBy(() -> object.map("pairs")).hasMessage("probe.bpf.c is closed");
        }
    }

    @Test
    void noDescriptorIsLeftOpen() throws IOException {
        try (BpfObject object = loaded()) {
            object.map("pairs").close();
        }
        long before = descriptors();
        try (BpfObject object = loaded();
                BpfMap pairs = object.map("pairs");
                BpfProgram program = object.program("foreign_pass")) {
            assertThat(descriptors()).isGreaterThan(before);
            assertThat(pairs.id()).isNotEqualTo(program.info().id());
        }
        assertThat(descriptors()).isEqualTo(before);
    }

    /** Descriptors of this process that are of BPF. */
    private static long descriptors() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : all) {
                if (Files.isSymbolicLink(fd)
                        && Files.readSymbolicLink(fd).toString().startsWith("anon_inode:bpf")) count++;
            }
        }
        return count;
    }

    @Test
    void pinsOfADeadProcessAreRemovedByTheNext() throws Exception {
        Process owner = new ProcessBuilder("true").start();
        owner.waitFor();
        Path leftover = Files.createTempDirectory("ek-pins-" + owner.pid() + "-");
        Command.run("mount", "-t", "bpf", "ek-pins", leftover.toString());
        try (PinDirectory pins = new PinDirectory()) {
            assertThat(leftover).doesNotExist();
            assertThat(BpfFilesystem.find()).isPresent();
            assertThat(pins.path()).isDirectory();
        }
    }

    @Test
    void aMissingLibraryIsNamedWithoutAStackOfCauses() {
        assertThatThrownBy(() -> Bpf.load("/nowhere/libbpf.so.1"))
                .isInstanceOf(BpfException.class)
                .hasNoCause()
                .hasMessage("needs /nowhere/libbpf.so.1, which is not on this machine");
    }

    @Test
    void aLibraryThatIsNotLibbpfOneIsNamed() {
        assertThatThrownBy(() -> Bpf.load("libc.so.6"))
                .isInstanceOf(BpfException.class)
                .hasMessage("needs libbpf 1.0 or newer: libc.so.6 has no bpf_object__open_mem");
    }
}
