package io.evenkeel.health;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check.Http.StatusRange;
import io.evenkeel.model.Check.Http.Url;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HttpJudgeTest {

    private static String judge(String text, boolean ended, StatusRange... accepted) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        Url url = new Url("/", Optional.empty(), List.of(accepted));
        Optional<ProbeOutcome> outcome =
                HttpJudge.judge(url, Arrays.copyOf(bytes, HttpProbe.LONGEST_HEAD), bytes.length, ended);
        return outcome.map(o -> o.getClass().getSimpleName() + " " + o.evidence())
                .orElse("more");
    }

    private static final StatusRange OK = new StatusRange(200, 299);

    @Test
    void aStatusCountsOnlyWithItsWholeHead() {
        assertThat(judge("HTTP/1.0 200 OK\r\nA: b\r\n", false, OK)).isEqualTo("more");
        assertThat(judge("HTTP/1.0 200 OK\r\nA: b\r\n", true, OK))
                .isEqualTo("Failed GET /: closed after 23 bytes, before the response's head was complete");
        assertThat(judge("HTTP/1.0 200 OK\r\nA: b\r\n\r\n", false, OK)).isEqualTo("Passed GET /: status 200");
    }

    @Test
    void anInterimResponseIsPassedOver() {
        String interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        assertThat(judge(interim, false, OK)).isEqualTo("more");
        assertThat(judge(interim + "HTTP/1.1 204 No\r\n\r\n", false, OK)).isEqualTo("Passed GET /: status 204");
        assertThat(judge(interim + "HTTP/1.1 500 No\r\n\r\n", false, OK)).isEqualTo("Failed GET /: status 500");
        assertThat(judge(interim + "nonsense", false, OK)).isEqualTo("Failed GET /: not HTTP: \"nonsense\"");
        assertThat(judge(interim, true, OK)).startsWith("Failed GET /: closed");
        assertThat(judge(interim, false, new StatusRange(100, 199)))
                .as("unless it is what is asked for")
                .isEqualTo("Passed GET /: status 103");
    }
}
