package io.evenkeel.lab;

import io.evenkeel.traffic.Addresses;
import java.net.InetSocketAddress;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A reading of {@code status --json}. */
public record Status(JsonNode document) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Status parse(String json) {
        return new Status(JSON.readTree(json));
    }

    /** A figure of the totals, e.g. {@code received}. */
    public long total(String name) {
        return document.path("totals").path(name).asLong();
    }

    /** Datagrams dropped for a reason, all services together; 0 if none. */
    public long drops(String reason) {
        return document.path("totals").path("drops").path(reason).asLong();
    }

    public long replyDrops(String reason) {
        return document.path("totals").path("replyDrops").path(reason).asLong();
    }

    /** Which way packets took, e.g. {@code gso_sends}. */
    public long path(String word) {
        return document.path("paths").path(word).asLong();
    }

    /** Every worker has acknowledged all changes that this reading shows: what it says of a state is what is forwarded. */
    public boolean settled() {
        return document.path("director").path("settled").asBoolean();
    }

    /** The version of the table that every worker has taken up. */
    public long tableAcknowledged() {
        return document.path("director").path("tableAcknowledged").asLong();
    }

    /** The first service. */
    public JsonNode service() {
        return document.path("services").path(0);
    }

    /** The realserver at an address, of the first service that has it; a missing node if none has. */
    public JsonNode server(InetSocketAddress at) {
        for (JsonNode service : document.path("services")) {
            for (JsonNode server : service.path("realservers")) {
                if (server.path("address").asString().equals(address(at))
                        && server.path("port").asInt() == at.getPort()) {
                    return server;
                }
            }
        }
        return MissingNode.getInstance();
    }

    /** The shown state of a realserver, e.g. {@code up}. */
    public String state(InetSocketAddress at) {
        return server(at).path("state").asString("absent");
    }

    /** Σ drops, or Σ replyDrops, over all services. */
    public long sum(String drops) {
        long sum = 0;
        for (JsonNode count : document.path("totals").path(drops)) sum += count.asLong();
        return sum;
    }

    /** {@code drops} or {@code replyDrops} of all services by reason, as JSON. */
    public String reasons(String drops) {
        return document.path("totals").path(drops).toString();
    }

    private static String address(InetSocketAddress at) {
        // As IpAddress prints it: RFC 5952, where Java writes every group.
        return io.evenkeel.model.IpAddress.ofBytes(at.getAddress().getAddress()).toString();
    }

    @Override
    public String toString() {
        return document.toString();
    }

    static String text(InetSocketAddress at) {
        return Addresses.text(at);
    }
}
