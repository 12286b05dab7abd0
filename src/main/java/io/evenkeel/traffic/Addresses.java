package io.evenkeel.traffic;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Socket addresses from literals, without a resolver. */
public final class Addresses {
    private Addresses() {}

    /** @param literal an IPv4 or IPv6 address as text; anything else is refused with IllegalArgumentException */
    public static InetSocketAddress at(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }

    /** As configuration files and status write it: {@code 192.0.2.1:53}, {@code [2001:db8::1]:53}. */
    public static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        boolean v6 = host.indexOf(':') >= 0;
        return (v6 ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
