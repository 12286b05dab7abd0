package io.evenkeel.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuorumRuleTest {

    /** quorum, hysteresis, live weights in order (the first is at start), then the expected quorum after each. */
    @ParameterizedTest(name = "quorum {0} hysteresis {1}: {2} gives {3}")
    @CsvSource({
        "1, 0, 0 1 2 1 0 1, DUUUDU",
        "3, 0, 3 2 3, UDU",
        "3, 1, 3 4 3 2 1 2 3 4, DUUUDDDU",
        "3, 2, 4 5 1 0 4 5, DUUDDU",
        // a start inside the band is down: nothing was ever gained
        "2, 1, 2 1 2 3, DDDU",
        // sums beyond 2^31 neither wrap nor trap
        "2147483647, 2147483646, 4294967292 4294967293 1 0, DUUD",
        "1, 0, 9223372036854775807 0, UD",
    })
    void quorumIsGainedAboveAndLostBelowTheBand(int quorum, int hysteresis, String weights, String expected) {
        StringBuilder seen = new StringBuilder();
        boolean up = false;
        for (String weight : weights.split(" ")) {
            long live = Long.parseLong(weight);
            up = seen.isEmpty()
                    ? QuorumRule.atStart(live, quorum, hysteresis)
                    : QuorumRule.next(up, live, quorum, hysteresis);
            seen.append(up ? 'U' : 'D');
        }
        assertThat(seen).hasToString(expected);
    }

    /** Every sequence of five live weights 0..7 under every quorum to 4: the last weight outside the band decides. */
    @Test
    void everyShortSequenceAgreesWithTheLastWeightOutsideTheBand() {
        int compared = 0;
        for (int quorum = 1; quorum <= 4; quorum++) {
            for (int hysteresis = 0; hysteresis < quorum; hysteresis++) {
                for (int code = 0; code < 8 * 8 * 8 * 8 * 8; code++) {
                    List<Integer> weights = new ArrayList<>();
                    for (int i = 0; i < 5; i++) weights.add(code >> (3 * i) & 7);
                    boolean up = QuorumRule.atStart(weights.getFirst(), quorum, hysteresis);
                    for (int weight : weights.subList(1, 5)) up = QuorumRule.next(up, weight, quorum, hysteresis);
                    assertThat(up)
                            .as("%s quorum %d hysteresis %d", weights, quorum, hysteresis)
                            .isEqualTo(oracle(weights, quorum, hysteresis));
                    compared++;
                }
            }
        }
        assertThat(compared).isEqualTo(10 * 32_768);
    }

    private static boolean oracle(List<Integer> weights, int quorum, int hysteresis) {
        for (int weight : weights.reversed()) {
            if (weight == 0 || weight + hysteresis < quorum) return false;
            if (weight - hysteresis >= quorum) return true;
        }
        return false;
    }
}
