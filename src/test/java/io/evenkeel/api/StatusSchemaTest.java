package io.evenkeel.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.director.Snapshot;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What {@code status --json} says is what docs/status.schema.json promises. */
class StatusSchemaTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static JsonNode schema;

    @BeforeAll
    static void read() throws Exception {
        schema = JSON.readTree(Files.readString(Path.of("docs/status.schema.json")));
    }

    @Test
    void aFullAndAnEmptyStateAreValid() {
        assertThat(JsonSchema.problems(schema, json(Snapshots.full()))).isEmpty();
        assertThat(JsonSchema.problems(schema, json(Snapshots.empty()))).isEmpty();
    }

    @Test
    void everyFieldThatIsSaidIsPromised() {
        JsonNode said = json(Snapshots.full());
        assertThat(names(said)).containsExactlyElementsOf(promised("/properties"));
        assertThat(names(said.get("director"))).containsExactlyElementsOf(promised("/properties/director/properties"));
        assertThat(names(said.at("/director/planeLag")))
                .containsExactlyElementsOf(promised("/properties/director/properties/planeLag/properties"));
        assertThat(names(said.get("totals"))).containsExactlyElementsOf(promised("/properties/totals/properties"));
        JsonNode service = said.get("services").get(0);
        assertThat(names(service)).containsExactlyElementsOf(promised("/$defs/service/properties"));
        assertThat(names(service.get("realservers").get(0)))
                .containsExactlyElementsOf(promised("/$defs/realserver/properties"));
    }

    @Test
    void theWordsAreThoseOfTheProgram() {
        assertThat(words("/$defs/drops/propertyNames"))
                .containsExactlyElementsOf(reasons(DropReason.Direction.FORWARD));
        assertThat(words("/$defs/replyDrops/propertyNames"))
                .containsExactlyElementsOf(reasons(DropReason.Direction.REPLY));
        assertThat(words("/$defs/realserver/properties/state"))
                .containsExactlyElementsOf(lower(RealServerState.values(), RealServerState::lower));
        assertThat(words("/$defs/realserver/properties/verdict"))
                .containsExactlyElementsOf(lower(Verdict.values(), Verdict::lower));
        assertThat(words("/$defs/realserver/properties/operator"))
                .containsExactlyElementsOf(lower(OperatorIntent.values(), OperatorIntent::lower));
    }

    @Test
    void timesAreRfc3339InUtcToTheMillisecond() {
        JsonNode said = json(Snapshots.full());
        assertThat(said.at("/director/startedAt").stringValue()).isEqualTo("2026-11-21T08:00:00.123Z");
        assertThat(said.at("/services/0/realservers/0/since").stringValue()).isEqualTo("2026-11-21T08:00:01.123Z");
    }

    @Test
    void whatIsNotKnownIsTheWordUnknown() {
        JsonNode neverProbed = json(Snapshots.full()).at("/services/0/realservers/5");
        assertThat(neverProbed.get("verdict").stringValue()).isEqualTo("unknown");
        assertThat(neverProbed.get("evidence").stringValue()).isEqualTo("unknown");
        assertThat(neverProbed.get("evidenceAt").stringValue()).isEqualTo("unknown");
    }

    @Test
    void figuresAreThoseOfTheSnapshot() {
        JsonNode said = json(Snapshots.full());
        assertThat(said.at("/services/0/drops").toString()).isEqualTo("{\"no_realserver\":7,\"receive_overflow\":3}");
        assertThat(said.at("/totals/replyDrops").toString()).isEqualTo("{\"reply_stranger\":2}");
        assertThat(said.get("paths").toString()).isEqualTo("{\"gso_sends\":12}");
        assertThat(said.at("/services/1/vip").stringValue()).isEqualTo("2001:db8::1");
        assertThat(said.at("/services/1/match").toString())
                .isEqualTo("{\"kind\":\"address\",\"protocol\":\"tcp\",\"vip\":\"2001:db8::1\",\"port\":443}");
    }

    @Test
    void theValidatorSeesWhatIsWrong() {
        assertThat(broken(o -> o.put("schema", 2))).containsExactly("$.schema is not 1");
        assertThat(broken(o -> o.remove("totals"))).containsExactly("$ lacks \"totals\"");
        assertThat(broken(o -> ((ObjectNode) o.get("totals")).put("received", -1)))
                .containsExactly("$.totals.received is below 0");
        assertThat(broken(o -> ((ObjectNode) o.at("/services/0/drops")).put("bad_luck", 1)))
                .containsExactly("$.services[0].drops has the name bad_luck");
        assertThat(broken(o -> ((ObjectNode) o.at("/services/0/realservers/1")).put("since", "yesterday")))
                .singleElement()
                .asString()
                .startsWith("$.services[0].realservers[1].since does not look like");
    }

    private static List<String> broken(java.util.function.Consumer<ObjectNode> change) {
        ObjectNode said = (ObjectNode) json(Snapshots.full());
        change.accept(said);
        return JsonSchema.problems(schema, said);
    }

    private static JsonNode json(Snapshot snapshot) {
        return JSON.readTree(StatusDocument.of(snapshot).toJson());
    }

    private static List<String> names(JsonNode object) {
        return List.copyOf(object.propertyNames());
    }

    private static List<String> promised(String pointer) {
        return names(schema.at(pointer));
    }

    private static List<String> words(String pointer) {
        return schema.at(pointer)
                .get("enum")
                .valueStream()
                .map(JsonNode::stringValue)
                .toList();
    }

    private static List<String> reasons(DropReason.Direction direction) {
        return Stream.of(DropReason.values())
                .filter(reason -> reason.direction() == direction)
                .map(DropReason::word)
                .toList();
    }

    private static <E> List<String> lower(E[] values, Function<E, String> word) {
        return Arrays.stream(values).map(word).toList();
    }
}
