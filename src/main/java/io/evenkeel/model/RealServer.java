package io.evenkeel.model;

import java.util.List;

/**
 * One realserver of a virtual service. Its identity within the service is its endpoint.
 *
 * @param weight 0..2^31−1; 0 means quiesced
 * @param forwarding its own forwarding method, already defaulted from the service
 * @param upperThreshold flows at which it takes no new ones; 0 for none
 * @param lowerThreshold flows below which it takes new ones again; 0 means ¾ of the upper threshold (IPVS)
 * @param inhibitOnFailure a failed one stays listed with weight 0 instead of leaving; its flows move all the same
 * @param alpha starts failed until a check has passed
 * @param checks may be empty: then it is always up
 */
public record RealServer(
        Endpoint endpoint,
        int weight,
        Forwarding forwarding,
        int upperThreshold,
        int lowerThreshold,
        boolean inhibitOnFailure,
        boolean alpha,
        List<Check> checks) {

    public RealServer {
        checks = List.copyOf(checks);
    }
}
