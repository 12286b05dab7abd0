package io.evenkeel.health;

import java.util.OptionalInt;

/** What one probe found. */
public sealed interface ProbeOutcome {

    /** For a person, one line: what was seen, e.g. {@code connected in 0.4 ms}. */
    String evidence();

    /**
     * The service answered as it should.
     *
     * @param weight the weight that a dynamic MISC_CHECK asks for, 0..253
     */
    record Passed(String evidence, OptionalInt weight) implements ProbeOutcome {}

    /**
     * It passes by the check's own rule, yet the service itself has shown no sign of life: a UDP_CHECK that requires no
     * reply and heard nothing, or a PING_CHECK, which the kernel answers even for a stopped process. It raises and holds
     * a check like {@link Passed} (keepalived's meaning), but the verdict stays unknown and never says up.
     */
    record Unproven(String evidence) implements ProbeOutcome {}

    /** It did not. */
    record Failed(String evidence) implements ProbeOutcome {}

    /** The probe is worthless: our own fault (no descriptor, no permission, our own stall). Never counted as a failure. */
    record Worthless(String evidence) implements ProbeOutcome {}
}
