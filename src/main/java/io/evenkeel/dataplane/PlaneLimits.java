package io.evenkeel.dataplane;

import io.evenkeel.model.Refused;
import java.util.Optional;
import java.util.Set;

/**
 * What a plane can do, so that one compiler can judge a configuration for any of them, with or without the plane at hand.
 *
 * @param plane {@code socket} or {@code kernel}
 * @param directRouting why DR cannot be done, empty if it can
 * @param tunnel why TUN cannot be done, empty if it can
 * @param transparent why the client's address cannot be kept by {@code transparent}, empty if it can
 * @param keepsClientAddress NAT shows realservers the client's own address
 * @param lacking what it has not learnt yet
 * @param mostCompared realservers of one service that a scheduler which compares them all, or thresholds, may have
 * @param workers threads that forward, ≥ 1
 */
public record PlaneLimits(
        String plane,
        Optional<Refused> directRouting,
        Optional<Refused> tunnel,
        Optional<Refused> transparent,
        boolean keepsClientAddress,
        Set<Ability> lacking,
        int mostCompared,
        int workers) {

    public PlaneLimits {
        lacking = Set.copyOf(lacking);
    }
}
