package io.evenkeel.director;

import java.time.Duration;

/**
 * How often a realserver was suspected lately, so that one which nobody checks, dead under load and suspected every
 * second, does not fill the log. The first {@link #SPOKEN} times within {@link #WINDOW_NANOS} are said, with what ends
 * each; more are counted and said once as a number. Pure; any thread.
 *
 * @param sinceNanos when the window began
 * @param times suspicions that began within it
 * @param quiet the window before had too many, so nothing of this one is said
 */
record Repeats(long sinceNanos, int times, boolean quiet) {

    static final int SPOKEN = 3;

    static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();

    static Repeats none(long nowNanos) {
        return new Repeats(nowNanos, 0, false);
    }

    Repeats began(long nowNanos) {
        boolean first = times == 0 && !quiet;
        boolean over = nowNanos - sinceNanos >= WINDOW_NANOS && unsaid() == 0; // else its sum is about to be said
        return first || over ? new Repeats(nowNanos, 1, false) : new Repeats(sinceNanos, times + 1, quiet);
    }

    /** The suspicion that began last, and its end, are said. */
    boolean spoken() {
        return !quiet && times <= SPOKEN;
    }

    /** The suspicion that began last is the first that is not said. */
    boolean firstUnsaid() {
        return times == (quiet ? 1 : SPOKEN + 1);
    }

    int unsaid() {
        return Math.max(0, quiet ? times : times - SPOKEN);
    }

    /** The window is over, and what was not said of it is said now. */
    Repeats summed(long nowNanos) {
        return new Repeats(nowNanos, 0, true);
    }
}
