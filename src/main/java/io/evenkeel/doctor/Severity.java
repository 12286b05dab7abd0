package io.evenkeel.doctor;

/** How bad a finding is, from the mildest. */
public enum Severity {
    OK("Looked at, and as it should be."),
    NOTE("Worth knowing; nothing is lost by it."),
    HAZARD("Packets can be lost, go the wrong way or arrive damaged."),
    STOPS("What was asked for cannot run at all.");

    private final String sentence;

    Severity(String sentence) {
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }
}
