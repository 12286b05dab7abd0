package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.Question;

/**
 * The side of one service that faces its clients, as one worker has it. Opened by the director's thread while a table is
 * prepared, then handed to its reactor, whose thread alone calls the methods below.
 */
interface ServiceFront extends Watcher {

    /** A table that has this service is in force now; its lane has taken it up already. */
    void adopt(PreparedService prepared);

    /** Begins to serve, after the first {@link #adopt}. */
    void start();

    /** Called about every {@link Reactor#TICK_NANOS} for what is not driven by packets. */
    void tick(long nowNanos);

    /** A realserver has changed its state; the lane has taken it up already. */
    default void flipped(long nowNanos) {}

    /** Something is under way that {@link #stopTaking} lets go on. Back ports are asked for themselves. */
    default boolean busy() {
        return false;
    }

    /** What would become of a client's packet; changes nothing. */
    Told explain(Question question);

    /** What would become of a packet from a realserver that this service has; changes nothing. */
    Told explainReply(Question question);

    /** Takes no new work from now on. */
    void stopTaking();

    /** The service has left the table: serves what has already arrived, then closes every socket. */
    void retire();

    /** Closes every socket. Also called by the director's thread when the front was never started. */
    void close();
}
