package io.evenkeel.realserver;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import io.evenkeel.linux.BpfMirror;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Java's mirror of {@code src/main/bpf/rs_abi.h}, which says what each member means. When the object is loaded both are
 * compared through its BTF. Constants only; any thread.
 */
final class Abi {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    static final int OUTCOMES = Outcome.values().length;

    static final StructLayout ADDRESS = structLayout(
                    INT.withName("version"), sequenceLayout(4, INT).withName("word"))
            .withName("rs_address");

    static final StructLayout CONTROL = structLayout(
                    INT.withName("tunnels"),
                    SHORT.withName("gue_port"),
                    BYTE.withName("crosses"),
                    BYTE.withName("answers"))
            .withName("rs_control");

    static final StructLayout ASKING = structLayout(
                    ADDRESS.withName("client"), SHORT.withName("client_port"), SHORT.withName("port"))
            .withName("rs_asking");

    static final StructLayout ANSWERS = structLayout(
                    LONG.withName("from_vip"), LONG.withName("mended"), LONG.withName("from_elsewhere"))
            .withName("rs_answers");

    static final StructLayout COUNT = structLayout(
                    sequenceLayout(OUTCOMES, LONG).withName("packets"),
                    sequenceLayout(3, LONG).withName("pad"))
            .withName("rs_count");

    static final StructLayout ABOUT = structLayout(
                    INT.withName("tunnels"), INT.withName("outcomes"), INT.withName("answering"))
            .withName("rs_about");

    /** {@code enum rs_answering}. */
    static final int WATCH = 1;

    static final int MEND = 2;

    static final BpfMirror MIRROR = new BpfMirror(
            List.of(ADDRESS, CONTROL, COUNT, ASKING, ANSWERS, ABOUT),
            Map.of(
                    "rs_tunnel",
                    tunnels(),
                    "rs_outcome",
                    outcomes(),
                    "rs_answering",
                    Map.of("RS_WATCH", WATCH, "RS_MEND", MEND)));

    private Abi() {}

    private static Map<String, Integer> tunnels() {
        Map<String, Integer> constants = new HashMap<>(Map.of("RS_TUNNELS", Tunnel.values().length));
        for (Tunnel tunnel : Tunnel.values()) constants.put("RS_" + tunnel.name(), tunnel.number());
        return constants;
    }

    private static Map<String, Integer> outcomes() {
        Map<String, Integer> constants = new HashMap<>(Map.of("RS_STRIPPED", 0, "RS_OUTCOMES", OUTCOMES));
        for (Outcome outcome : Outcome.values()) {
            if (!outcome.stripped()) {
                constants.put("RS_" + outcome.name(), outcome.number());
            }
        }
        return constants;
    }

    static long offset(StructLayout layout, String member) {
        return layout.byteOffset(groupElement(member));
    }
}
