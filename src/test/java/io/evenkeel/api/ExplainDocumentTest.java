package io.evenkeel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Question;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code explain} says, as data and to a person. */
class ExplainDocumentTest {
    private static final Question QUESTION = Explanations.question("udp 198.51.100.7:40000 192.0.2.1:514");
    private static JsonNode schema;

    @BeforeAll
    static void read() throws Exception {
        schema = JsonMapper.shared().readTree(Files.readString(Path.of("docs/explain.schema.json")));
    }

    @Test
    void everyKindIsWhatTheSchemaPromisesAndNoFieldMore() {
        for (Explanation explanation : Explanations.all()) {
            JsonNode said = json(explanation);
            assertThat(JsonSchema.problems(schema, said)).as("%s", explanation).isEmpty();
            assertPromised(said, "/properties");
            assertPromised(said.get("question"), "/properties/question/properties");
            for (String part : List.of("service", "choice", "outcome", "turns")) {
                assertPromised(said.get(part), "/$defs/" + part + "/properties");
            }
            assertPromised(said.at("/outcome/rewritten/0"), "/$defs/rewritten/properties");
            assertPromised(said.at("/outcome/nextHop"), "/$defs/nextHop/properties");
            assertPromised(said.at("/realservers/0"), "/$defs/realserver/properties");
        }
    }

    private static void assertPromised(JsonNode said, String pointer) {
        if (!said.isObject()) return; // null, or not there
        assertThat(said.propertyNames())
                .containsExactlyElementsOf(List.copyOf(schema.at(pointer).propertyNames()));
    }

    @Test
    void everyKindIsSaidByItsOwnWord() {
        assertThat(Explanations.all())
                .extracting(explanation -> {
                    JsonNode said = json(explanation);
                    return said.at("/choice/kind").asString("") + " "
                            + said.at("/outcome/kind").asString();
                })
                .containsExactly(
                        "turn sent",
                        "hash sent",
                        "load depends",
                        "flow sent",
                        "template sent",
                        "nobody dropped",
                        "turn dropped",
                        "turn delivered",
                        " returned",
                        " dropped",
                        " passed");
    }

    @Test
    void eachRealserverSaysWhyItIsChosenOrNot() {
        assertThat(whys(Explanations.to(Explanations.TURN, Explanations.sent("10.0.0.1:514"))))
                .containsExactly(
                        "chosen, since the slot's own cannot be used",
                        "failed: connection refused",
                        "draining",
                        "weight 0",
                        "suspect, and others are not: port unreachable",
                        "not its turn",
                        "at its upper threshold: 5 flows of 5");
        assertThat(whys(Explanations.to(new Choice.Flow(0), Explanations.sent("10.0.0.1:514"))))
                .startsWith("chosen")
                .contains("the flow is another's");
        assertThat(whys(Explanations.to(
                        new Choice.Nobody(), new Fate.Dropped(DropReason.FLOW_TABLE_FULL, Optional.empty()))))
                .startsWith("nobody is chosen");
    }

    private static List<String> whys(Explanation explanation) {
        return json(explanation)
                .get("realservers")
                .valueStream()
                .map(server -> server.get("why").asString())
                .toList();
    }

    @Test
    void aPersonReadsTheSameFacts() {
        String text = text(Explanations.to(Explanations.TURN, Explanations.sent("10.0.0.1:514")));
        assertThat(text).isEqualTo("""
                udp 198.51.100.7:40000 -> 192.0.2.1:514, on the socket plane
                  service     192.0.2.1:514/udp  rr ops
                  flow        leaves 10.0.0.2:514, which can no longer have it
                  choice      turn 7 is slot 1 of 3, 10.0.0.2:514's
                  outcome     it goes to 10.0.0.1:514 by NAT
                  rewritten   destination: 192.0.2.1:514 -> 10.0.0.1:514
                  next hop    eth1, 02:00:00:00:00:01
                  turns       from 7 on: 10.0.0.1:514, 10.0.0.6:514

                  REALSERVER    WEIGHT  STATE     FLOWS  WHY
                  10.0.0.1:514  1       up        5      chosen, since the slot's own cannot be used
                  10.0.0.2:514  1       failed    5      failed: connection refused
                  10.0.0.3:514  1       draining  5      draining
                  10.0.0.4:514  0       quiesced  5      weight 0
                  10.0.0.5:514  1       suspect   5      suspect, and others are not: port unreachable
                  10.0.0.6:514  1       unknown   5      not its turn
                  10.0.0.7:514  1       unknown   5      at its upper threshold: 5 flows of 5
                """);
        assertThat(text(Explanations.all().get(6)))
                .contains("  outcome     it is dropped on its way to 10.0.0.1:514: the kernel has no route to the"
                        + " realserver (no_route)\n");
        assertThat(text(Explanations.all().getLast())).isEqualTo("""
                udp 198.51.100.7:40000 -> 192.0.2.1:514, on the socket plane
                  outcome     it is left to the kernel's own stack: it is the answer to a probe
                """);
    }

    @Test
    void whatIsUnknownIsARefusalAndNoDocument() {
        Explanation unknown = Explanations.of(Explanations.question("udp 198.51.100.7:40000 192.0.2.9:514"));
        assertThatThrownBy(() -> json(unknown)).isInstanceOf(IllegalArgumentException.class);
    }

    private static JsonNode json(Explanation explanation) {
        return JsonMapper.shared().readTree(document(explanation).toJson());
    }

    private static String text(Explanation explanation) {
        return ExplainText.render(document(explanation));
    }

    private static ExplainDocument document(Explanation explanation) {
        return ExplainDocument.of(QUESTION, explanation, Snapshots.full());
    }
}
