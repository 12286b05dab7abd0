package io.evenkeel.traffic;

/** To be built. */
public final class NumberedSender {
    private NumberedSender() {}
}
