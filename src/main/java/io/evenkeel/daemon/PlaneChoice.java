package io.evenkeel.daemon;

import java.util.Locale;

/** Which data plane is wanted: {@code --plane}. */
public enum PlaneChoice {
    /** The kernel plane if it can serve here, else the socket plane; status says why. */
    AUTO,
    KERNEL,
    SOCKET;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
