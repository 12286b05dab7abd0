package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;

/** The client that a back port's replies go to. Owned by the back port. */
final class ReplyDestination extends Destination {
    private final ReplyPort backPort;

    ReplyDestination(ReplyPort backPort) {
        this.backPort = backPort;
    }

    @Override
    void sent(int datagrams) {
        backPort.lane().counters.add(LaneCounters.REPLIES, datagrams);
    }

    @Override
    void lost(int datagrams, DropReason reason) {
        backPort.lane().counters.drop(DropReason.REPLY_TX_FAILED, datagrams);
    }
}
