package io.evenkeel.lab;

import java.util.List;

/**
 * What became of a scenario on one plane and one rig.
 *
 * @param id as in the list of scenarios, e.g. {@code S1}
 * @param variant which of its parts, e.g. {@code 5:3:2}
 * @param attempts 1 unless some were void
 * @param reason why it failed, is void or was skipped; else empty
 */
record ScenarioRow(
        String id,
        String plane,
        String rig,
        String variant,
        Outcome outcome,
        int attempts,
        String reason,
        List<Figure> figures) {

    enum Outcome {
        HELD,
        FAILED,
        VOID,
        SKIPPED
    }

    /** What the checked-in list calls it. */
    String key() {
        return String.join(" | ", id, plane, rig, variant);
    }
}
