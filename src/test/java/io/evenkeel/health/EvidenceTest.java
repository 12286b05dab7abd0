package io.evenkeel.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvidenceTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "4000, 0 ms",
        "420000, 0.42 ms",
        "400000, 0.4 ms",
        "9990000, 9.99 ms",
        "10000000, 10 ms",
        "200000000, 200 ms",
        "999000000, 999 ms",
        "1000000000, 1 s",
        "1500000000, 1.5 s",
        "5000000000, 5 s",
        "100000000000, 100 s",
    })
    void durationsAreShort(long nanos, String text) {
        assertThat(Evidence.duration(nanos)).isEqualTo(text);
    }

    @Test
    void foreignTextIsCutAndHarmless() {
        byte[] bytes = ("a\u001b[31m\u00e9\n" + "x".repeat(100)).getBytes(UTF_8);
        assertThat(Evidence.quote(bytes, 0, 3)).isEqualTo("a.[");
        assertThat(Evidence.quote(bytes, 0, bytes.length))
                .startsWith("a.[31m..xxx")
                .endsWith("x...")
                .hasSizeLessThanOrEqualTo(Evidence.LONGEST_QUOTE + 3)
                .matches("[ -~]*");
        assertThat(Evidence.quote(bytes, 5, 5)).isEmpty();
    }

    @ParameterizedTest(name = "output {0} ends with line {1}")
    @CsvSource({
        "'', ''",
        "one, one",
        "'one\n', one",
        "'one\ntwo\n\n \n', two",
        "'one\r\n', one",
        "'one\n  two', two",
    })
    void theLastLineWithSomethingOnItIsKept(String output, String expected) {
        byte[] bytes = output.getBytes(UTF_8);
        LastLine whole = new LastLine();
        whole.accept(bytes, bytes.length);
        assertThat(whole.text()).isEqualTo(expected);
        LastLine pieces = new LastLine();
        for (byte b : bytes) pieces.accept(new byte[] {b}, 1);
        assertThat(pieces.text()).isEqualTo(expected);
    }

    /** keepalived's list of errors that speak of the realserver; everything else is our own trouble. */
    @Test
    void errorsAreThePeersOrOurs() {
        int[] peers = {
            Errno.ECONNREFUSED,
            Errno.ECONNRESET,
            Errno.ECONNABORTED,
            Errno.ETIMEDOUT,
            Errno.ENETUNREACH,
            Errno.EHOSTUNREACH,
            Errno.EHOSTDOWN,
            Errno.ENETDOWN,
            Errno.EPIPE
        };
        for (int errno = 1; errno < 134; errno++) {
            int number = errno;
            boolean peer = java.util.Arrays.stream(peers).anyMatch(p -> p == number);
            assertThat(Fault.atOnce("connect", errno))
                    .as("errno " + errno)
                    .isInstanceOf(peer ? ProbeOutcome.Failed.class : ProbeOutcome.Worthless.class);
            boolean icmp = errno == Errno.EACCES || errno == Errno.ENOPROTOOPT || errno == Errno.EPROTO;
            assertThat(Fault.fromTheNetwork(errno))
                    .as("errno " + errno)
                    .isInstanceOf(peer || icmp ? ProbeOutcome.Failed.class : ProbeOutcome.Worthless.class);
        }
        assertThat(Fault.atOnce("connect", Errno.ECONNREFUSED).evidence()).isEqualTo("connection refused");
        assertThat(Fault.atOnce("send", Errno.EPERM).evidence()).isEqualTo("send: operation not permitted");
    }
}
