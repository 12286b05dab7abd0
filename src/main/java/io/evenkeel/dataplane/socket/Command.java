package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ServerFlip;
import java.util.List;

/** What the director's thread tells every worker. Performed between two batches, then acknowledged. */
sealed interface Command {

    Acknowledgement done();

    /** A table comes into force. */
    record Install(List<PreparedService> services, List<LiveService> removed, Acknowledgement done)
            implements Command {}

    /** One realserver changes its state. */
    record Flip(ServerFlip flip, Acknowledgement done) implements Command {}

    /** No new work; acknowledged when no reply is expected any more, or at the deadline. */
    record StopTaking(long deadlineNanos, Acknowledgement done) implements Command {}

    /** A question; each worker answers from what it knows, and changes nothing. */
    record Explain(Inquiry inquiry, Acknowledgement done) implements Command {}

    /** The worker ends and closes what it owns. */
    record End(Acknowledgement done) implements Command {}
}
