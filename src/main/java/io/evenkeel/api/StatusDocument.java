package io.evenkeel.api;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.director.Snapshot;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer to {@code status --json}, described by docs/status.schema.json: fields may be added, none changes its
 * meaning. Counts are datagrams, for TCP connections. Times are RFC 3339 in UTC. What is not known is the word
 * {@code unknown}. Reasons that never occurred are left out of {@code drops} and {@code replyDrops}. Pure; any thread.
 *
 * @param schema 1
 * @param paths which ways packets took, all services together
 */
record StatusDocument(int schema, Director director, List<Service> services, Totals totals, Map<String, Long> paths) {

    static final int SCHEMA = 1;
    private static final String UNKNOWN = "unknown";

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    record Director(
            String version,
            long pid,
            String startedAt,
            String plane,
            String planeReason,
            String configurationFile,
            long tableVersion,
            long tableAcknowledged,
            boolean settled,
            PlaneLag planeLag,
            long reloads,
            String lastReload,
            List<String> alarms) {}

    record PlaneLag(long lastMicros, long worstMicros) {}

    record Service(
            Match match,
            String protocol,
            String vip,
            int port,
            String scheduler,
            boolean ops,
            String state,
            Quorum quorum,
            long received,
            long forwarded,
            long local,
            long repliesReceived,
            long replies,
            Map<String, Long> drops,
            Map<String, Long> replyDrops,
            long flowsMoved,
            List<Realserver> realservers) {}

    /** What the service catches; {@code kind} is {@code address}. */
    record Match(String kind, String protocol, String vip, int port) {}

    record Quorum(boolean up, int quorum, int hysteresis, long liveWeight) {}

    record Realserver(
            String address,
            int port,
            String method,
            int weight,
            String state,
            String verdict,
            String operator,
            String since,
            String evidence,
            String evidenceAt,
            long forwarded,
            long replies,
            long flows,
            long sentWhileFailed,
            boolean sorry) {}

    record Totals(
            long received,
            long forwarded,
            long repliesReceived,
            long replies,
            long local,
            Map<String, Long> drops,
            Map<String, Long> replyDrops,
            long imbalance) {}

    static StatusDocument of(Snapshot snapshot) {
        return new StatusDocument(
                SCHEMA,
                director(snapshot),
                snapshot.services().stream().map(StatusDocument::service).toList(),
                totals(snapshot.totals()),
                words(snapshot.paths(), PathCounter::word));
    }

    /** Indented, ending in a line feed. */
    String toJson() {
        return JSON.writeValueAsString(this) + "\n";
    }

    private static Director director(Snapshot s) {
        return new Director(
                s.version(),
                s.pid(),
                utc(s.startedAt()),
                s.plane(),
                s.planeReason(),
                s.configurationFile(),
                s.tableVersion(),
                s.tableAcknowledged(),
                s.settled(),
                new PlaneLag(s.planeLag().lastMicros(), s.planeLag().worstMicros()),
                s.reloads(),
                s.lastReload(),
                s.alarms());
    }

    private static Service service(Snapshot.Service s) {
        String protocol = s.key().protocol().lower();
        String vip = s.key().vip().address().toString();
        int port = s.key().vip().port();
        return new Service(
                new Match("address", protocol, vip, port),
                protocol,
                vip,
                port,
                s.scheduler(),
                s.onePacket(),
                s.state(),
                new Quorum(
                        s.quorum().up(),
                        s.quorum().quorum(),
                        s.quorum().hysteresis(),
                        s.quorum().liveWeight()),
                s.received(),
                s.forwarded(),
                s.local(),
                s.repliesReceived(),
                s.replies(),
                words(s.drops(), DropReason::word),
                words(s.replyDrops(), DropReason::word),
                s.flowsMoved(),
                s.realservers().stream().map(StatusDocument::realserver).toList());
    }

    private static Realserver realserver(Snapshot.Server s) {
        return new Realserver(
                s.endpoint().address().toString(),
                s.endpoint().port(),
                s.method(),
                s.weight(),
                s.state().lower(),
                s.verdict().lower(),
                s.operator().lower(),
                utc(s.since()),
                s.evidence().isBlank() ? UNKNOWN : s.evidence(),
                s.evidence().isBlank() ? UNKNOWN : utc(s.evidenceAt()),
                s.forwarded(),
                s.replies(),
                s.flows(),
                s.sentWhileFailed(),
                s.sorry());
    }

    private static Totals totals(Snapshot.Totals t) {
        return new Totals(
                t.received(),
                t.forwarded(),
                t.repliesReceived(),
                t.replies(),
                t.local(),
                words(t.drops(), DropReason::word),
                words(t.replyDrops(), DropReason::word),
                t.imbalance());
    }

    /** In the order of the enum, zeros left out. */
    private static <E extends Enum<E>> Map<String, Long> words(Map<E, Long> counts, Function<E, String> word) {
        Map<String, Long> result = new LinkedHashMap<>();
        counts.entrySet().stream()
                .filter(count -> count.getValue() != 0)
                .sorted(Map.Entry.comparingByKey())
                .forEach(count -> result.put(word.apply(count.getKey()), count.getValue()));
        return result;
    }

    /** RFC 3339 in UTC, to the millisecond. */
    private static String utc(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
