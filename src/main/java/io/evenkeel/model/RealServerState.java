package io.evenkeel.model;

import java.util.Locale;

/** The state shown: the first that holds of the three axes verdict, operator and weight 0. */
public enum RealServerState {
    FAILED,
    DRAINING,
    QUIESCED,
    SUSPECT,
    UNKNOWN,
    UP;

    /** The shown state for the three axes; {@code weight} is the effective one, ≥ 0. */
    public static RealServerState of(Verdict verdict, OperatorIntent operator, int weight) {
        if (verdict == Verdict.FAILED) return FAILED;
        if (operator == OperatorIntent.DRAINING) return DRAINING;
        if (weight == 0) return QUIESCED;
        return switch (verdict) {
            case SUSPECT -> SUSPECT;
            case UNKNOWN -> UNKNOWN;
            case UP -> UP;
            case FAILED -> throw new AssertionError("handled above");
        };
    }

    public String lower() {
        return name().toLowerCase(Locale.ROOT);
    }
}
