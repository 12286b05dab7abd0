package io.evenkeel.dataplane;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;

/**
 * One realserver as a plane sees it.
 *
 * @param slot its place in the service's counters and flows, 0..{@link ForwardingTable#MAX_SERVERS}−1; the same in every
 *     table in which the realserver stands, and not given to another while a flow can name it
 * @param weight effective weight, ≥ 0
 * @param generation bumped when it fails or is removed; a flow of an older generation is rescheduled. 16 bits are compared
 * @param upperThreshold flows at which it takes no new ones, 0 for none
 * @param lowerThreshold flows below which it takes new ones again; 0 means ¾ of upper
 */
public record ForwardedServer(
        int slot,
        Endpoint endpoint,
        Forwarding forwarding,
        int weight,
        Usability usability,
        int generation,
        int upperThreshold,
        int lowerThreshold) {}
