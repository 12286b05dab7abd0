package io.evenkeel.config;

/** What Evenkeel does with a keyword. */
enum Support {
    BUILT("built"),
    /** Ours; keepalived does not know it. */
    EXTENSION("built, extension"),
    /** Accepted, and nothing is missing without it: a notice. */
    HARMLESS("no effect"),
    /** Forwarding is the same without it, but something written is not done: a warning. */
    NOT_BUILT("not built yet"),
    /** Something else would be forwarded, or elsewhere: an error. */
    NOT_BUILT_FORWARDING("not built yet, changes what is forwarded");

    private final String words;

    Support(String words) {
        this.words = words;
    }

    /** As the page of keywords says it. */
    String words() {
        return words;
    }

    boolean works() {
        return this == BUILT || this == EXTENSION;
    }
}
