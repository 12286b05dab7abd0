package io.evenkeel.lab;

import java.time.Duration;

/** Whether scenarios run at full length and several times over: {@code verify --soak}, or -Dscenario.soak=true. */
public final class Soak {
    /** How often each scenario must hold. */
    public static final int REPETITIONS = 5;

    private Soak() {}

    public static boolean on() {
        return Boolean.getBoolean("scenario.soak");
    }

    /** {@code full} in a soak, else {@code brief}. */
    public static Duration length(Duration full, Duration brief) {
        return on() ? full : brief;
    }
}
