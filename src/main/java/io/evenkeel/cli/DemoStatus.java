package io.evenkeel.cli;

import io.evenkeel.api.ControlClient;
import io.evenkeel.api.ControlClient.Answer;
import io.evenkeel.api.ControlMessage;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.daemon.RuntimeDirectory;
import io.evenkeel.demo.DirectorStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what the demo needs from {@code status --json}, over the control socket. Pure but for the asking; any thread. */
final class DemoStatus {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private DemoStatus() {}

    /** Asks the director in {@code runtimeDirectory}. */
    static DirectorStatus read(Path runtimeDirectory) throws IOException {
        Path socket = RuntimeDirectory.socketIn(runtimeDirectory);
        return switch (ControlClient.ask(socket, new ControlMessage.StatusJson())) {
            case Answer.Replied(Reply reply) -> parse(reply);
            case Answer.NoDirector() -> throw new IOException("no director runs in " + runtimeDirectory);
            case Answer.Broken(String why) -> throw new IOException(why);
        };
    }

    private static DirectorStatus parse(Reply reply) throws IOException {
        if (reply.outcome() != ControlMessage.Outcome.DONE)
            throw new IOException(reply.body().strip());
        try {
            return parse(reply.body());
        } catch (JacksonException malformed) {
            throw new IOException("the director's status is not what it should be: " + malformed.getMessage());
        }
    }

    static DirectorStatus parse(String json) {
        JsonNode document = JSON.readTree(json);
        JsonNode totals = document.path("totals");
        List<DirectorStatus.Server> servers = new ArrayList<>();
        for (JsonNode service : document.path("services")) {
            for (JsonNode server : service.path("realservers")) servers.add(server(server));
        }
        return new DirectorStatus(
                totals.path("received").asLong(),
                totals.path("forwarded").asLong(),
                totals.path("local").asLong(),
                counts(totals.path("drops")),
                totals.path("repliesReceived").asLong(),
                totals.path("replies").asLong(),
                counts(totals.path("replyDrops")),
                totals.path("imbalance").asLong(),
                servers);
    }

    private static DirectorStatus.Server server(JsonNode server) {
        return new DirectorStatus.Server(
                server.path("address").asString() + ":" + server.path("port").asInt(),
                server.path("state").asString(),
                server.path("verdict").asString(),
                server.path("evidence").asString(),
                server.path("forwarded").asLong(),
                server.path("sentWhileFailed").asLong());
    }

    private static Map<String, Long> counts(JsonNode object) {
        Map<String, Long> counts = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue().asLong()));
        return counts;
    }
}
