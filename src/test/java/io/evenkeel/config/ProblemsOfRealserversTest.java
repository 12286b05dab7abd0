package io.evenkeel.config;

import static io.evenkeel.config.OneProblem.assertOne;
import static io.evenkeel.config.OneProblem.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What may be wrong within a real_server and its checks: one fault is one message, and the service is there all the same. */
class ProblemsOfRealserversTest {

    static List<Arguments> inTheRealserver() {
        String range = "write a number from 0 to 2147483647";
        return List.of(
                row("weight abc", "6:8 ERROR 'abc' is not a whole number", range),
                row("weight 2147483648", "6:8 ERROR '2147483648' is out of range", range),
                row("weight", "6:1 ERROR 'weight' needs a value", ""),
                row("lb_algo rr", "6:1 ERROR 'lb_algo' does not stand in real_server", "it stands in virtual_server"),
                row(
                        "uthreshold 5\nlthreshold 6",
                        "7:1 ERROR lthreshold 6 is more than uthreshold 5",
                        "lthreshold is left out"),
                row("lvs_method nat", "6:12 ERROR unknown forwarding method 'nat'", "did you mean 'NAT'?"),
                row(
                        "lvs_method TUN type gue",
                        "6:12 ERROR a tunnel of type gue needs a port",
                        "write TUN type gue port N"),
                row("lvs_method TUN type x", "6:21 ERROR a tunnel is of type ipip, gue or gre", ""),
                row(
                        "lvs_method TUN port 0 type gue",
                        "6:21 ERROR '0' is out of range",
                        "write a number from 1 to 65535"),
                row("lvs_method TUN nocsum", "6:16 WARNING 'nocsum' is not built yet", ""),
                row("lvs_method TUN tipe gre", "6:16 ERROR unknown option 'tipe' of TUN", "did you mean 'type'?"),
                row("notify_up /bin/x", "6:1 WARNING 'notify_up' is not built yet and does nothing", ""),
                row(
                        "SSL_GET { url { path / } }",
                        "6:1 ERROR 'SSL_GET' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "SMTP_CHECK { host { } }",
                        "6:1 ERROR 'SMTP_CHECK' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "DNS_CHECK { type A }",
                        "6:1 ERROR 'DNS_CHECK' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "FILE_CHECK { track_file x }",
                        "6:1 ERROR 'FILE_CHECK' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "BFD_CHECK { name x }",
                        "6:1 ERROR 'BFD_CHECK' is not built yet, and it would change what is forwarded",
                        ""),
                row("TCP_CHECK", "6:1 ERROR 'TCP_CHECK' needs a block", "write { … } behind it"),
                row("TCP_CHECK x { }", "6:11 WARNING 'x' is one value too many and is ignored", "take it away"),
                row(
                        "TCP_CHECK { conect_port 5 }",
                        "6:13 ERROR unknown keyword 'conect_port'",
                        "did you mean 'connect_port'?"),
                row("TCP_CHECK { connect_port 0 }", "6:26 ERROR '0' is out of range", "write a number from 1 to 65535"),
                row(
                        "TCP_CHECK { connect_port http }",
                        "6:26 ERROR 'http' is not a port number",
                        "write the number of the port"),
                row("TCP_CHECK { bind_if a123456789012345 }", "6:21 ERROR 'bind_if' has more than 15 characters", ""),
                row("TCP_CHECK { log_all_failures }", "6:13 NOTICE 'log_all_failures' has no effect", ""),
                row(
                        "TCP_CHECK { misc_path x }",
                        "6:13 ERROR 'misc_path' does not stand in TCP_CHECK",
                        "it stands in MISC_CHECK"),
                row("HTTP_GET { }", "6:1 ERROR HTTP_GET needs a url block", "url { path / }"),
                row("HTTP_GET { url { } }", "6:12 ERROR a url needs a path", "path /"),
                row("HTTP_GET { url { path x } }", "6:23 ERROR 'x' is not a path", "write '/x'"),
                row("HTTP_GET { url { path \"/a b\" } }", "6:23 ERROR 'path' cannot hold blanks", ""),
                row(
                        "HTTP_GET { url { path /\nstatus_code 99 } }",
                        "7:13 ERROR '99' is no status or range of statuses",
                        "write 200 or 200-299, within 100-599"),
                row(
                        "HTTP_GET { url { path /\nstatus_code 299-200 } }",
                        "7:13 ERROR '299-200' is no status or range of statuses",
                        "write 200 or 200-299, within 100-599"),
                row(
                        "HTTP_GET { url { path /\ndigest 00 } }",
                        "7:1 ERROR 'digest' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "HTTP_GET { url { path /\nregex x } }",
                        "7:1 ERROR 'regex' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "HTTP_GET { http_protocol 2\nurl { path / } }",
                        "6:26 ERROR '2' is no version of HTTP",
                        "write 1.0, 1.0C or 1.1"),
                row(
                        "UDP_CHECK { payload 0g }",
                        "6:21 ERROR '0g' is not hexadecimal",
                        "write digits 0-9 a-f, two for a byte"),
                row("UDP_CHECK { payload 0 }", "6:21 ERROR 'payload' has an odd number of digits", ""),
                row("UDP_CHECK { payload }", "6:13 ERROR 'payload' needs a value", ""),
                row(
                        "UDP_CHECK { require_reply y }",
                        "6:27 ERROR 'y' is not hexadecimal",
                        "write digits 0-9 a-f, or X for any"),
                row(
                        "UDP_CHECK { min_reply_length 9\nmax_reply_length 8 }",
                        "6:1 ERROR min_reply_length 9 is more than max_reply_length 8",
                        ""),
                row("MISC_CHECK { }", "6:1 ERROR MISC_CHECK needs misc_path", "misc_path \"/path/program ARGUMENTS\""),
                row(
                        "MISC_CHECK { misc_path }",
                        "6:14 ERROR 'misc_path' needs a program",
                        "misc_path \"/path/program ARGUMENTS\""),
                row(
                        "MISC_CHECK { misc_path \"\" }",
                        "6:14 ERROR 'misc_path' needs a program",
                        "misc_path \"/path/program ARGUMENTS\""),
                row("MISC_CHECK { misc_path /x \\0 }", "6:24 ERROR a command cannot hold a NUL byte", ""),
                row(
                        "MISC_CHECK { misc_path /x\nuser nobody }",
                        "7:1 ERROR 'user' is not built yet, and it would change what is forwarded",
                        ""));
    }

    @ParameterizedTest
    @MethodSource("inTheRealserver")
    void oneFaultInARealserverIsOneMessage(String body, String brief, String suggestion) {
        Loaded loaded = assertOne(Sample.server(body), brief, suggestion);
        assertThat(Sample.only(loaded).realServers()).hasSize(1);
    }
}
