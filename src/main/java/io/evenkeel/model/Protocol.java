package io.evenkeel.model;

import java.util.Locale;

/** The transport protocol of a virtual service. */
public enum Protocol {
    UDP,
    TCP;

    /** {@code udp} or {@code tcp}, as written after the slash of a service's name. */
    public String lower() {
        return name().toLowerCase(Locale.ROOT);
    }
}
