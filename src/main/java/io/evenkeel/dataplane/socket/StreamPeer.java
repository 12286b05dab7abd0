package io.evenkeel.dataplane.socket;

import io.evenkeel.model.Endpoint;
import java.util.Arrays;

/**
 * One realserver of a relay and the connections given to it, which all belong to one generation of it. Decides what its
 * failure means for them. Owned by one worker.
 */
final class StreamPeer {
    final int slot;
    private Endpoint endpoint;
    private int generation;
    private boolean condemned; // it has failed; connections end at deadlineNanos unless it comes back
    private long deadlineNanos;
    private StreamConnection[] connections = new StreamConnection[4];
    private int count;

    StreamPeer(int slot, Endpoint endpoint) {
        this.slot = slot;
        this.endpoint = endpoint;
    }

    /** Takes a connection that is being given to the realserver as it is now. */
    void add(StreamConnection connection, StreamService service) {
        if (count == 0) {
            endpoint = service.endpoint(slot);
            generation = service.generation(slot);
            condemned = false;
        }
        if (count == connections.length) connections = Arrays.copyOf(connections, count * 2);
        connection.peerIndex = count;
        connections[count++] = connection;
    }

    void remove(StreamConnection connection) {
        StreamConnection last = connections[--count];
        connections[connection.peerIndex] = last;
        last.peerIndex = connection.peerIndex;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /**
     * Looks at the realserver anew after a change of the table or of its state: its connections stay, stay for the time
     * of grace, or are lost.
     */
    void judge(StreamService service, long nowNanos) {
        if (count == 0) return;
        long grace = service.failbackGraceNanos();
        boolean lost = !endpoint.equals(service.endpoint(slot))
                || switch (service.standing(slot)) {
                    case KEEPS -> !keptUnder(service.generation(slot), grace, nowNanos);
                    case FAILED -> !spared(grace, nowNanos);
                    case REMOVED -> true;
                };
        if (lost) loseAll(nowNanos);
    }

    /** It serves: under another generation it has failed in between, and grace decides. */
    private boolean keptUnder(int itsGeneration, long grace, long nowNanos) {
        if (generation != itsGeneration) {
            boolean inTime = condemned ? nowNanos - deadlineNanos < 0 : grace > 0;
            if (!inTime) return false;
            generation = itsGeneration;
        }
        condemned = false;
        return true;
    }

    private boolean spared(long grace, long nowNanos) {
        if (!condemned) {
            condemned = true;
            deadlineNanos = nowNanos + grace;
        }
        return nowNanos - deadlineNanos < 0;
    }

    /** Ends the time of grace. */
    void tick(long nowNanos) {
        if (count > 0 && condemned && nowNanos - deadlineNanos >= 0) loseAll(nowNanos);
    }

    /** Every connection leaves: those that had not reached it try another realserver. */
    private void loseAll(long nowNanos) {
        condemned = false;
        while (count > 0) connections[count - 1].lostRealserver(nowNanos);
    }
}
