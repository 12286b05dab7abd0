package io.evenkeel.api;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Question;
import io.evenkeel.director.Snapshot;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.ServiceKey;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer to {@code explain --json}, described by docs/explain.schema.json: fields may be added, none changes its
 * meaning. What does not apply is null. The plane says what it would do; the director's snapshot, read right after, says
 * what it knows of the realservers. Pure; any thread.
 *
 * @param schema 1
 * @param plane {@code socket} or {@code kernel}
 * @param service null for a reply that is nobody's
 * @param choice null for replies
 * @param turns null unless turns are dealt by a rotation
 * @param realservers all of the service, none for replies
 */
record ExplainDocument(
        int schema,
        Asked question,
        String plane,
        @Nullable Service service,
        @Nullable Choice choice,
        Outcome outcome,
        @Nullable Turns turns,
        List<Realserver> realservers) {

    private static final int SCHEMA = 1;

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    record Asked(String protocol, String source, String destination, boolean reply) {}

    record Service(String protocol, String vip, int port, String scheduler, boolean ops) {}

    /**
     * By what the realserver is chosen.
     *
     * @param kind {@code turn hash load flow template nobody}
     * @param why for a person
     * @param first whose slot it is
     * @param leaves the realserver that the client's flow leaves with this packet
     */
    record Choice(
            String kind,
            String why,
            @Nullable Long turn,
            @Nullable Integer slot,
            @Nullable Integer slots,
            @Nullable String first,
            @Nullable String leaves) {}

    /**
     * What becomes of it.
     *
     * @param kind {@code sent depends delivered dropped returned passed}
     * @param why for a person
     * @param reason the word of a drop reason
     * @param realserver whom it goes to, or would have gone to
     * @param either the realservers among which it depends on the worker
     */
    record Outcome(
            String kind,
            String why,
            @Nullable String reason,
            @Nullable String realserver,
            List<String> either,
            @Nullable String method,
            List<Rewritten> rewritten,
            @Nullable NextHop nextHop) {}

    record Rewritten(String field, String before, String after) {}

    /** @param mac null if only the sending itself will tell */
    record NextHop(String device, @Nullable String mac) {}

    /** @param picks who gets turn {@code next}, and who those after it */
    record Turns(long next, int length, List<String> picks) {}

    /**
     * One realserver.
     *
     * @param weight as in status, and so is {@code state}
     * @param why it was chosen or not, for a person
     */
    record Realserver(
            String address,
            int port,
            int weight,
            String state,
            boolean chosen,
            String why,
            long flows,
            long forwardedLately) {}

    /** @param explanation not {@link Explanation.Unknown}, which is a refusal */
    static ExplainDocument of(Question question, Explanation explanation, Snapshot snapshot) {
        Asked asked = new Asked(
                question.protocol().lower(),
                question.source().toString(),
                question.destination().toString(),
                question.reply());
        return switch (explanation) {
            case Explanation.Unknown unknown -> throw new IllegalArgumentException(unknown.toString());
            case Explanation.FromServer(Optional<ServiceKey> service, Explanation.Fate fate) ->
                new ExplainDocument(
                        SCHEMA,
                        asked,
                        snapshot.plane(),
                        service.map(key -> service(key, find(snapshot, key))).orElse(null),
                        null,
                        outcome(fate),
                        null,
                        List.of());
            case Explanation.ToService to -> {
                Snapshot.@Nullable Service known = find(snapshot, to.service());
                yield new ExplainDocument(
                        SCHEMA,
                        asked,
                        snapshot.plane(),
                        service(to.service(), known),
                        choice(to),
                        outcome(to.fate()),
                        to.turns().map(ExplainDocument::turns).orElse(null),
                        to.servers().stream()
                                .map(server -> realserver(server, to, known))
                                .toList());
            }
        };
    }

    /** Indented, ending in a line feed. */
    String toJson() {
        return JSON.writeValueAsString(this) + "\n";
    }

    private static Snapshot.@Nullable Service find(Snapshot snapshot, ServiceKey key) {
        for (Snapshot.Service service : snapshot.services()) if (service.key().equals(key)) return service;
        return null; // a reload has just removed it
    }

    private static Service service(ServiceKey key, Snapshot.@Nullable Service known) {
        return new Service(
                key.protocol().lower(),
                key.vip().address().toString(),
                key.vip().port(),
                known == null ? "unknown" : known.scheduler(),
                known != null && known.onePacket());
    }

    private static Choice choice(Explanation.ToService to) {
        String leaves = to.leaves().map(Endpoint::toString).orElse(null);
        String why = ExplainWords.why(to.choice());
        return switch (to.choice()) {
            case Explanation.Choice.Turn(long turn, int slot, int length, Endpoint first) ->
                new Choice("turn", why, turn, slot, length, first.toString(), leaves);
            case Explanation.Choice.Hash(String _, int slot, int size, Optional<Endpoint> first) ->
                new Choice(
                        "hash",
                        why,
                        null,
                        slot,
                        size,
                        first.map(Endpoint::toString).orElse(null),
                        leaves);
            case Explanation.Choice.Load(long turn) -> new Choice("load", why, turn, null, null, null, leaves);
            case Explanation.Choice.Flow _ -> new Choice("flow", why, null, null, null, null, leaves);
            case Explanation.Choice.Template _ -> new Choice("template", why, null, null, null, null, leaves);
            case Explanation.Choice.Nobody() -> new Choice("nobody", why, null, null, null, null, leaves);
        };
    }

    private static Outcome outcome(Explanation.Fate fate) {
        String why = ExplainWords.why(fate);
        return switch (fate) {
            case Explanation.Fate.Sent sent ->
                new Outcome(
                        "sent",
                        why,
                        null,
                        sent.to().toString(),
                        List.of(),
                        sent.method().word(),
                        rewritten(sent.rewritten()),
                        hop(sent.hop()));
            case Explanation.Fate.Either(List<Explanation.Fate.Sent> either) ->
                new Outcome(
                        "depends",
                        why,
                        null,
                        null,
                        either.stream().map(sent -> sent.to().toString()).toList(),
                        either.getFirst().method().word(),
                        List.of(),
                        null);
            case Explanation.Fate.Delivered(Endpoint to, Forwarding method) ->
                new Outcome("delivered", why, null, to.toString(), List.of(), method.word(), List.of(), null);
            case Explanation.Fate.Dropped(DropReason reason, Optional<Endpoint> at) ->
                new Outcome(
                        "dropped",
                        why,
                        reason.word(),
                        at.map(Endpoint::toString).orElse(null),
                        List.of(),
                        null,
                        List.of(),
                        null);
            case Explanation.Fate.Returned(List<Explanation.Rewrite> changes, Optional<Explanation.Hop> hop) ->
                new Outcome("returned", why, null, null, List.of(), null, rewritten(changes), hop(hop));
            case Explanation.Fate.Passed _ -> new Outcome("passed", why, null, null, List.of(), null, List.of(), null);
        };
    }

    private static List<Rewritten> rewritten(List<Explanation.Rewrite> changes) {
        return changes.stream()
                .map(change -> new Rewritten(change.field(), change.before(), change.after()))
                .toList();
    }

    private static @Nullable NextHop hop(Optional<Explanation.Hop> hop) {
        return hop.map(h -> new NextHop(h.device(), h.mac().orElse(null))).orElse(null);
    }

    private static Turns turns(Explanation.Turns turns) {
        return new Turns(
                turns.next(),
                turns.length(),
                turns.picks().stream().map(Endpoint::toString).toList());
    }

    private static Realserver realserver(
            Explanation.Server server, Explanation.ToService to, Snapshot.@Nullable Service service) {
        Snapshot.@Nullable Server known = null;
        if (service != null) {
            for (Snapshot.Server each : service.realservers()) {
                if (each.endpoint().equals(server.endpoint())) known = each;
            }
        }
        return new Realserver(
                server.endpoint().address().toString(),
                server.endpoint().port(),
                known == null ? server.weight() : known.weight(),
                known == null ? "unknown" : known.state().lower(),
                ExplainWords.chosen(server, to),
                ExplainWords.why(server, to, service, known),
                server.flows(),
                server.lately());
    }
}
