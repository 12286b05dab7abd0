package io.evenkeel.dataplane;

import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.Schedule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One virtual service, compiled. Indices that {@link Schedule} answers are indices into {@code servers}.
 *
 * @param slot its place in the counters, 0..{@link ForwardingTable#MAX_SERVICES}−1; the same while the key lives
 * @param onePacket every datagram is scheduled by itself
 * @param responses replies a datagram is expected to bring; 0 keeps no per-client state; {@link #UNKNOWN_RESPONSES}
 * @param udpTimeoutNanos idle life of a flow
 * @param persistence null for none
 * @param failbackGraceNanos a realserver back within this keeps its TCP flows
 * @param servers the file's order, the sorry server last; failed ones stay listed (SHUT)
 */
public record ForwardedService(
        int slot,
        ServiceKey key,
        Schedule schedule,
        boolean onePacket,
        int responses,
        long udpTimeoutNanos,
        @Nullable Affinity persistence,
        boolean transparent,
        boolean proxyProtocol,
        long failbackGraceNanos,
        List<ForwardedServer> servers) {

    public static final int UNKNOWN_RESPONSES = -1;

    public ForwardedService {
        servers = List.copyOf(servers);
    }

    /** The same service in another slot. */
    public ForwardedService at(int otherSlot) {
        if (otherSlot == slot) return this;
        return new ForwardedService(
                otherSlot,
                key,
                schedule,
                onePacket,
                responses,
                udpTimeoutNanos,
                persistence,
                transparent,
                proxyProtocol,
                failbackGraceNanos,
                servers);
    }

    /**
     * Client affinity: clients whose first {@code prefixLength} bits agree share a template.
     *
     * @param timeoutNanos life of a template since the last new flow under it (every datagram under ops)
     */
    public record Affinity(long timeoutNanos, int prefixLength) {}
}
