package io.evenkeel.demo;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the demo needs of {@code evenkeel status --json}; the fields mean what they mean there.
 */
public record DirectorStatus(
        long received,
        long forwarded,
        long local,
        Map<String, Long> drops,
        long repliesReceived,
        long replies,
        Map<String, Long> replyDrops,
        long imbalance,
        List<Server> servers) {

    public DirectorStatus {
        drops = Map.copyOf(drops);
        replyDrops = Map.copyOf(replyDrops);
        servers = List.copyOf(servers);
    }

    /** @param at address and port, as {@code 192.0.2.1:53} */
    public record Server(
            String at, String state, String verdict, String evidence, long forwarded, long sentWhileFailed) {}

    /** The realserver at an address and port. */
    public Optional<Server> server(String at) {
        return servers.stream().filter(server -> server.at.equals(at)).findFirst();
    }

    /** received = forwarded + local + Σ drops. */
    public boolean forwardLawHolds() {
        return received == forwarded + local + sum(drops);
    }

    /** repliesReceived = replies + Σ replyDrops. */
    public boolean replyLawHolds() {
        return repliesReceived == replies + sum(replyDrops);
    }

    static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
