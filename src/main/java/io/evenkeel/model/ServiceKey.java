package io.evenkeel.model;

import java.util.Locale;
import java.util.Optional;

/**
 * What makes a virtual service the same one across reloads: protocol and VIP:port. Written
 * {@code 192.0.2.1:514/udp}. Health, flows, counters and the turn belong to the key, not to a line in a file.
 */
public record ServiceKey(Protocol protocol, Endpoint vip) implements Comparable<ServiceKey> {

    /** The key written {@code VIP:PORT/udp} or {@code VIP:PORT/tcp}; empty if it is anything else. */
    public static Optional<ServiceKey> parse(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 0) return Optional.empty();
        Optional<Endpoint> vip = Endpoint.parse(text.substring(0, slash));
        return switch (text.substring(slash + 1).toLowerCase(Locale.ROOT)) {
            case "udp" -> vip.map(v -> new ServiceKey(Protocol.UDP, v));
            case "tcp" -> vip.map(v -> new ServiceKey(Protocol.TCP, v));
            default -> Optional.empty();
        };
    }

    @Override
    public int compareTo(ServiceKey other) {
        int byVip = vip.compareTo(other.vip);
        return byVip != 0 ? byVip : protocol.compareTo(other.protocol);
    }

    @Override
    public String toString() {
        return vip + "/" + protocol.lower();
    }
}
