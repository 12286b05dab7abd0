package io.evenkeel.daemon;

import java.util.Locale;

/** Which data plane is wanted: {@code --plane}. */
public enum PlaneChoice {
    /** For now the socket plane, since the kernel plane cannot do all of a configuration yet; status says why. */
    AUTO,
    KERNEL,
    SOCKET;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
