package io.evenkeel.cli;

/** How a command ends. Scripts depend on the numbers: none changes its meaning. 64, 69 and 70 are those of sysexits(3). */
public enum ExitStatus {
    OK(0, "It was done."),
    FAILED(1, "It could not be done, or the director refused; stderr says why."),
    INVALID_CONFIGURATION(2, "The configuration is not usable; with --strict also when there are warnings."),
    UNREADABLE(3, "The configuration file cannot be read."),
    NO_DIRECTOR(4, "No director answers in the runtime directory."),
    USAGE(64, "The command line is wrong."),
    NO_JDK(69, "The launcher found no JDK 25 or newer, or what it was told to use is none."),
    INTERNAL(70, "A bug in Evenkeel.");

    private final int code;
    private final String sentence;

    ExitStatus(int code, String sentence) {
        this.code = code;
        this.sentence = sentence;
    }

    public int code() {
        return code;
    }

    public String sentence() {
        return sentence;
    }
}
