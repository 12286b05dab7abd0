package io.evenkeel.dataplane.socket;

import org.jspecify.annotations.Nullable;

/**
 * Connections in the order in which something last happened to them, so that those whose time is over stand at the head.
 * A connection is in one queue at most. Owned by one worker; every method takes constant time.
 */
final class StreamQueue {
    private @Nullable StreamConnection oldest;
    private @Nullable StreamConnection newest;

    void add(StreamConnection connection, long nowNanos) {
        connection.queue = this;
        connection.queuedNanos = nowNanos;
        connection.newer = null;
        connection.older = newest;
        if (newest == null) oldest = connection;
        else newest.newer = connection;
        newest = connection;
    }

    void remove(StreamConnection connection) {
        StreamConnection before = connection.older;
        StreamConnection after = connection.newer;
        if (before == null) oldest = after;
        else before.newer = after;
        if (after == null) newest = before;
        else after.older = before;
        connection.queue = null;
        connection.older = null;
        connection.newer = null;
    }

    /** Something has happened to it now. */
    void renew(StreamConnection connection, long nowNanos) {
        if (newest == connection) {
            connection.queuedNanos = nowNanos;
            return;
        }
        remove(connection);
        add(connection, nowNanos);
    }

    /** The one that has waited longest, or null. */
    @Nullable
    StreamConnection first() {
        return oldest;
    }

    /** The one to which something happened last, or null. */
    @Nullable
    StreamConnection last() {
        return newest;
    }

    /** The one that has waited longest, if that is at least {@code nanos}; else null. */
    @Nullable
    StreamConnection waiting(long nanos, long nowNanos) {
        StreamConnection first = oldest;
        return first != null && nowNanos - first.queuedNanos >= nanos ? first : null;
    }
}
