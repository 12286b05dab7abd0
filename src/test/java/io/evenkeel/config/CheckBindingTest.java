package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import io.evenkeel.model.Check.Http;
import io.evenkeel.model.Check.Timing;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What checks without faults mean, with what they inherit. */
class CheckBindingTest {

    private static Check check(String block) {
        return Sample.first(Sample.server(block)).checks().getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "TCP_CHECK { }, 1, 1, 5",
        "PING_CHECK { }, 1, 1, 5",
        "UDP_CHECK { }, 1, 1, 5",
        "HTTP_GET { url { path / } }, 1, 3, 5",
        "MISC_CHECK { misc_path /bin/true }, 0, 1, 60"
    })
    void timingIsAsWithKeepalivedIfNothingIsWritten(String block, int retry, int delayBeforeRetry, int timeout) {
        Duration minute = Duration.ofMinutes(1);
        assertThat(check(block).timing())
                .isEqualTo(new Timing(
                        minute,
                        retry,
                        Duration.ofSeconds(delayBeforeRetry),
                        minute,
                        Duration.ofSeconds(timeout),
                        1,
                        1,
                        false));
    }

    @Test
    void theInnermostLevelThatSaysSomethingIsHeard() {
        String text = """
                virtual_server 192.0.2.1 80 {
                    delay_loop 10
                    retry 7
                    delay_before_retry 0.7
                    warmup 70
                    connect_timeout 7.5
                    rise 7
                    fall 8
                    alpha
                    real_server 192.0.2.11 80 {
                        TCP_CHECK { }
                        TCP_CHECK { retry 1
                                    rise 2
                                    alpha off }
                    }
                    real_server 192.0.2.12 80 {
                        delay_loop 20
                        delay_before_retry 2
                        warmup 0
                        fall 3
                        alpha off
                        TCP_CHECK { }
                        TCP_CHECK { connect_timeout 0.000001
                                    delay_loop 30
                                    alpha }
                    }
                    protocol TCP
                    lb_algo rr
                    lb_kind NAT
                }
                """;
        List<Timing> timings = Sample.silent(Reading.load(text)).realServers().stream()
                .flatMap(s -> s.checks().stream())
                .map(Check::timing)
                .toList();
        Duration seven = Duration.ofMillis(7_500);
        assertThat(timings)
                .containsExactly(
                        timing(10_000, 7, 700, 70_000, seven, 7, 8, true),
                        timing(10_000, 1, 700, 70_000, seven, 2, 8, false),
                        timing(20_000, 7, 2_000, 0, seven, 7, 3, false),
                        timing(30_000, 7, 2_000, 0, Duration.ofNanos(1_000), 7, 3, true));
        assertThat(Sample.silent(Reading.load(text)).realServers())
                .extracting(s -> s.alpha())
                .containsExactly(true, false);
    }

    private static Timing timing(
            long loop, int retry, long before, long warmup, Duration timeout, int rise, int fall, boolean alpha) {
        return new Timing(
                Duration.ofMillis(loop),
                retry,
                Duration.ofMillis(before),
                Duration.ofMillis(warmup),
                timeout,
                rise,
                fall,
                alpha);
    }

    @Test
    void warmupIsTheDelayLoopOfTheLevelThatIsHeard() {
        assertThat(check("TCP_CHECK { delay_loop 5 }").timing().warmup()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aProbeGoesToTheRealserverUnlessWrittenOtherwise() {
        Check.Tcp plain = (Check.Tcp) check("TCP_CHECK { }");
        assertThat(plain.target())
                .isEqualTo(new Check.Target(Endpoint.of("192.0.2.11:53"), Optional.empty(), 0, Optional.empty(), 0));
        Check.Tcp other = (Check.Tcp) check("""
                TCP_CHECK {
                    connect_ip 2001:db8::1
                    connect_port 8080
                    bindto 2001:db8::9
                    bind_port 999
                    bind_if eth0.1
                    fwmark 4294967295
                }
                """);
        assertThat(other.target())
                .isEqualTo(new Check.Target(
                        Endpoint.of("[2001:db8::1]:8080"),
                        Optional.of(IpAddress.of("2001:db8::9")),
                        999,
                        Optional.of("eth0.1"),
                        -1));
    }

    @Test
    void severalChecksKeepTheirOrder() {
        List<Check> checks = Sample.first(Sample.server("PING_CHECK { }\nTCP_CHECK { }\nPING_CHECK { }"))
                .checks();
        assertThat(checks).extracting(Check::keyword).containsExactly("PING_CHECK", "TCP_CHECK", "PING_CHECK");
    }

    @Test
    void anHttpCheckHasUrlsWithTheirStatuses() {
        Http http = (Http) check("""
                HTTP_GET {
                    http_protocol 1.1
                    nb_get_retry 4
                    url {
                        path /a?b=c&d
                    }
                    url {
                        path "/#x!"
                        status_code 200 301-302
                        status_code 599
                    }
                }
                """);
        assertThat(http.version()).isEqualTo(Http.Version.HTTP_1_1);
        assertThat(http.timing().retry()).isEqualTo(4);
        assertThat(http.urls())
                .containsExactly(
                        new Http.Url("/a?b=c&d", Optional.empty(), List.of(new Http.StatusRange(200, 299))),
                        new Http.Url(
                                "/#x!",
                                Optional.empty(),
                                List.of(
                                        new Http.StatusRange(200, 200),
                                        new Http.StatusRange(301, 302),
                                        new Http.StatusRange(599, 599))));
    }

    @ParameterizedTest
    @CsvSource({"1.0, HTTP_1_0", "1.0C, HTTP_1_0_CLOSE", "1.0c, HTTP_1_0_CLOSE", "1.1, HTTP_1_1"})
    void httpHasThreeVersions(String written, Http.Version version) {
        Http http = (Http) check("HTTP_GET { http_protocol " + written + "\nurl { path / } }");
        assertThat(http.version()).isEqualTo(version);
    }

    @Test
    void theHostOfAUrlComesFromTheInnermostLevel() {
        String text = Sample.server("""
                        HTTP_GET { url { path /1 } }
                        HTTP_GET { virtualhost check
                                   url { path /2 }
                                   url { path /3
                                         virtualhost url } }
                        virtualhost server
                        """).replace("lb_kind NAT", "lb_kind NAT\n    virtualhost service");
        List<Check> checks = Sample.first(text).checks();
        assertThat(checks.stream()
                        .flatMap(c -> ((Http) c).urls().stream())
                        .map(u -> u.host().orElse("")))
                .containsExactly("server", "check", "url");
        String outer = Sample.server("HTTP_GET { url { path / } }")
                .replace("lb_kind NAT", "lb_kind NAT\n    virtualhost service");
        Http http = (Http) Sample.first(outer).checks().getFirst();
        assertThat(http.urls().getFirst().host()).contains("service");
    }

    @Test
    void aUdpCheckSendsATextUnlessWrittenOtherwise() {
        Check.Udp plain = (Check.Udp) check("UDP_CHECK { }");
        assertThat(plain.payload().toBytes())
                .hasSize(32)
                .startsWith("keepalived check - ".getBytes(StandardCharsets.US_ASCII));
        assertThat(plain.reply()).isEmpty();
        assertThat(plain.minReplyLength()).isZero();
        assertThat(plain.maxReplyLength()).isEqualTo(255);
    }

    @Test
    void aUdpCheckHasPayloadReplyAndLengths() {
        Check.Udp udp = (Check.Udp) check("""
                UDP_CHECK {
                    payload 00 Ff "a1 b2"
                    require_reply XX0a x1
                    min_reply_length 2
                    max_reply_length 4096
                }
                """);
        assertThat(udp.payload().hex()).isEqualTo("00ffa1b2");
        assertThat(udp.reply()).contains(new Check.ReplyPattern("XX0aX1"));
        assertThat(udp.minReplyLength()).isEqualTo(2);
        assertThat(udp.maxReplyLength()).isEqualTo(4096);
        Check.Udp any = (Check.Udp) check("UDP_CHECK { require_reply }");
        assertThat(any.reply()).contains(new Check.ReplyPattern(""));
    }

    static List<Arguments> commands() {
        return List.of(
                Arguments.of("/bin/check", List.of("/bin/check")),
                Arguments.of("/bin/check a b", List.of("/bin/check", "a", "b")),
                Arguments.of("\"/bin/check a b\"", List.of("/bin/check", "a", "b")),
                Arguments.of("\"/bin/check 'a b' c\"", List.of("/bin/check", "a b", "c")),
                Arguments.of("\"/bin/check \\\"a b\\\" c\"", List.of("/bin/check", "a b", "c")),
                Arguments.of("/bin/check \"a b\" c", List.of("/bin/check", "a b", "c")),
                Arguments.of("\"/opt/my dir/check\" x", List.of("/opt/my dir/check", "x")),
                Arguments.of("\"'/opt/my dir/check' x\"", List.of("/opt/my dir/check", "x")),
                Arguments.of("'/opt/my dir/check' x", List.of("/opt/my dir/check", "x")),
                Arguments.of("/bin/check --a=\"b c\"", List.of("/bin/check", "--a=b c")),
                Arguments.of("/bin/check \\x41\\102\\t\\\\ '\\x41'", List.of("/bin/check", "AB\t\\", "\\x41")),
                Arguments.of("/bin/check \\d+ \\xg", List.of("/bin/check", "\\d+", "\\xg")),
                Arguments.of("/bin/check \"\" ''", List.of("/bin/check", "", "")),
                Arguments.of("/bin/check a\\#b # comment", List.of("/bin/check", "a#b")));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandIsWordsWithBothKindsOfQuotes(String written, List<String> words) {
        Check.Misc misc = (Check.Misc) check("MISC_CHECK { misc_path " + written + "\n}");
        assertThat(misc.command()).isEqualTo(words);
        assertThat(CommandLine.parse(CommandLine.print(words))).isEqualTo(words);
    }

    @Test
    void aProgramMayRunForADelayLoopUnlessWrittenOtherwise() {
        Check.Misc misc = (Check.Misc) check("delay_loop 7\nMISC_CHECK { misc_path /x\nmisc_dynamic\n}");
        assertThat(misc.timeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(misc.timing().timeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(misc.dynamic()).isTrue();
        Check.Misc own = (Check.Misc) check("MISC_CHECK { misc_path /x\nmisc_timeout 2\n}");
        assertThat(own.timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(own.dynamic()).isFalse();
    }
}
