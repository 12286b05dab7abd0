package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {

    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "abc, abc, 0",
        "abc, ab, 1",
        "abc, abxc, 1",
        "abc, axc, 1",
        "abc, acb, 1",
        "abcd, badc, 2",
        "wieght, weight, 1",
        "kitten, sitting, 3",
        "ca, abc, 3"
    })
    void distanceCountsSwapsOfNeighboursAsOne(String a, String b, int distance) {
        assertThat(Suggestion.distance(a, b)).isEqualTo(distance);
        assertThat(Suggestion.distance(b, a)).isEqualTo(distance);
    }

    @ParameterizedTest
    @CsvSource({
        "wieght, weight",
        "real_sever, real_server",
        "WEIGHT, weight",
        "lb_aglo, lb_algo",
        "ops_, ops",
        "xyz, ''",
        "op, ops",
        "o, ''"
    })
    void theNearestWordIsSuggestedIfItIsNearEnough(String typed, String meant) {
        List<String> words = List.of("weight", "real_server", "lb_algo", "ops", "quorum");
        assertThat(Suggestion.among(typed, words).orElse("")).isEqualTo(meant);
    }

    @Test
    void aVeryLongWordIsNotCompared() {
        assertThat(Suggestion.among("weight".repeat(100_000), List.of("weight")))
                .isEmpty();
    }
}
