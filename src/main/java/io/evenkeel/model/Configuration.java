package io.evenkeel.model;

import java.util.List;

/**
 * Everything a file asks for, without positions: moving a line changes nothing here (positions are in {@link Origins}).
 *
 * @param services in the file's order, keys unique
 * @param replyPorts most back ports for replies ({@code reply_ports}, extension), default {@value #DEFAULT_REPLY_PORTS}
 * @param replyAddresses source addresses towards realservers ({@code reply_addresses}, extension); empty lets the
 *     kernel choose
 */
public record Configuration(List<VirtualService> services, int replyPorts, List<IpAddress> replyAddresses) {

    public static final int DEFAULT_REPLY_PORTS = 8_192;

    public Configuration {
        services = List.copyOf(services);
        replyAddresses = List.copyOf(replyAddresses);
    }
}
