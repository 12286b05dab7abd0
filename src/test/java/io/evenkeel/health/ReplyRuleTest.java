package io.evenkeel.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyRuleTest {

    /** Pattern, least and most bytes, the reply, what is wrong with it. A dash is nothing. */
    @ParameterizedTest(name = "{0} {1}..{2} against {3}: {4}")
    @CsvSource({
        "-, 0, 255, 0102, -",
        "-, 9, 10, 0102, -", // limits hold only with a pattern
        "0102, 0, 255, 0102, -",
        "0102, 0, 255, 0103, reply differs at byte 1: 03 instead of 02",
        "0102, 0, 255, 01, -", // compared over the shorter
        "01, 0, 255, 01ff, -",
        "0102, 0, 255, -, -",
        "X1XX, 0, 255, f1ab, -",
        "X1xx, 0, 255, f2ab, reply differs at byte 0: f2 instead of X1",
        "aB, 0, 255, AB, -",
        "1, 0, 255, 1f, -", // an odd nibble more
        "1, 0, 255, 2f, reply differs at byte 0: 2f instead of 1",
        "01, 2, 255, 01, 'reply of 1 byte, at least 2 asked for'",
        "01, 0, 1, 0101, 'reply of 2 bytes, at most 1 allowed'",
    })
    void aReplyIsComparedAsKeepalivedDoes(String pattern, int least, int most, String reply, String wrong) {
        Check.Udp check = new Check.Udp(
                Probing.timing(Duration.ofSeconds(1)),
                Probing.target(Probing.loopback4(), 9),
                new Check.HexBytes("00"),
                Optional.of(new Check.ReplyPattern(pattern.equals("-") ? "" : pattern)),
                least,
                most);
        byte[] bytes = reply.equals("-") ? new byte[0] : HexFormat.of().parseHex(reply);
        assertThat(ReplyRule.mismatch(check, bytes, bytes.length).orElse("-")).isEqualTo(wrong);
    }
}
