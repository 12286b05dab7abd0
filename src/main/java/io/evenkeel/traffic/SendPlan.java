package io.evenkeel.traffic;

import java.io.Serializable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * What a {@link NumberedSender} is to do.
 *
 * @param target where to, and where replies must come from
 * @param run number in every datagram, so that several senders may share a server
 * @param count datagrams to send, at most {@link SequenceSet#MAX_SEQUENCES}
 * @param sources addresses to send from, in turn by socket; empty lets the kernel choose
 * @param repliesPerRequest how many replies each request should have; 0 for one-way
 * @param linger how long to wait for missing replies after the last datagram; ends early when none is missing
 */
public record SendPlan(
        InetSocketAddress target,
        int run,
        long count,
        Pacing pacing,
        Sizes sizes,
        SocketUse sockets,
        List<InetAddress> sources,
        int repliesPerRequest,
        Duration linger)
        implements Serializable {

    public SendPlan {
        if (count < 1 || count > SequenceSet.MAX_SEQUENCES) throw new IllegalArgumentException("count: " + count);
        if (repliesPerRequest < 0 || repliesPerRequest > 100) {
            throw new IllegalArgumentException("replies per request: " + repliesPerRequest);
        }
        if (pacing instanceof Pacing.ClosedLoop && repliesPerRequest == 0) {
            throw new IllegalArgumentException("a closed loop needs replies");
        }
        sources = List.copyOf(sources);
    }

    /** One-way from one socket, 64 bytes each. */
    public static SendPlan oneWay(InetSocketAddress target, long count, int perSecond) {
        return new SendPlan(
                target,
                1,
                count,
                new Pacing.OpenLoop(perSecond),
                Sizes.fixed(64),
                new SocketUse.One(),
                List.of(),
                0,
                Duration.ZERO);
    }

    /** One reply each, from one socket, 64 bytes, at most 64 outstanding. */
    public static SendPlan withReplies(InetSocketAddress target, long count) {
        return oneWay(target, count, 1)
                .paced(new Pacing.ClosedLoop(64, Duration.ofMillis(250)))
                .answered(1);
    }

    public SendPlan run(int number) {
        return new SendPlan(target, number, count, pacing, sizes, sockets, sources, repliesPerRequest, linger);
    }

    public SendPlan paced(Pacing other) {
        int replies = other instanceof Pacing.ClosedLoop ? Math.max(1, repliesPerRequest) : repliesPerRequest;
        return new SendPlan(target, run, count, other, sizes, sockets, sources, replies, linger);
    }

    public SendPlan sized(Sizes other) {
        return new SendPlan(target, run, count, pacing, other, sockets, sources, repliesPerRequest, linger);
    }

    public SendPlan from(SocketUse other) {
        return new SendPlan(target, run, count, pacing, sizes, other, sources, repliesPerRequest, linger);
    }

    public SendPlan bound(List<InetAddress> addresses) {
        return new SendPlan(target, run, count, pacing, sizes, sockets, addresses, repliesPerRequest, linger);
    }

    /** Expects {@code replies} to each request, and waits up to two seconds for the last of them. */
    public SendPlan answered(int replies) {
        return new SendPlan(target, run, count, pacing, sizes, sockets, sources, replies, Duration.ofSeconds(2));
    }
}
