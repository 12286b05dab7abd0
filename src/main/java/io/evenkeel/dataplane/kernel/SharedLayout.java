package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.MemoryLayout.structLayout;

import io.evenkeel.linux.BpfMirror;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Java's mirror of src/main/bpf/layout.h: every record and number that is shared with the BPF programs, once. Compared with
 * the object's own type information whenever it is opened. Immutable; any thread.
 */
final class SharedLayout {
    private SharedLayout() {}

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** Of everything below; maps that an older program left pinned carry the old one. */
    static final int VERSION = 1;

    static final StructLayout COUNT =
            structLayout(LONG.withName("packets"), LONG.withName("datagrams")).withName("ek_count");

    static final long COUNT_PACKETS = COUNT.byteOffset(PathElement.groupElement("packets"));
    static final long COUNT_DATAGRAMS = COUNT.byteOffset(PathElement.groupElement("datagrams"));

    static final StructLayout ABOUT = structLayout(
                    INT.withName("version"), INT.withName("hooks"), INT.withName("verdicts"), INT.withName("pad"))
            .withName("ek_about");

    static final BpfMirror MIRROR = new BpfMirror(
            List.of(COUNT, ABOUT),
            Map.of("ek_layout", Map.of("EK_LAYOUT_VERSION", VERSION), "ek_hook", hooks(), "ek_verdict", verdicts()));

    private static Map<String, Integer> hooks() {
        Map<String, Integer> constants = new HashMap<>(Map.of("EK_HOOKS", Hook.COUNT));
        for (Hook hook : Hook.values()) constants.put(hook.constant(), hook.number());
        return constants;
    }

    private static Map<String, Integer> verdicts() {
        Map<String, Integer> constants = new HashMap<>(Map.of("EK_VERDICTS", KernelVerdict.COUNT));
        for (KernelVerdict verdict : KernelVerdict.values()) constants.put(verdict.constant(), verdict.number());
        return constants;
    }
}
