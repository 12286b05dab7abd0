package io.evenkeel.director;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a question is answered from: immutable, published by the director, joined with a fresh reading of the counters.
 *
 * @param tableVersion the table in force
 * @param tableAcknowledged the table that every worker has taken up
 * @param settled every worker has acknowledged all changes that are shown here
 * @param reloads applied since start, without the first
 * @param lastReload what the last reload came to, for a person; empty before the first
 * @param alarms for a person; empty when all is well
 */
public record Snapshot(
        String version,
        long pid,
        Instant startedAt,
        String plane,
        String planeReason,
        String configurationFile,
        long tableVersion,
        long tableAcknowledged,
        boolean settled,
        Lag planeLag,
        long reloads,
        String lastReload,
        List<String> alarms,
        List<Service> services,
        Totals totals,
        Map<PathCounter, Long> paths) {

    /**
     * From a change of a verdict or a wish being handled to the acknowledgement, by every worker, of the table that
     * carries it; 0 before the first.
     *
     * @param worstMicros since start
     */
    public record Lag(long lastMicros, long worstMicros) {}

    /** The same with what only the daemon knows. */
    public Snapshot told(String reload, List<String> allAlarms) {
        return new Snapshot(
                version,
                pid,
                startedAt,
                plane,
                planeReason,
                configurationFile,
                tableVersion,
                tableAcknowledged,
                settled,
                planeLag,
                reloads,
                reload,
                List.copyOf(allAlarms),
                services,
                totals,
                paths);
    }

    /** One virtual service. {@code state} is {@code up}, {@code sorry} (the sorry server serves) or {@code down}. */
    public record Service(
            ServiceKey key,
            String scheduler,
            boolean onePacket,
            String state,
            Quorum quorum,
            long received,
            long forwarded,
            long local,
            long repliesReceived,
            long replies,
            Map<DropReason, Long> drops,
            Map<DropReason, Long> replyDrops,
            long flowsMoved,
            List<Server> realservers) {}

    /** @param liveWeight Σ effective weight of live realservers */
    public record Quorum(boolean up, int quorum, int hysteresis, long liveWeight) {}

    /**
     * One realserver.
     *
     * @param since when the shown state began
     * @param evidence the last evidence behind the verdict, for a person
     * @param evidenceAt when that evidence was seen
     * @param sentWhileFailed datagrams forwarded to it between the last passing probe and the moment every worker had
     *     acknowledged its removal, over all its failures: an upper bound of what a dead one swallowed
     * @param sorry it is the sorry server
     */
    public record Server(
            Endpoint endpoint,
            String method,
            int weight,
            RealServerState state,
            Verdict verdict,
            OperatorIntent operator,
            Instant since,
            String evidence,
            Instant evidenceAt,
            long forwarded,
            long replies,
            long flows,
            long sentWhileFailed,
            boolean sorry) {}

    /** Sums over all services that ever were; they never go down. {@code imbalance} is 0 while both laws hold. */
    public record Totals(
            long received,
            long forwarded,
            long local,
            long repliesReceived,
            long replies,
            Map<DropReason, Long> drops,
            Map<DropReason, Long> replyDrops,
            long imbalance) {}
}
