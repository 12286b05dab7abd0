package io.evenkeel.dataplane.socket;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Flows by service, client, client port and the address the client asked: columns of primitives with a seeded chained
 * hash over them. A flow is a row number, stable while it lives. Bounded; grows by doubling. Owned by one worker, or
 * used under a lock.
 */
final class FlowTable {
    /** Rows of one worker's table. */
    static final int MAX_FLOWS = 131_072;

    /** The flow goes to no realserver in particular. */
    static final int NO_SERVER = -1;

    private static final int FIRST_ROWS = 256;
    private static final int FREE = -2; // in `service`

    private final int most;
    private final long seed = RandomGenerator.getDefault().nextLong();
    private int[] buckets = new int[FIRST_ROWS * 2];
    private int[] next = new int[FIRST_ROWS];
    private int[] service = new int[FIRST_ROWS];
    private int[] port = new int[FIRST_ROWS];
    private long[] high = new long[FIRST_ROWS];
    private long[] low = new long[FIRST_ROWS];
    private long[] localHigh = new long[FIRST_ROWS];
    private long[] localLow = new long[FIRST_ROWS];
    private long[] touchedNanos = new long[FIRST_ROWS];
    private int[] server = new int[FIRST_ROWS];
    private short[] generation = new short[FIRST_ROWS];
    private @Nullable ReplyPort[] replyPort = new ReplyPort[FIRST_ROWS];
    private int rows; // 0..rows−1 have been used
    private int firstFree = -1;
    private int size;

    /** @param most rows at most, ≥ {@value #FIRST_ROWS} */
    FlowTable(int most) {
        this.most = most;
        Arrays.fill(buckets, -1);
    }

    int size() {
        return size;
    }

    /** {@link #insert} would find no room. */
    boolean full() {
        return size == most;
    }

    /** Rows that may be in use: 0..rows()−1. */
    int rows() {
        return rows;
    }

    boolean used(int flow) {
        return service[flow] != FREE;
    }

    /** The flow with this key, or −1. */
    int find(int ofService, long ofHigh, long ofLow, int ofPort, long ofLocalHigh, long ofLocalLow) {
        int flow = buckets[bucket(ofService, ofHigh, ofLow, ofPort, ofLocalHigh, ofLocalLow)];
        while (flow >= 0) {
            if (low[flow] == ofLow
                    && port[flow] == ofPort
                    && service[flow] == ofService
                    && high[flow] == ofHigh
                    && localLow[flow] == ofLocalLow
                    && localHigh[flow] == ofLocalHigh) {
                return flow;
            }
            flow = next[flow];
        }
        return -1;
    }

    /** A new flow with this key, which must not exist, or −1 when the table is full. */
    int insert(int ofService, long ofHigh, long ofLow, int ofPort, long ofLocalHigh, long ofLocalLow) {
        int flow = freeRow();
        if (flow < 0) return -1;
        service[flow] = ofService;
        port[flow] = ofPort;
        high[flow] = ofHigh;
        low[flow] = ofLow;
        localHigh[flow] = ofLocalHigh;
        localLow[flow] = ofLocalLow;
        server[flow] = NO_SERVER;
        replyPort[flow] = null;
        link(flow);
        size++;
        return flow;
    }

    void remove(int flow) {
        int bucket = bucketOf(flow);
        if (buckets[bucket] == flow) {
            buckets[bucket] = next[flow];
        } else {
            int before = buckets[bucket];
            while (next[before] != flow) before = next[before];
            next[before] = next[flow];
        }
        service[flow] = FREE;
        replyPort[flow] = null;
        next[flow] = firstFree;
        firstFree = flow;
        size--;
    }

    private int freeRow() {
        if (firstFree >= 0) {
            int flow = firstFree;
            firstFree = next[flow];
            return flow;
        }
        if (rows == next.length && !grow()) return -1;
        return rows++;
    }

    private boolean grow() {
        if (rows >= most) return false;
        int capacity = Math.min(most, rows * 2);
        next = Arrays.copyOf(next, capacity);
        service = Arrays.copyOf(service, capacity);
        port = Arrays.copyOf(port, capacity);
        high = Arrays.copyOf(high, capacity);
        low = Arrays.copyOf(low, capacity);
        localHigh = Arrays.copyOf(localHigh, capacity);
        localLow = Arrays.copyOf(localLow, capacity);
        touchedNanos = Arrays.copyOf(touchedNanos, capacity);
        server = Arrays.copyOf(server, capacity);
        generation = Arrays.copyOf(generation, capacity);
        replyPort = Arrays.copyOf(replyPort, capacity);
        buckets = new int[buckets.length * 2];
        Arrays.fill(buckets, -1);
        for (int flow = 0; flow < rows; flow++) if (used(flow)) link(flow);
        return true;
    }

    private void link(int flow) {
        int bucket = bucketOf(flow);
        next[flow] = buckets[bucket];
        buckets[bucket] = flow;
    }

    private int bucketOf(int flow) {
        return bucket(service[flow], high[flow], low[flow], port[flow], localHigh[flow], localLow[flow]);
    }

    private int bucket(int ofService, long ofHigh, long ofLow, int ofPort, long ofLocalHigh, long ofLocalLow) {
        long hash = seed;
        hash = mix(hash ^ ofLow);
        hash = mix(hash ^ ofHigh ^ (((long) ofService << 16) + ofPort));
        if ((ofLocalHigh | ofLocalLow) != 0) hash = mix(mix(hash ^ ofLocalLow) ^ ofLocalHigh);
        return (int) (hash >>> 32) & (buckets.length - 1);
    }

    /** The finalizer of splitmix64 (Steele, Lea, Flood 2014). */
    private static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    /** The flow belongs to this service and client, whichever address the client asked. */
    boolean isOf(int flow, int ofService, Endpoint client) {
        return service[flow] == ofService
                && port[flow] == client.port()
                && low[flow] == client.address().low()
                && high[flow] == client.address().high();
    }

    /** The address that the client asked, if that is part of the key. */
    IpAddress local(int flow, boolean v6) {
        return new IpAddress(v6, localHigh[flow], localLow[flow]);
    }

    int service(int flow) {
        return service[flow];
    }

    long touchedNanos(int flow) {
        return touchedNanos[flow];
    }

    void touch(int flow, long nowNanos) {
        touchedNanos[flow] = nowNanos;
    }

    /** Slot of the realserver, or {@link #NO_SERVER}. */
    int server(int flow) {
        return server[flow];
    }

    /** Low 16 bits of the realserver's generation when the flow was given to it. */
    short generation(int flow) {
        return generation[flow];
    }

    void server(int flow, int slot, short itsGeneration) {
        server[flow] = slot;
        generation[flow] = itsGeneration;
    }

    @Nullable
    ReplyPort replyPort(int flow) {
        return replyPort[flow];
    }

    void replyPort(int flow, @Nullable ReplyPort itsPort) {
        replyPort[flow] = itsPort;
    }
}
