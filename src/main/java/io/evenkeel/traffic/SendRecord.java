package io.evenkeel.traffic;

import java.io.Serializable;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened at the sender's end of a run. Written by the sender's thread only, complete when its run has ended. */
public final class SendRecord implements Serializable {
    private static final long serialVersionUID = 1L;

    private final SendPlan plan;
    private final ArrayList<InetSocketAddress> clients = new ArrayList<>();
    private long[] sentNanos = new long[1024];
    private byte[] replyCounts = new byte[1024];
    int sent;
    int shorts;
    long shortBytes;
    long bytes;
    long blocked;
    long replies;
    long answered;
    long complete;
    long surplusReplies;
    long shortReplies;
    long strangeReplies;
    long misdelivered;
    long damagedReplies;
    long foreignReplies;
    long slowestReplyNanos;
    long kernelDrops;

    @Nullable
    InetSocketAddress firstStranger;

    SendRecord(SendPlan plan) {
        this.plan = plan;
    }

    public SendPlan plan() {
        return plan;
    }

    /** Local addresses of the run's sockets, by client number. Empty for fresh sockets. */
    public List<InetSocketAddress> clients() {
        return List.copyOf(clients);
    }

    /** Datagrams with a sequence number: 0 to sent - 1. */
    public int sent() {
        return sent;
    }

    /** Datagrams too short for a sequence number, and the sum of their lengths. */
    public int shorts() {
        return shorts;
    }

    public long shortBytes() {
        return shortBytes;
    }

    public long bytes() {
        return bytes;
    }

    /** Times a send had to wait for room in the socket's buffer. */
    public long blocked() {
        return blocked;
    }

    /** Sound replies from the right address to the right socket, surplus ones included. */
    public long replies() {
        return replies;
    }

    /** Sequence numbers with at least one reply. */
    public long answered() {
        return answered;
    }

    /** Replies beyond the number each request should have. */
    public long surplusReplies() {
        return surplusReplies;
    }

    /** Replies too short to be told apart. */
    public long shortReplies() {
        return shortReplies;
    }

    /** Replies whose source was not the address they were asked of. */
    public long strangeReplies() {
        return strangeReplies;
    }

    public @Nullable InetSocketAddress firstStranger() {
        return firstStranger;
    }

    /** Replies that came to another socket than the one which had asked. */
    public long misdelivered() {
        return misdelivered;
    }

    public long damagedReplies() {
        return damagedReplies;
    }

    public long foreignReplies() {
        return foreignReplies;
    }

    /** The longest time from a request to its first reply. */
    public long slowestReplyNanos() {
        return slowestReplyNanos;
    }

    /** Replies the kernel dropped because the sender was too slow to read. Above 0 a measurement is void. */
    public long kernelDrops() {
        return kernelDrops;
    }

    /** System.nanoTime when the datagram was sent. */
    public long sentNanos(long sequence) {
        return sentNanos[Math.toIntExact(sequence)];
    }

    /** How many replies the datagram had, at most 255. */
    public int replyCount(long sequence) {
        return replyCounts[Math.toIntExact(sequence)] & 0xff;
    }

    /** The first sequence number sent at or after {@code nanos}; {@link #sent} if there is none. */
    public long sequenceAt(long nanos) {
        int low = 0;
        int high = sent;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sentNanos[middle] - nanos < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    void client(InetSocketAddress local) {
        clients.add(local);
    }

    /** Sequence numbers that have all their replies. */
    long complete() {
        return complete;
    }

    boolean answeredInFull(int sequence) {
        return (replyCounts[sequence] & 0xff) >= plan.repliesPerRequest();
    }

    void noteShort(int length) {
        shorts++;
        shortBytes += length;
        bytes += length;
    }

    void noteSent(long nanos, int length) {
        if (sent == sentNanos.length) {
            sentNanos = Arrays.copyOf(sentNanos, sent * 2);
            replyCounts = Arrays.copyOf(replyCounts, sent * 2);
        }
        sentNanos[sent++] = nanos;
        bytes += length;
    }

    /** Counts a sound reply; true if it was the last one its request should have. */
    boolean noteReply(long sequence, long nowNanos) {
        if (sequence < 0 || sequence >= sent) {
            foreignReplies++;
            return false;
        }
        int at = (int) sequence;
        int count = (replyCounts[at] & 0xff) + 1;
        if (count <= 255) replyCounts[at] = (byte) count;
        replies++;
        if (count > plan.repliesPerRequest()) surplusReplies++;
        if (count == 1) {
            answered++;
            slowestReplyNanos = Math.max(slowestReplyNanos, nowNanos - sentNanos[at]);
        }
        if (count != plan.repliesPerRequest()) return false;
        complete++;
        return true;
    }
}
