package io.evenkeel.director;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The deadlines of the director, nearest first. Its thread alone. Deadlines are compared by subtraction. */
final class Timers {

    private record Deadline(long atNanos, long serial, TimerKey key) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            long apart = atNanos - other.atNanos;
            return apart != 0 ? Long.signum(apart) : Long.compare(serial, other.serial);
        }
    }

    private final TreeSet<Deadline> byTime = new TreeSet<>();
    private final Map<TimerKey, Deadline> byKey = new HashMap<>();
    private long serial;

    /** Replaces an earlier deadline of the same key. */
    void set(TimerKey key, long atNanos) {
        cancel(key);
        Deadline deadline = new Deadline(atNanos, serial++, key);
        byTime.add(deadline);
        byKey.put(key, deadline);
    }

    void cancel(TimerKey key) {
        Deadline deadline = byKey.remove(key);
        if (deadline != null) byTime.remove(deadline);
    }

    /** Takes the nearest deadline that has come; null if none has. */
    @Nullable
    TimerKey due(long nowNanos) {
        if (byTime.isEmpty() || byTime.first().atNanos - nowNanos > 0) return null;
        TimerKey key = byTime.removeFirst().key;
        byKey.remove(key);
        return key;
    }

    /** From {@code nowNanos} to the nearest deadline, at most {@code most}; 0 or below when it has come. */
    long nanosToNext(long nowNanos, long most) {
        return byTime.isEmpty() ? most : Math.min(most, byTime.first().atNanos - nowNanos);
    }

    int size() {
        return byTime.size();
    }
}
