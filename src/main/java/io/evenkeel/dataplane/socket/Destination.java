package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;

/**
 * Where datagrams go: a realserver, or a client. Carries what {@link SendGather} must remember about it, and is told
 * what became of the datagrams. Owned by one worker.
 */
abstract class Destination {
    /** An Ethernet's: what is assumed of a route that has not been asked. */
    static final int ASSUMED_MTU = 1_500;

    private static final int IPV4_HEADERS = 20 + 8;
    private static final int IPV6_HEADERS = 40 + 8;

    boolean v6;
    long high;
    long low;
    int port;
    int scope;

    /** The source address is to be {@link #sourceHigh}, {@link #sourceLow}, not the socket's own. */
    boolean sourceSet;

    long sourceHigh;
    long sourceLow;

    /** Longest payload that the route carries in one packet: longer ones cannot be segments. */
    int largestSegment;

    /** The route has refused UDP_SEGMENT; it is tried again at {@link #segmentAgainNanos}. */
    boolean segmentRefused;

    long segmentAgainNanos;

    // The message being filled in the gather's pass number `pass`; see SendGather.
    long pass;
    int message;
    int messageLength;
    int messageBytes;
    boolean messageOpen;

    final void aim(boolean toV6, long toHigh, long toLow, int toPort, int toScope, int mtu) {
        v6 = toV6;
        high = toHigh;
        low = toLow;
        port = toPort;
        scope = toScope;
        routeMtu(mtu);
        segmentRefused = false;
    }

    final void routeMtu(int mtu) {
        largestSegment = mtu - (v6 ? IPV6_HEADERS : IPV4_HEADERS);
    }

    /** The kernel has taken {@code datagrams} for this destination. */
    abstract void sent(int datagrams);

    /** {@code datagrams} for this destination are lost: {@code reason} is of the direction FORWARD. */
    abstract void lost(int datagrams, DropReason reason);
}
