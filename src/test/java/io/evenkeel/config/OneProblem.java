package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.provider.Arguments;

/** What the tables of problems share: a row, and what must come of it. */
final class OneProblem {

    private OneProblem() {}

    /**
     * @param brief as {@link Reading#brief}
     * @param suggestion empty for none
     */
    static Arguments row(String text, String brief, String suggestion) {
        return Arguments.of(text, brief, suggestion);
    }

    /** {@code text} has this problem and no other, and its one service is bound all the same. */
    static Loaded assertOne(String text, String brief, String suggestion) {
        Loaded loaded = Reading.load(text);
        assertThat(loaded.diagnostics()).as(text).singleElement().satisfies(d -> {
            assertThat(Reading.brief(d)).isEqualTo(brief);
            assertThat(d.suggestion().orElse("")).isEqualTo(suggestion);
        });
        assertThat(loaded.configuration().services()).hasSize(1);
        return loaded;
    }
}
