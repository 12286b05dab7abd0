package io.evenkeel.dataplane;

import java.util.Locale;

/**
 * Why a packet was not forwarded, or a reply not returned: a closed list, defined once. Status, metrics and the
 * documentation take name and sentence from here.
 */
public enum DropReason {
    NO_REALSERVER(Direction.FORWARD, "No realserver of the service could be used."),
    OVERLOADED(Direction.FORWARD, "Every usable realserver was at its upper threshold."),
    RECEIVE_OVERFLOW(Direction.FORWARD, "The kernel dropped it before us: our receive buffer was full."),
    TRUNCATED(Direction.FORWARD, "It was longer than any datagram may be, or its control data did not fit."),
    TTL_EXPIRED(Direction.FORWARD, "It had no hop left."),
    IMPOSSIBLE_SOURCE(
            Direction.FORWARD,
            "Its source is an address that no client can have: ours, a virtual service, or nobody's."),
    MALFORMED(Direction.FORWARD, "Its lengths contradict each other."),
    TOO_BIG(
            Direction.FORWARD,
            "It does not fit: into a datagram with the header we must add, or the way to its realserver."),
    NO_ROUTE(Direction.FORWARD, "The kernel has no route to the realserver."),
    TX_FAILED(Direction.FORWARD, "The kernel refused to send it."),
    TX_QUEUE_FULL(Direction.FORWARD, "The sending socket's buffer stayed full."),
    FLOW_TABLE_FULL(Direction.FORWARD, "No room for another flow."),
    SOURCE_TAKEN(
            Direction.FORWARD,
            "Its client asks another virtual service with the same realservers from the same port, and no port was free to"
                    + " tell the answers apart by."),
    CONNECT_FAILED(Direction.FORWARD, "No realserver accepted the connection."),
    CLIENT_GONE(Direction.FORWARD, "The client left before its connection reached a realserver."),
    SHUTTING_DOWN(Direction.FORWARD, "The director is stopping and takes no new work."),
    REPLY_STRANGER(Direction.REPLY, "It came from an address this flow was never sent to."),
    REPLY_UNEXPECTED(Direction.REPLY, "No flow expects a reply here: it came after the last one, or after its time."),
    REPLY_PATH_EXHAUSTED(Direction.REPLY, "No back port was free, so the reply could not be told from others."),
    REPLY_OVERFLOW(Direction.REPLY, "The kernel dropped it before us: a back port's receive buffer was full."),
    REPLY_TRUNCATED(Direction.REPLY, "It was longer than any datagram may be, or its control data did not fit."),
    REPLY_NO_ROUTE(Direction.REPLY, "The kernel has no route to the client."),
    REPLY_TOO_BIG(Direction.REPLY, "It is longer than the way to the client allows."),
    REPLY_TTL_EXPIRED(Direction.REPLY, "It had no hop left."),
    REPLY_FRAGMENT(
            Direction.REPLY,
            "It is part of a datagram, and the next hop to the client was not resolved: the stack would send it with the"
                    + " realserver's address."),
    REPLY_MALFORMED(Direction.REPLY, "Its lengths contradict each other."),
    REPLY_TX_FAILED(Direction.REPLY, "The kernel refused to send it to the client.");

    /** Which of the two accounting laws the reason belongs to. */
    public enum Direction {
        FORWARD,
        REPLY
    }

    private final Direction direction;
    private final String sentence;

    DropReason(Direction direction, String sentence) {
        this.direction = direction;
        this.sentence = sentence;
    }

    public Direction direction() {
        return direction;
    }

    public String sentence() {
        return sentence;
    }

    /** The word in status and metrics, e.g. {@code no_realserver}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
