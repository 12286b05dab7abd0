package io.evenkeel.dataplane.socket;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams of the batch in hand, each with its realserver, chained by the socket they leave through: so that each
 * socket's leave in one go, in the order in which they came. Owned by one worker.
 */
final class DatagramQueue {
    /** A batch may bring more (64 aggregates of 64): then they leave in parts. */
    private static final int CAPACITY = 2_048;

    private final SendGather gather;
    private final long[] header = new long[CAPACITY];
    private final int[] headerLength = new int[CAPACITY];
    private final long[] address = new long[CAPACITY];
    private final int[] length = new int[CAPACITY];
    private final @Nullable ServerLane[] server = new ServerLane[CAPACITY];
    private final int[] next = new int[CAPACITY];
    private final @Nullable ForwardSocket[] sockets = new ForwardSocket[CAPACITY];
    private int count;
    private int socketCount;
    private long prefix;
    private int prefixLength;

    DatagramQueue(SendGather gather) {
        this.gather = gather;
    }

    /** What is added from now on leaves with these bytes before it, 0 for none; they must stay until {@link #send}. */
    void prefix(long itsAddress, int itsLength) {
        prefix = itsAddress;
        prefixLength = itsLength;
    }

    /** Adds a datagram; its bytes must stay until {@link #send}. */
    void add(ForwardSocket through, ServerLane to, long itsAddress, int itsLength, long nowNanos) {
        if (count == CAPACITY) send(nowNanos);
        int i = count++;
        header[i] = prefix;
        headerLength[i] = prefixLength;
        address[i] = itsAddress;
        length[i] = itsLength;
        server[i] = to;
        next[i] = -1;
        if (through.lastQueued < 0) {
            through.firstQueued = i;
            sockets[socketCount++] = through;
        } else {
            next[through.lastQueued] = i;
        }
        through.lastQueued = i;
        through.noteSend(to, nowNanos);
    }

    /** Sends all that was added. */
    void send(long nowNanos) {
        for (int s = 0; s < socketCount; s++) {
            ForwardSocket socket = sockets[s];
            if (socket == null) continue; // never: filled up to socketCount
            gather.begin(socket.fd, socket, nowNanos);
            for (int i = socket.firstQueued; i >= 0; i = next[i]) {
                ServerLane to = server[i];
                if (to != null) gather.add(to, header[i], headerLength[i], address[i], length[i]);
            }
            gather.end();
            socket.firstQueued = -1;
            socket.lastQueued = -1;
        }
        Arrays.fill(sockets, 0, socketCount, null);
        count = 0;
        socketCount = 0;
    }
}
