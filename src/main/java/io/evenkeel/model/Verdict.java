package io.evenkeel.model;

import java.util.Locale;

/** What health says of a realserver. */
public enum Verdict {
    /** Not yet probed, or our own stall or link made the probe worthless. Forwards unless {@code alpha}. */
    UNKNOWN,
    UP,
    /** One passive sign of trouble: takes no new turns while others are up, and is probed at once. */
    SUSPECT,
    FAILED;

    public String lower() {
        return name().toLowerCase(Locale.ROOT);
    }
}
