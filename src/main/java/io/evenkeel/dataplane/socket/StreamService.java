package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A TCP service as its relay sees it: whom a connection goes to, and where it says what became of it. Realservers are
 * named by slot. Called by the relay's thread only; nothing here may block.
 */
interface StreamService {
    int NOBODY = -1;

    /** What a realserver may still do for the connections it has. */
    enum Standing {
        /** It keeps them: open, suspect or draining. */
        KEEPS,
        /** It has failed: it loses them, at once or when {@link #failbackGraceNanos} has passed. */
        FAILED,
        /** It has left the service: it loses them at once. */
        REMOVED
    }

    /**
     * The realserver for a connection, by template, hash or turn, never one of {@link StreamOrigin#tried}; all attempts
     * of one connection share one turn. {@link #NOBODY} if none can take it: {@link #refusal} then says why.
     */
    int pick(StreamOrigin origin, long nowNanos);

    /** Why {@link #pick} has just answered {@link #NOBODY}. */
    DropReason refusal();

    /** Where the realserver is, also after it has left the service. */
    Endpoint endpoint(int slot);

    /** The address to connect from, or null to let the route choose. */
    @Nullable
    IpAddress source(boolean v6);

    /** Its generation now: another one than before says that it has failed in between. */
    int generation(int slot);

    Standing standing(int slot);

    /** Connections begin with a PROXY header. */
    boolean proxyProtocol();

    /** A realserver back within this keeps its connections. */
    long failbackGraceNanos();

    /** A connection is given to the realserver: it counts there from the first attempt. Ended by one {@link #end}. */
    void begin(int slot);

    /** One side has ended its stream: IPVS calls such a connection inactive. At most once, before {@link #end}. */
    void halfClosed(int slot);

    /** @param active it has not been {@link #halfClosed} */
    void end(int slot, boolean active);

    /** A client's connection has reached the realserver: counts as received and forwarded. */
    void forwarded(int slot);

    /** A client's connection has been refused: counts as received and dropped. */
    void dropped(DropReason reason);

    /** A connection attempt speaks against the realserver. */
    void suspect(int slot, int errno, long nowNanos);

    void count(PathCounter path, long n);
}
