package io.evenkeel.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.Schedule.Candidate;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a real IPVS kernel chose for the same realservers and clients. */
class IpvsVectorsTest {
    private static final JsonNode VECTORS = read();
    private static final int SH_PORT = 53; // sh does not look at the realserver's port; any will do

    @TestFactory
    Stream<DynamicTest> everyHashVectorAgrees() {
        return VECTORS.get("hash_vectors")
                .valueStream()
                .map(vector -> DynamicTest.dynamicTest(vector.get("name").asString(), () -> agrees(vector)));
    }

    @Test
    void theVectorsAreAllThere() {
        long clients = VECTORS.get("hash_vectors")
                .valueStream()
                .mapToLong(vector -> vector.get("clients").size())
                .sum();
        assertThat(VECTORS.get("hash_vectors").size()).isEqualTo(7);
        assertThat(clients).isEqualTo(7 * 179);
    }

    @Test
    void destinationHashAgrees() {
        List<Candidate> candidates = Candidates.weighing(1, 1, 1).stream()
                .map(candidate -> new Candidate(
                        new Endpoint(
                                IpAddress.v4((int) (0x0a09_0001L
                                        + candidate.endpoint().address().low()
                                        - 0xc612_0001L)),
                                SH_PORT),
                        1,
                        1,
                        true))
                .toList();
        SlotTable table = (SlotTable) Schedule.compile(new Scheduling.DestinationHash(), candidates, false, false);
        for (JsonNode row : VECTORS.get("dh")) {
            IpAddress vip = IpAddress.of(row.get("vip").asString());
            int pick = table.pick(false, 0, 1234, 999, 0, vip.low(), Candidates.ALL);
            assertThat(candidates.get(pick).endpoint().address())
                    .as(vip.toString())
                    .hasToString(row.get("dest").asString());
        }
        assertThat(VECTORS.get("dh").size()).isEqualTo(3);
    }

    private static void agrees(JsonNode vector) {
        List<Candidate> candidates = candidates(vector);
        Scheduling scheduling = scheduling(vector);
        SlotTable table = (SlotTable) Schedule.compile(scheduling, candidates, false, false);
        for (JsonNode client : vector.get("clients")) {
            IpAddress address = IpAddress.of(client.get("ip").asString());
            int pick = table.pick(false, 0, address.low(), client.get("port").asInt(), 0, 0, Candidates.ALL);
            JsonNode expected = client.get("dest");
            String chosen = pick == Schedule.NONE
                    ? null
                    : candidates.get(pick).endpoint().address().toString();
            assertThat(chosen).as("client %s", address).isEqualTo(expected.isNull() ? null : expected.asString());
        }
    }

    /** The file's order is the reverse of the kernel's list. */
    private static List<Candidate> candidates(JsonNode vector) {
        boolean edited = vector.get("name").asString().contains("2->0");
        List<Candidate> candidates = new ArrayList<>();
        for (JsonNode dest : vector.get("dests_newest_first")) {
            int weight = dest.get("weight").asInt();
            int port = vector.get("dest_port").isNull()
                    ? SH_PORT
                    : vector.get("dest_port").asInt();
            Endpoint endpoint = new Endpoint(IpAddress.of(dest.get("ip").asString()), port);
            candidates.addFirst(new Candidate(endpoint, weight, edited && weight == 0 ? 2 : weight, true));
        }
        return candidates;
    }

    private static Scheduling scheduling(JsonNode vector) {
        List<String> flags =
                vector.get("flags").valueStream().map(JsonNode::asString).toList();
        return switch (vector.get("scheduler").asString()) {
            case "sh" -> new Scheduling.SourceHash(flags.contains("sh-port"), flags.contains("sh-fallback"));
            case "mh" -> new Scheduling.Maglev(flags.contains("mh-port"), flags.contains("mh-fallback"));
            default -> throw new AssertionError(vector.get("scheduler"));
        };
    }

    private static JsonNode read() {
        try (InputStream in = Objects.requireNonNull(IpvsVectorsTest.class.getResourceAsStream("ipvs-vectors.json"))) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
