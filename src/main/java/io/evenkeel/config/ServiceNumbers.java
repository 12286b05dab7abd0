package io.evenkeel.config;

import io.evenkeel.model.RealServer;
import io.evenkeel.model.Scheduling;
import java.util.List;
import java.util.function.Function;

/** What the sum of weights says about quorum, hysteresis and the schedule. One thread. */
final class ServiceNumbers {

    /** Slots of a rotation; beyond them shares are rounded. */
    static final int EXACT_SLOTS = 4_096;

    private final List<RealServer> servers;
    private final Function<String, Token> at;
    private final Problems problems;
    private final int quorum;
    private final int hysteresis;

    /** @param at where a keyword was written, else the service's line */
    ServiceNumbers(
            List<RealServer> servers, long quorum, int hysteresis, Function<String, Token> at, Problems problems) {
        this.servers = servers;
        this.at = at;
        this.problems = problems;
        this.quorum = reachable(quorum);
        this.hysteresis = below(this.quorum, hysteresis);
    }

    int quorum() {
        return quorum;
    }

    int hysteresis() {
        return hysteresis;
    }

    private int reachable(long wanted) {
        long sum = Math.max(1, servers.stream().mapToLong(RealServer::weight).sum());
        if (wanted > sum) {
            String message = "quorum " + wanted + " is more than the sum of weights; " + sum + " is used";
            problems.warning(at.apply("quorum"), message, "write a quorum of at most " + sum);
        }
        return (int) Math.min(Integer.MAX_VALUE, Math.min(wanted, sum));
    }

    private int below(int quorum, int wanted) {
        if (wanted < quorum) return wanted;
        String message =
                "hysteresis " + wanted + " is not below the quorum of " + quorum + "; " + (quorum - 1) + " is used";
        problems.error(at.apply("hysteresis"), message, "write a hysteresis of at most " + (quorum - 1));
        return quorum - 1;
    }

    /** Says where a schedule is not what one may expect of its name. */
    void noteSchedule(Scheduling scheduling, boolean onePacket) {
        Token token = at.apply("lb_algo");
        switch (scheduling) {
            case Scheduling.RoundRobin rr -> noteRounding(token, servers.size());
            case Scheduling.WeightedRoundRobin wrr -> noteRounding(token, reducedSum());
            case Scheduling.LeastConnection lc -> noteLately(token, scheduling, onePacket);
            case Scheduling.WeightedLeastConnection wlc -> noteLately(token, scheduling, onePacket);
            case Scheduling.ShortestExpectedDelay sed -> noteLately(token, scheduling, onePacket);
            case Scheduling.NeverQueue nq -> noteLately(token, scheduling, onePacket);
            case Scheduling.WeightedFailover fo -> {}
            case Scheduling.Overflow ovf -> {}
            case Scheduling.SourceHash sh -> {}
            case Scheduling.Maglev mh -> {}
            case Scheduling.DestinationHash dh -> {}
        }
    }

    private long reducedSum() {
        long sum = 0;
        long divisor = 0;
        for (RealServer server : servers) {
            sum += server.weight();
            divisor = gcd(divisor, server.weight());
        }
        return divisor == 0 ? 0 : sum / divisor;
    }

    private void noteRounding(Token token, long slots) {
        if (slots <= EXACT_SLOTS) return;
        String message =
                "the weights need a rotation of " + slots + " turns; shares are rounded to one of " + EXACT_SLOTS;
        problems.notice(token, message, "smaller weights of the same proportion are exact");
    }

    private void noteLately(Token token, Scheduling scheduling, boolean onePacket) {
        if (!onePacket) return;
        String message =
                "under ops no connection is counted; " + scheduling.ipvsName() + " goes by what was forwarded lately";
        problems.notice(token, message, "rr or wrr is exact");
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
