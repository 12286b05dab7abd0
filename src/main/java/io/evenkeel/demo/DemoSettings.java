package io.evenkeel.demo;

import io.evenkeel.traffic.SameProgram;

/**
 * How large the demo is.
 *
 * @param program what the children run
 * @param requests datagrams of the first act; a multiple of the number of realservers, so that thirds are exact
 * @param outstanding requests that wait for their reply at any time, at most
 * @param ratePerSecond datagrams a second while a realserver is killed
 */
public record DemoSettings(SameProgram program, int requests, int outstanding, int ratePerSecond) {

    /** Realservers behind the director. */
    public static final int SERVERS = 3;

    public DemoSettings {
        if (requests < SERVERS || requests % SERVERS != 0) {
            throw new IllegalArgumentException("requests must be a multiple of " + SERVERS + ": " + requests);
        }
    }

    /**
     * What {@code evenkeel demo} does: 90,000 requests, 64 of them outstanding, so that the receive buffer an unprivileged
     * process gets is never full.
     */
    public static DemoSettings standard(SameProgram program) {
        return new DemoSettings(program, 90_000, 64, 3_000);
    }
}
