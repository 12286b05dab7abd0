package io.evenkeel.schedule;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.schedule.Schedule.Candidate;
import io.evenkeel.schedule.Schedule.Eligibility;
import java.util.ArrayList;
import java.util.List;

/** Candidate lists for tests: 198.18.0.1:53, 198.18.0.2:53, … */
final class Candidates {
    static final Eligibility ALL = index -> true;

    private Candidates() {}

    static List<Candidate> weighing(int... weights) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            candidates.add(new Candidate(endpoint(i), weights[i], weights[i], true));
        }
        return candidates;
    }

    static Endpoint endpoint(int i) {
        return new Endpoint(IpAddress.v4(0xc612_0001 + i), 53);
    }

    static Eligibility allBut(Integer... unusable) {
        List<Integer> out = List.of(unusable);
        return index -> !out.contains(index);
    }
}
