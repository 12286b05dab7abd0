package io.evenkeel.realserver;

import io.evenkeel.model.Protocol;
import java.util.Locale;
import java.util.Optional;

/**
 * A port whose daemon is to be looked at.
 *
 * @param port 1..65535
 */
public record Check(Protocol protocol, int port) {
    public Check {
        if (port < 1 || port > 65_535) throw new IllegalArgumentException("port outside 1..65535: " + port);
    }

    /** From {@code udp:514} or {@code tcp:80}; empty if it is anything else. */
    public static Optional<Check> parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) return Optional.empty();
        Protocol protocol = switch (text.substring(0, colon)) {
            case "udp" -> Protocol.UDP;
            case "tcp" -> Protocol.TCP;
            default -> null;
        };
        String digits = text.substring(colon + 1);
        if (protocol == null || !digits.matches("[1-9][0-9]{0,4}")) return Optional.empty();
        int port = Integer.parseInt(digits);
        return port <= 65_535 ? Optional.of(new Check(protocol, port)) : Optional.empty();
    }

    @Override
    public String toString() {
        return protocol.name().toLowerCase(Locale.ROOT) + ":" + port;
    }
}
