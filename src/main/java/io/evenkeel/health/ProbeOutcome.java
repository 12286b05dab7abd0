package io.evenkeel.health;

import java.util.OptionalInt;

/** What one probe found. */
public sealed interface ProbeOutcome {

    /** For a person: what was seen, e.g. {@code connected in 0.4 ms}. */
    String evidence();

    /**
     * It answered as it should.
     *
     * @param weight the weight that a dynamic MISC_CHECK asks for
     */
    record Passed(String evidence, OptionalInt weight) implements ProbeOutcome {}

    /** It did not. */
    record Failed(String evidence) implements ProbeOutcome {}

    /** The probe is worthless: our own fault (no descriptor, no permission, our own stall). Never counted as a failure. */
    record Worthless(String evidence) implements ProbeOutcome {}
}
