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
 * @param aggregate so many datagrams of equal length in one system call (UDP_SEGMENT), 2 to 64: as a sender with
 *     segmentation offload does; one-way and from one socket only. 1 sends each by itself
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
        int aggregate,
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
        boolean plain = repliesPerRequest == 0 && sockets instanceof SocketUse.One && sources.isEmpty();
        if (aggregate < 1 || aggregate > MAX_AGGREGATE || (aggregate > 1 && !plain)) {
            throw new IllegalArgumentException("aggregate: " + aggregate);
        }
        sources = List.copyOf(sources);
    }

    /** UDP_MAX_SEGMENTS of older kernels. */
    private static final int MAX_AGGREGATE = 64;

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
                1,
                Duration.ZERO);
    }

    /** One reply each, from one socket, 64 bytes, at most 64 outstanding. */
    public static SendPlan withReplies(InetSocketAddress target, long count) {
        return oneWay(target, count, 1)
                .paced(new Pacing.ClosedLoop(64, Duration.ofMillis(250)))
                .answered(1);
    }

    public SendPlan run(int number) {
        return new SendPlan(
                target, number, count, pacing, sizes, sockets, sources, repliesPerRequest, aggregate, linger);
    }

    public SendPlan paced(Pacing other) {
        int replies = other instanceof Pacing.ClosedLoop ? Math.max(1, repliesPerRequest) : repliesPerRequest;
        return new SendPlan(target, run, count, other, sizes, sockets, sources, replies, aggregate, linger);
    }

    public SendPlan sized(Sizes other) {
        return new SendPlan(target, run, count, pacing, other, sockets, sources, repliesPerRequest, aggregate, linger);
    }

    public SendPlan from(SocketUse other) {
        return new SendPlan(target, run, count, pacing, sizes, other, sources, repliesPerRequest, aggregate, linger);
    }

    public SendPlan bound(List<InetAddress> addresses) {
        return new SendPlan(
                target, run, count, pacing, sizes, sockets, addresses, repliesPerRequest, aggregate, linger);
    }

    /** Expects {@code replies} to each request, and waits up to two seconds for the last of them. */
    public SendPlan answered(int replies) {
        return new SendPlan(
                target, run, count, pacing, sizes, sockets, sources, replies, aggregate, Duration.ofSeconds(2));
    }

    public SendPlan aggregated(int datagrams) {
        return new SendPlan(target, run, count, pacing, sizes, sockets, sources, repliesPerRequest, datagrams, linger);
    }
}
