package io.evenkeel.dataplane.socket;

/** To be built. */
public final class SocketPlane {
    private SocketPlane() {}
}
