package io.evenkeel.dataplane.kernel;

/**
 * What the follower did since it was opened. Immutable.
 *
 * @param events changes that the kernel told unasked
 * @param unreadable of them, those that could not be understood; the tables were read again
 * @param missed times that the kernel dropped events because we were too slow; the tables were read again
 * @param readings of all tables, the first included
 * @param questions route lookups
 * @param probes neighbours that the kernel was made to ask for
 * @param probesHeld times that a due probe had to wait for the rate bound
 * @param changes next hops handed to the listener
 * @param refused requests that the kernel refused, lookups that found no way not counted
 * @param lastRefusal why, for people; empty if none was refused
 */
public record FollowerCounts(
        long events,
        long unreadable,
        long missed,
        long readings,
        long questions,
        long probes,
        long probesHeld,
        long changes,
        long refused,
        String lastRefusal) {}
