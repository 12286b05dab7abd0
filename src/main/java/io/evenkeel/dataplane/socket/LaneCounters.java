package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * One service's counters as one worker keeps them: plain arrays that only the worker writes, copied at each batch
 * boundary into arrays that any thread may read under a sequence lock. Both accounting laws hold at a batch boundary, so
 * they hold in every reading.
 */
final class LaneCounters {
    static final int RECEIVED = 0;
    static final int FORWARDED = 1;
    static final int REPLIES_RECEIVED = 2;
    static final int REPLIES = 3;
    static final int FLOWS_MOVED = 4;
    private static final int FIRST_REASON = 5;
    private static final int REASONS = DropReason.values().length;
    private static final int COUNTERS = FIRST_REASON + REASONS;

    private static final VarHandle SEQUENCE;

    static {
        try {
            SEQUENCE = MethodHandles.lookup().findVarHandle(LaneCounters.class, "sequence", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final CounterPublisher publisher;
    private final long[] working = new long[COUNTERS];
    private long[] serverForwarded = new long[0];
    private long[] serverReplies = new long[0];
    private int[] dirtyServers = new int[0];
    private boolean[] serverDirty = new boolean[0];
    private int dirtyServerCount;
    private boolean dirty;

    @SuppressWarnings("unused") // read and written through SEQUENCE; odd while the arrays below are being written
    private int sequence;

    private final long[] published = new long[COUNTERS];
    private long[] publishedForwarded = new long[0];
    private long[] publishedReplies = new long[0];

    LaneCounters(CounterPublisher publisher) {
        this.publisher = publisher;
    }

    /** Adds {@code n} to one of the counters named here. Worker's thread. */
    void add(int counter, long n) {
        working[counter] += n;
        touch();
    }

    /** Counts packets that were dropped, or replies not returned. Worker's thread. */
    void drop(DropReason reason, long n) {
        working[index(reason)] += n;
        touch();
    }

    /** Counts datagrams accepted for sending to the realserver in {@code slot}. Worker's thread. */
    void forwarded(int slot, int n) {
        working[FORWARDED] += n;
        serverForwarded[slot] += n;
        touchServer(slot);
    }

    /** Counts a reply that came from the realserver in {@code slot}. Worker's thread. */
    void repliedBy(int slot, int n) {
        serverReplies[slot] += n;
        touchServer(slot);
    }

    @SuppressWarnings("EnumOrdinal") // an index within this run, nothing that is stored
    private static int index(DropReason reason) {
        return FIRST_REASON + reason.ordinal();
    }

    private void touchServer(int slot) {
        if (!serverDirty[slot]) {
            serverDirty[slot] = true;
            dirtyServers[dirtyServerCount++] = slot;
        }
        touch();
    }

    private void touch() {
        if (dirty) return;
        dirty = true;
        publisher.add(this);
    }

    /** Makes room for realserver slots 0..{@code slots}−1. Worker's thread, when a table is installed. */
    void reserve(int slots) {
        if (slots <= serverForwarded.length) return;
        serverForwarded = Arrays.copyOf(serverForwarded, slots);
        serverReplies = Arrays.copyOf(serverReplies, slots);
        dirtyServers = Arrays.copyOf(dirtyServers, slots);
        serverDirty = Arrays.copyOf(serverDirty, slots);
        long[] forwarded = Arrays.copyOf(publishedForwarded, slots);
        long[] replies = Arrays.copyOf(publishedReplies, slots);
        int before = beginWrite();
        publishedForwarded = forwarded;
        publishedReplies = replies;
        endWrite(before);
    }

    /** A slot was given to another realserver: it starts at zero. Worker's thread. */
    void resetServer(int slot) {
        serverForwarded[slot] = 0;
        serverReplies[slot] = 0;
        touchServer(slot);
    }

    /** Shows the counters to readers. Worker's thread, between two batches. */
    void publish() {
        int before = beginWrite();
        System.arraycopy(working, 0, published, 0, COUNTERS);
        for (int i = 0; i < dirtyServerCount; i++) {
            int slot = dirtyServers[i];
            publishedForwarded[slot] = serverForwarded[slot];
            publishedReplies[slot] = serverReplies[slot];
            serverDirty[slot] = false;
        }
        endWrite(before);
        dirtyServerCount = 0;
        dirty = false;
    }

    private int beginWrite() {
        int before = (int) SEQUENCE.get(this);
        SEQUENCE.setOpaque(this, before + 1);
        VarHandle.storeStoreFence();
        return before;
    }

    private void endWrite(int before) {
        SEQUENCE.setRelease(this, before + 2);
    }

    /** Adds what was last published to a sum over the workers. Any thread; a writer holds it up for nanoseconds. */
    void addTo(Sum sum) {
        long[] service = new long[COUNTERS];
        while (true) {
            int before = (int) SEQUENCE.getAcquire(this);
            if ((before & 1) == 0) {
                System.arraycopy(published, 0, service, 0, COUNTERS);
                long[] forwarded = publishedForwarded.clone();
                long[] replies = publishedReplies.clone();
                VarHandle.loadLoadFence();
                if ((int) SEQUENCE.getOpaque(this) == before) {
                    sum.add(service, forwarded, replies);
                    return;
                }
            }
            Thread.onSpinWait();
        }
    }

    /** The counters of one service over all workers. */
    static final class Sum {
        private final long[] service = new long[COUNTERS];
        private long[] forwarded = new long[0];
        private long[] replies = new long[0];

        private void add(long[] moreService, long[] moreForwarded, long[] moreReplies) {
            for (int i = 0; i < COUNTERS; i++) service[i] += moreService[i];
            forwarded = sum(forwarded, moreForwarded);
            replies = sum(replies, moreReplies);
        }

        private static long[] sum(long[] a, long[] b) {
            long[] sum = Arrays.copyOf(a, Math.max(a.length, b.length));
            for (int i = 0; i < b.length; i++) sum[i] += b[i];
            return sum;
        }

        long get(int counter) {
            return service[counter];
        }

        long dropped(DropReason reason) {
            return service[index(reason)];
        }

        /** Realserver slots that have room, not all of which are in use. */
        int servers() {
            return forwarded.length;
        }

        long forwardedTo(int slot) {
            return forwarded[slot];
        }

        long repliedBy(int slot) {
            return replies[slot];
        }
    }
}
