package io.evenkeel.daemon;

/** To be built. */
public final class Daemon {
    private Daemon() {}
}
