package io.evenkeel.dataplane;

import io.evenkeel.model.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be forwarded now: immutable, versioned, complete. It knows neither keepalived nor VRRP nor health.
 *
 * @param version grows by one with every table the director makes
 * @param replyPorts most back ports the plane may hold open for replies
 * @param replyAddresses source addresses towards realservers; empty lets the kernel choose
 */
public record ForwardingTable(
        long version, List<ForwardedService> services, int replyPorts, List<IpAddress> replyAddresses) {

    public static final int MAX_SERVICES = 4_096;
    /** Realservers of one service, removed ones included while flows may name them. */
    public static final int MAX_SERVERS = 1_024;

    public ForwardingTable {
        services = List.copyOf(services);
        replyAddresses = List.copyOf(replyAddresses);
    }

    /** The service in this slot, or null. */
    public @Nullable ForwardedService service(int slot) {
        for (ForwardedService service : services) if (service.slot() == slot) return service;
        return null;
    }
}
