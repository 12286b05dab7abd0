package io.evenkeel.model;

import java.util.Optional;

/**
 * An address and a port, written {@code 192.0.2.1:53} or {@code [2001:db8::1]:53}.
 *
 * @param port 0..65535; 0 means "any port" where the keyword allows it
 */
public record Endpoint(IpAddress address, int port) implements Comparable<Endpoint> {

    public Endpoint {
        if (port < 0 || port > 65_535) throw new IllegalArgumentException("port outside 0..65535: " + port);
    }

    /** The endpoint written in {@code text}; empty if it is anything else (a bare IPv6 address has no port). */
    public static Optional<Endpoint> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) return Optional.empty();
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) host = host.substring(1, host.length() - 1);
        Optional<IpAddress> address = IpAddress.parse(host);
        if (address.isEmpty() || address.get().v6() != bracketed) return Optional.empty();
        String digits = text.substring(colon + 1);
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        int port = Integer.parseInt(digits);
        return port <= 65_535 ? Optional.of(new Endpoint(address.get(), port)) : Optional.empty();
    }

    /** As {@link #parse}, for literals in our own code. */
    public static Endpoint of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("not an address:port: " + text));
    }

    @Override
    public int compareTo(Endpoint other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }

    @Override
    public String toString() {
        return address.v6() ? "[" + address + "]:" + port : address + ":" + port;
    }
}
