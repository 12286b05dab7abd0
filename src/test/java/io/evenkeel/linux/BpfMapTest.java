package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maps against the kernel: single elements, batches, lanes, pins. */
@Needs({Capability.ROOT, Capability.BPF, Capability.CLANG, Capability.LIBBPF})
class BpfMapTest {

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

    @Test
    void aBatchTellsHowFarItCame() throws IOException {
        try (BpfObject object = loaded();
                BpfMap pairs = object.map("pairs");
                BpfMap lanes = object.map("lanes");
                Arena arena = Arena.ofConfined()) {
            MemorySegment keys = arena.allocate(4 * 6, 8);
            for (int i = 0; i < 6; i++) keys.setAtIndex(JAVA_INT, i, i);
            MemorySegment values = arena.allocate(lanes.elementBytes() * 6L, 8);
            assertThat(pairs.updateBatch(keys, values, 6)).isEqualTo(new BpfMap.Batch(4, -Errno.E2BIG));
            assertThat(pairs.deleteBatch(keys, 6)).isEqualTo(new BpfMap.Batch(4, -Errno.ENOENT));
            assertThat(lanes.deleteBatch(keys, 3)).isEqualTo(new BpfMap.Batch(0, -BpfMap.NOT_FOR_THIS_KIND));
        }
    }

    @Test
    void aWalkThroughAPerCpuMapBringsEveryLane() throws IOException {
        try (BpfObject object = loaded();
                BpfMap lanes = object.map("lanes");
                Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(lanes.elementBytes(), 8);
            int last = PossibleCpus.count() - 1;
            all.set(JAVA_INT, 16L * last, 77);
            assertThat(lanes.update(arena.allocateFrom(JAVA_INT, 1), all, BpfMap.ANY))
                    .isZero();
            MemorySegment keys = arena.allocate(4 * 8, 8);
            MemorySegment values = arena.allocate(lanes.elementBytes() * 8L, 8);
            BpfMap.Batch batch = lanes.lookupBatch(true, arena.allocate(4, 8), keys, values, 8);
            assertThat(batch).isEqualTo(new BpfMap.Batch(3, -Errno.ENOENT));
            assertThat(batch.last()).isTrue();
            assertThat(values.get(JAVA_INT, lanes.elementBytes() + 16L * last)).isEqualTo(77);
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
            MemorySegment memory = arena.allocate(16, 8);
            assertThat(pairs.delete(memory)).isEqualTo(-Errno.EBADF);
            assertThat(pairs.updateBatch(memory, memory, 1)).isEqualTo(new BpfMap.Batch(0, -Errno.EBADF));
        }
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
}
