package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PathCounter;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Shows one worker's counters to readers at batch boundaries: only those of services that the batch touched. The
 * worker's thread calls everything but {@link #path}.
 */
final class CounterPublisher {
    private final LaneCounters[] touched = new LaneCounters[2 * ForwardingTable.MAX_SERVICES]; // retired ones included
    private int count;
    private final long[] paths = new long[PathCounter.values().length];
    private final AtomicLongArray publishedPaths = new AtomicLongArray(paths.length);
    private boolean pathsTouched;

    void add(LaneCounters counters) {
        if (count == touched.length) publish(); // cannot happen within a batch: it touches one service
        touched[count++] = counters;
    }

    /** Counts one of the ways packets take. */
    void count(PathCounter path, long n) {
        paths[index(path)] += n;
        pathsTouched = true;
    }

    /** A batch has ended: both laws hold now. */
    void publish() {
        for (int i = 0; i < count; i++) touched[i].publish();
        count = 0;
        if (!pathsTouched) return;
        pathsTouched = false;
        for (int i = 0; i < paths.length; i++) publishedPaths.setOpaque(i, paths[i]);
    }

    /** What was last shown. Any thread. */
    long path(PathCounter path) {
        return publishedPaths.getOpaque(index(path));
    }

    @SuppressWarnings("EnumOrdinal") // an index within this run, nothing that is stored
    private static int index(PathCounter path) {
        return path.ordinal();
    }
}
