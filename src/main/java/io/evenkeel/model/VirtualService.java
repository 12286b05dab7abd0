package io.evenkeel.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One virtual service as configured: keepalived's {@code virtual_server} by address, defaults already applied.
 *
 * @param key identity across reloads
 * @param scheduling {@code lb_algo} with its flags
 * @param onePacket {@code ops}: every datagram is scheduled by itself (UDP only)
 * @param forwarding {@code lb_kind}
 * @param persistence {@code persistence_timeout} and granularity
 * @param responses replies a datagram is expected to bring (extension): 0 keeps no per-client state, empty is unknown
 * @param udpTimeout idle life of a flow (extension); 300 s tracked, 30 s under ops
 * @param clientAddress what realservers must see as source (extension)
 * @param transparent keep the client's address by IP_TRANSPARENT (extension, CAP_NET_ADMIN, one-way services)
 * @param proxyProtocol send the PROXY protocol v2 header (extension)
 * @param canonicalOrder table independent of the file's order (extension {@code order canonical}); not IPVS-exact
 * @param quorum Σ weight of live realservers needed, ≥ 1
 * @param hysteresis 0..quorum−1
 * @param alpha realservers start failed until checked
 * @param omega stop runs the down notifications
 * @param sorryServer takes the traffic while quorum is lost
 * @param drainTimeout how long a draining realserver keeps flows (extension); empty means until they end
 * @param failbackGrace a realserver back within this keeps its TCP flows (extension)
 * @param realServers in the file's order, at least one
 */
public record VirtualService(
        ServiceKey key,
        Scheduling scheduling,
        boolean onePacket,
        Forwarding forwarding,
        Optional<Persistence> persistence,
        OptionalInt responses,
        Duration udpTimeout,
        ClientAddress clientAddress,
        boolean transparent,
        boolean proxyProtocol,
        boolean canonicalOrder,
        int quorum,
        int hysteresis,
        boolean alpha,
        boolean omega,
        Optional<SorryServer> sorryServer,
        Optional<Duration> drainTimeout,
        Duration failbackGrace,
        List<RealServer> realServers) {

    public VirtualService {
        realServers = List.copyOf(realServers);
    }

    /**
     * Client affinity (IPVS templates).
     *
     * @param timeout 1 s .. 31 days
     * @param prefixLength client bits compared: 0..32 for IPv4, 1..128 for IPv6
     */
    public record Persistence(Duration timeout, int prefixLength) {}

    /**
     * Takes all traffic while quorum is lost; weight 1.
     *
     * @param inhibit stays listed with weight 0 while not needed ({@code sorry_server_inhibit})
     */
    public record SorryServer(Endpoint endpoint, Forwarding forwarding, boolean inhibit) {}

    /** Which source address realservers see (extension {@code client_address}). */
    public enum ClientAddress {
        /** Not written: the meaning of {@code lb_kind NAT}, which is keep. */
        UNSPECIFIED,
        /** The client's own. */
        KEEP,
        /** The director's: the operator accepts it. */
        DIRECTOR
    }
}
