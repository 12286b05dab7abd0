package io.evenkeel.linux;

/** To be built. */
public final class Libc {
    private Libc() {}
}
