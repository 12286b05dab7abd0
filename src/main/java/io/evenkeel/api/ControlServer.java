package io.evenkeel.api;

/** To be built. */
public final class ControlServer {
    private ControlServer() {}
}
