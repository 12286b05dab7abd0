package io.evenkeel.doctor;

import java.util.List;

/**
 * One thing that was found.
 *
 * @param what what was found, naming the interface or address; one sentence without a full stop
 * @param remedies in the order in which to run them; may be empty where no command mends it
 */
public record Finding(Hazard hazard, Severity severity, Subject subject, String what, List<Remedy> remedies) {

    public Finding {
        remedies = List.copyOf(remedies);
    }

    static Finding of(Hazard hazard, Subject subject, String what, Remedy... remedies) {
        return new Finding(hazard, hazard.severity(), subject, what, List.of(remedies));
    }

    Finding as(Severity other) {
        return new Finding(hazard, other, subject, what, remedies);
    }

    /** Why it matters, one sentence. */
    public String why() {
        return hazard.why();
    }
}
