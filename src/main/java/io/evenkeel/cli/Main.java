package io.evenkeel.cli;

/** To be built. */
public final class Main {
    private Main() {}
}
