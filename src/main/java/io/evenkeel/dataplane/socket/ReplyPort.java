package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.linux.Errno;
import io.evenkeel.model.Endpoint;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A back port: a socket of our own from which one client's datagrams leave, so that what comes back to it belongs to
 * that client. Used by one flow at a time; kept open between flows. Owned by one worker.
 */
final class ReplyPort extends ForwardSocket {
    private static final int NO_FLOW = -1;

    private final ReplyDestination client = new ReplyDestination(this);
    private ServiceLane lane; // of the flow it serves, or served last
    private int frontFd;
    private int flow = NO_FLOW;
    private long[] sentTo = new long[1]; // realserver slots this flow was sent to
    private long sentNanos;

    /** Replies still expected; under unknown responses 1 while the last datagram has brought none. */
    private long expected;

    // Queues of ReplyPorts.
    @Nullable
    ReplyPort nextFree;

    long usableNanos;

    ReplyPort(Reactor reactor, int fd, boolean v6, ServiceLane first) {
        super(reactor, fd, v6);
        lane = first;
    }

    /** Begins to serve a flow; {@link #client} is aimed by the caller. */
    ReplyDestination serve(ServiceLane itsLane, int itsFrontFd, int itsFlow) {
        lane = itsLane;
        frontFd = itsFrontFd;
        flow = itsFlow;
        expected = 0;
        int words = (itsLane.serverSlots() + 63) >> 6;
        if (words > sentTo.length) sentTo = new long[words];
        else Arrays.fill(sentTo, 0);
        return client;
    }

    /** Ends the flow. True if a reply may still come. */
    boolean release() {
        flow = NO_FLOW;
        boolean outstanding = expected > 0 || lane.compiled().responses() == ForwardedService.UNKNOWN_RESPONSES;
        expected = 0;
        return outstanding;
    }

    /** A flow uses it and waits for a reply. */
    boolean expectsReply() {
        return flow != NO_FLOW && expected > 0;
    }

    @Override
    ServiceLane lane() {
        return lane;
    }

    @Override
    void noteSend(ServerLane server, long nowNanos) {
        int word = server.slot >> 6;
        if (word >= sentTo.length) sentTo = Arrays.copyOf(sentTo, word + 1);
        sentTo[word] |= 1L << server.slot;
        sentNanos = nowNanos;
        int responses = lane.compiled().responses();
        if (responses > 0) expected += responses;
        else expected = 1;
    }

    private boolean wasSentTo(ServerLane server) {
        int word = server.slot >> 6;
        return word < sentTo.length && (sentTo[word] & 1L << server.slot) != 0;
    }

    @Override
    boolean sentLately(ServerLane server, long nowNanos) {
        return wasSentTo(server) && nowNanos - sentNanos <= UnreachableEvidence.WINDOW_NANOS;
    }

    @Override
    void receive() {
        ReceiveBatch batch = reactor.receiveBatch();
        int messages = batch.receive(fd);
        if (messages < 0) {
            // The error of an earlier datagram may meet a receive instead of a send.
            if (messages != -Errno.EAGAIN && messages != -Errno.EINTR) {
                reactor.evidence().drain(this, reactor.nowNanos());
            }
            return;
        }
        received(batch);
        lane.counters.add(LaneCounters.REPLIES_RECEIVED, (long) batch.total() + batch.truncated());
        if (batch.truncated() > 0) lane.counters.drop(DropReason.REPLY_TRUNCATED, batch.truncated());
        SendGather gather = reactor.gather();
        gather.begin(frontFd, null, reactor.nowNanos());
        for (int i = 0; i < messages; i++) if (batch.datagrams(i) > 0) pass(batch, i, gather);
        gather.end();
        if (flow == NO_FLOW) return;
        if (lane.compiled().responses() > 0 && expected == 0) reactor.flows().answered(flow, this, reactor.nowNanos());
    }

    /** Passes one message's replies to the client, or counts why not. */
    private void pass(ReceiveBatch batch, int message, SendGather gather) {
        int datagrams = batch.datagrams(message);
        if (flow == NO_FLOW) {
            lane.counters.drop(DropReason.REPLY_UNEXPECTED, datagrams);
            return;
        }
        ServerLane from = sender(batch.sourceHigh(message), batch.sourceLow(message), batch.sourcePort(message));
        if (from == null) {
            lane.counters.drop(DropReason.REPLY_STRANGER, datagrams);
            return;
        }
        reactor.flows().table.touch(flow, reactor.nowNanos());
        boolean counted = lane.compiled().responses() > 0;
        int accepted = counted ? (int) Math.min(datagrams, expected) : datagrams;
        if (accepted < datagrams) lane.counters.drop(DropReason.REPLY_UNEXPECTED, datagrams - accepted);
        expected = counted ? expected - accepted : 0;
        lane.counters.repliedBy(from.slot, accepted);
        long address = batch.address(message);
        int left = batch.length(message);
        int segment = batch.segment(message);
        for (int i = 0; i < accepted; i++) {
            gather.add(client, address, Math.min(segment, left));
            address += segment;
            left -= segment;
        }
    }

    /** Why a reply from there would not be passed; empty if it would. */
    Optional<DropReason> refusal(Endpoint from) {
        if (flow == NO_FLOW) return Optional.of(DropReason.REPLY_UNEXPECTED);
        if (sender(from.address().high(), from.address().low(), from.port()) == null) {
            return Optional.of(DropReason.REPLY_STRANGER);
        }
        boolean counted = lane.compiled().responses() > 0;
        return counted && expected == 0 ? Optional.of(DropReason.REPLY_UNEXPECTED) : Optional.empty();
    }

    /** The realserver with this address that the flow was sent to, or null: then it is a stranger's. */
    private @Nullable ServerLane sender(long high, long low, int port) {
        for (ServerLane server = lane.at(high, low, port); server != null; server = server.sameEndpoint) {
            if (wasSentTo(server)) return server;
        }
        return null;
    }
}
