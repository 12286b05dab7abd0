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
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects, maps and programs against the kernel; nothing is attached. */
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
    void elementsAreInsertedFoundOverwrittenAndRemoved() throws IOException {
        try (BpfObject object = loaded();
                BpfMap pairs = object.map("pairs");
                Arena arena = Arena.ofConfined()) {
            assertThat(pairs.name()).isEqualTo("pairs");
            assertThat(List.of(pairs.keyBytes(), pairs.valueBytes(), pairs.maxEntries()))
                    .containsExactly(4, 16, 4);
            MemorySegment key = arena.allocateFrom(JAVA_INT, 7);
            MemorySegment value = arena.allocate(16, 8);
            assertThat(pairs.lookup(key, value)).isEqualTo(-Errno.ENOENT);
            assertThat(pairs.update(key, value, BpfMap.OLD_ONLY)).isEqualTo(-Errno.ENOENT);
            value.set(JAVA_LONG, 8, 0x0102030405060708L);
            assertThat(pairs.update(key, value, BpfMap.NEW_ONLY)).isZero();
            assertThat(pairs.update(key, value, BpfMap.NEW_ONLY)).isEqualTo(-Errno.EEXIST);
            MemorySegment found = arena.allocate(16, 8);
            assertThat(pairs.lookup(key, found)).isZero();
            assertThat(found.get(JAVA_LONG, 8)).isEqualTo(0x0102030405060708L);
            assertThat(pairs.delete(key)).isZero();
            assertThat(pairs.delete(key)).isEqualTo(-Errno.ENOENT);
        }
    }

    @Test
    void aFullMapSaysSo() throws IOException {
        try (BpfObject object = open("probe.bpf.c");
                Arena arena = Arena.ofConfined()) {
            object.maxEntries("pairs", 2);
            object.load(directory.resolve("log"));
            try (BpfMap pairs = object.map("pairs")) {
                assertThat(pairs.maxEntries()).isEqualTo(2);
                MemorySegment value = arena.allocate(16, 8);
                for (int key = 0; key < 2; key++) {
                    assertThat(pairs.update(arena.allocateFrom(JAVA_INT, key), value, BpfMap.ANY))
                            .isZero();
                }
                assertThat(pairs.update(arena.allocateFrom(JAVA_INT, 2), value, BpfMap.ANY))
                        .isEqualTo(-Errno.E2BIG);
            }
        }
    }

    @Test
    void manyElementsGoInAndOutInBatches() throws IOException {
        int count = 5_000;
        try (BpfObject object = open("probe.bpf.c");
                Arena arena = Arena.ofConfined()) {
            object.maxEntries("pairs", count);
            object.load(directory.resolve("log"));
            try (BpfMap pairs = object.map("pairs")) {
                MemorySegment keys = arena.allocate(4L * count, 8);
                MemorySegment values = arena.allocate(16L * count, 8);
                for (int i = 0; i < count; i++) {
                    keys.setAtIndex(JAVA_INT, i, i);
                    values.setAtIndex(JAVA_LONG, 2L * i + 1, 3L * i);
                }
                assertThat(pairs.updateBatch(keys, values, count)).isEqualTo(new BpfMap.Batch(count, 0));

                assertThat(walk(pairs, arena))
                        .hasSize(count)
                        .allSatisfy((k, v) -> assertThat(v).isEqualTo(3L * k));

                assertThat(pairs.deleteBatch(keys, count)).isEqualTo(new BpfMap.Batch(count, 0));
                assertThat(walk(pairs, arena)).isEmpty();
            }
        }
    }

    private static Map<Integer, Long> walk(BpfMap pairs, Arena arena) {
        int most = 512;
        MemorySegment cursor = arena.allocate(4, 8);
        MemorySegment keys = arena.allocate(4L * most, 8);
        MemorySegment values = arena.allocate(16L * most, 8);
        Map<Integer, Long> found = new HashMap<>();
        boolean first = true;
        for (int round = 0; round < 1_000; round++) {
            BpfMap.Batch batch = pairs.lookupBatch(first, cursor, keys, values, most);
            for (int i = 0; i < batch.count(); i++) {
                found.put(keys.getAtIndex(JAVA_INT, i), values.getAtIndex(JAVA_LONG, 2L * i + 1));
            }
            if (batch.last()) return found;
            Libc.require(batch.result(), "lookup batch", "pairs");
            first = false;
        }
        throw new AssertionError("the walk does not end");
    }

    @Test
    void aPerCpuMapHandsOutALaneForEachPossibleCpu() throws IOException {
        try (BpfObject object = loaded();
                BpfMap lanes = object.map("lanes");
                Arena arena = Arena.ofConfined()) {
            int cpus = PossibleCpus.count();
            assertThat(lanes.laneBytes()).isEqualTo(16);
            assertThat(lanes.elementBytes()).isEqualTo(16 * cpus);
            MemorySegment key = arena.allocateFrom(JAVA_INT, 2);
            MemorySegment all = arena.allocate(lanes.elementBytes(), 8);
            for (int cpu = 0; cpu < cpus; cpu++) all.set(JAVA_INT, 16L * cpu + 8, 100 + cpu);
            assertThat(lanes.update(key, all, BpfMap.ANY)).isZero();
            MemorySegment found = arena.allocate(lanes.elementBytes(), 8);
            assertThat(lanes.lookup(key, found)).isZero();
            for (int cpu = 0; cpu < cpus; cpu++) {
                assertThat(found.get(JAVA_INT, 16L * cpu + 8)).isEqualTo(100 + cpu);
            }
            assertThat(lanes.update(arena.allocateFrom(JAVA_INT, 3), all, BpfMap.ANY))
                    .isEqualTo(-Errno.E2BIG);
        }
    }

    @Test
    void memoryThatIsTooShortNeverGetsToTheKernel() throws IOException {
        try (BpfObject object = loaded();
                BpfMap pairs = object.map("pairs");
                Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(4, 8);
            MemorySegment value = arena.allocate(15, 8);
            assertThatThrownBy(() -> pairs.lookup(key, value)).hasMessage("15 bytes where the map needs 16");
            MemorySegment heap = MemorySegment.ofArray(new byte[16]);
            assertThatThrownBy(() -> pairs.lookup(key, heap)).hasMessage("not native memory");
        }
    }

    @Test
    void aClosedMapAnswersBadDescriptor() throws IOException {
        try (BpfObject object = loaded();
                Arena arena = Arena.ofConfined()) {
            BpfMap pairs = object.map("pairs");
            pairs.close();
            pairs.close();
            assertThat(pairs.delete(arena.allocate(4, 8))).isEqualTo(-Errno.EBADF);
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
                                    (java.lang.foreign.StructLayout) wrong.withName("pair"),
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

    private static java.lang.foreign.StructLayout pair(MemoryLayout second) {
        return structLayout(
                        JAVA_INT.withName("first"),
                        second.withName("second"),
                        MemoryLayout.sequenceLayout(2, JAVA_BYTE).withName("third"),
                        JAVA_LONG.withName("fourth"))
                .withName("pair");
    }

    @Test
    void aPinnedMapOutlivesItsObjectAndIsUsedAgain() throws IOException {
        try (PinDirectory pins = new PinDirectory();
                Arena arena = Arena.ofConfined()) {
            Path pin = pins.path().resolve("pairs");
            MemorySegment key = arena.allocateFrom(JAVA_INT, 9);
            MemorySegment value = arena.allocate(16, 8);
            value.set(JAVA_LONG, 8, 42);
            int id;
            try (BpfObject object = loaded();
                    BpfMap pairs = object.map("pairs")) {
                assertThat(pairs.update(key, value, BpfMap.ANY)).isZero();
                assertThat(pairs.pin(pin)).isZero();
                assertThat(pairs.pin(pin)).isEqualTo(-Errno.EEXIST);
                id = pairs.id();
            }
            try (BpfObject object = open("probe.bpf.c");
                    BpfMap pinned = BpfMap.open(pin)) {
                object.reuse("pairs", pinned);
                object.load(directory.resolve("log"));
                try (BpfMap pairs = object.map("pairs")) {
                    assertThat(pairs.id()).isEqualTo(id);
                    MemorySegment found = arena.allocate(16, 8);
                    assertThat(pairs.lookup(key, found)).isZero();
                    assertThat(found.get(JAVA_LONG, 8)).isEqualTo(42);
                }
            }
            Files.delete(pin);
            assertThatThrownBy(() -> BpfMap.open(pin))
                    .isInstanceOf(SyscallException.class)
                    .hasMessage("open pinned map " + pin + ": no such file or directory");
        }
    }

    @Test
    void aPinnedMapOfAnotherShapeIsRefused() throws IOException {
        try (PinDirectory pins = new PinDirectory()) {
            Path pin = pins.path().resolve("lanes");
            try (BpfObject object = loaded();
                    BpfMap lanes = object.map("lanes")) {
                assertThat(lanes.pin(pin)).isZero();
            }
            try (BpfObject object = open("probe.bpf.c");
                    BpfMap pinned = BpfMap.open(pin)) {
                assertThatThrownBy(() -> object.reuse("pairs", pinned))
                        .isInstanceOf(BpfException.class)
                        .hasMessage("map pairs exists with kind 6, this build's has 1: it was made by another version");
            }
        }
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
