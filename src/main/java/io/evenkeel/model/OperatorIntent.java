package io.evenkeel.model;

import java.util.Locale;

/** What the operator asks of a realserver. */
public enum OperatorIntent {
    IN,
    /** Keep flows, take no new ones. */
    DRAINING;

    public String lower() {
        return name().toLowerCase(Locale.ROOT);
    }
}
