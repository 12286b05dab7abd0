package io.evenkeel.dataplane.socket;

/**
 * Templates of a service with persistence (IPVS): the clients of one prefix go to one realserver. Shared by all workers,
 * since the ports of one client may arrive at several; every method holds the table's lock for some ten nanoseconds.
 */
final class AffinityTable {
    /** Templates of one service at most; beyond, clients are scheduled without affinity and that is counted. */
    static final int MAX_TEMPLATES = 65_536;

    /** No template. */
    static final long NONE = -1;

    /** No room. */
    static final long FULL = -2;

    private final FlowTable templates = new FlowTable(MAX_TEMPLATES);
    private int sweepNext;
    private volatile long timeoutNanos;
    private volatile int prefixLength;

    AffinityTable(long timeoutNanos, int prefixLength) {
        this.timeoutNanos = timeoutNanos;
        this.prefixLength = prefixLength;
    }

    /** Takes the values of a new table. Templates of another prefix length no longer match and run out. */
    void configure(long itsTimeoutNanos, int itsPrefixLength) {
        timeoutNanos = itsTimeoutNanos;
        prefixLength = itsPrefixLength;
    }

    /** The realserver of this client as {@code slot << 16 | generation}, or {@link #NONE}. */
    synchronized long find(boolean v6, long high, long low, long nowNanos) {
        int template = templates.find(0, high(v6, high), low(v6, low), prefixLength, 0, 0);
        if (template < 0 || nowNanos - templates.touchedNanos(template) > timeoutNanos) return NONE;
        return (long) templates.server(template) << 16 | Short.toUnsignedInt(templates.generation(template));
    }

    /**
     * Gives the client, for whom {@link #find} answered {@code found}, to a realserver: unless another worker was first.
     *
     * @return who has the client now, as {@link #find}; {@link #FULL} when there is no room for another template
     */
    synchronized long claim(boolean v6, long high, long low, long found, int slot, int generation, long nowNanos) {
        long now = find(v6, high, low, nowNanos);
        if (now != found) return now;
        if (!put(v6, high, low, slot, generation, nowNanos)) return FULL;
        return (long) slot << 16 | Short.toUnsignedInt((short) generation);
    }

    /** Begins or renews the client's template; false when there is no room for another. */
    synchronized boolean put(boolean v6, long high, long low, int slot, int generation, long nowNanos) {
        int template = templates.find(0, high(v6, high), low(v6, low), prefixLength, 0, 0);
        if (template < 0) {
            sweep(4, nowNanos);
            template = templates.insert(0, high(v6, high), low(v6, low), prefixLength, 0, 0);
            if (template < 0) return false;
        }
        templates.server(template, slot, (short) generation);
        templates.touch(template, nowNanos);
        return true;
    }

    int prefixLength() {
        return prefixLength;
    }

    /** Looks at some templates and removes those whose time is over. */
    private void sweep(int rows, long nowNanos) {
        for (int i = 0; i < rows && templates.rows() > 0; i++) {
            if (sweepNext >= templates.rows()) sweepNext = 0;
            int template = sweepNext++;
            if (templates.used(template) && nowNanos - templates.touchedNanos(template) > timeoutNanos) {
                templates.remove(template);
            }
        }
    }

    private long high(boolean v6, long high) {
        if (!v6 || prefixLength == 0) return 0;
        return prefixLength >= 64 ? high : high & -1L << (64 - prefixLength);
    }

    private long low(boolean v6, long low) {
        int ofLow = v6 ? prefixLength - 64 : prefixLength + 32;
        if (ofLow <= 0 || (!v6 && prefixLength == 0)) return 0;
        return ofLow >= 64 ? low : low & -1L << (64 - ofLow);
    }
}
