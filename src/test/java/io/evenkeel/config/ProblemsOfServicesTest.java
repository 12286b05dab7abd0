package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.VirtualService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of problem with its exact place, sentence and suggestion. A row adds one fault to a service that has none:
 * that one is said, nothing else, and the service is there all the same.
 */
class ProblemsOfServicesTest {

    private static final String BOOL = "write on or off";

    private static Arguments row(String body, String brief, String suggestion) {
        return Arguments.of(body, brief, suggestion);
    }

    static List<Arguments> inTheService() {
        return List.of(
                row("wieght 3", "5:1 ERROR unknown keyword 'wieght'", "did you mean 'weight'?"),
                row("Weight 3", "5:1 ERROR unknown keyword 'Weight'", "did you mean 'weight'?"),
                row("  nonsense", "5:3 ERROR unknown keyword 'nonsense'", ""),
                row("nonsense {\n x {\n }\n}", "5:1 ERROR unknown keyword 'nonsense'", ""),
                row("$W 3", "5:1 ERROR unknown keyword '$W'", "nothing defines it: write $W=VALUE above"),
                row(
                        "uthreshold 3",
                        "5:1 ERROR 'uthreshold' does not stand in virtual_server",
                        "it stands in real_server"),
                row(
                        "TCP_CHECK { }",
                        "5:1 ERROR 'TCP_CHECK' does not stand in virtual_server",
                        "it stands in real_server"),
                row("ops; include x", "5:1 ERROR unknown keyword 'ops;'", "did you mean 'ops'?"),
                row("quorum", "5:1 ERROR 'quorum' needs a value", ""),
                row("quorum x", "5:8 ERROR 'x' is not a whole number", "write a number from 1 to 4294967295"),
                row("quorum 0", "5:8 ERROR '0' is out of range", "write a number from 1 to 4294967295"),
                row("quorum -1", "5:8 ERROR '-1' is out of range", "write a number from 1 to 4294967295"),
                row("weight 0", "5:8 ERROR '0' is out of range", "write a number from 1 to 2147483647"),
                row(
                        "weight 99999999999999999999",
                        "5:8 ERROR '99999999999999999999' is out of range",
                        "write a number from 1 to 2147483647"),
                row("quorum 2 3", "5:10 WARNING '3' is one value too many and is ignored", "take it away"),
                row(
                        "quorum 2\nquorum 1",
                        "6:1 WARNING 'quorum' stands twice in this block, first at t.conf:5:1",
                        "only this one counts"),
                row("delay_loop abc", "5:12 ERROR 'abc' is not a time", "write seconds, such as 3 or 0.25"),
                row("delay_loop 0", "5:12 ERROR '0' is out of range", "write seconds from 0.000001 to 2678400"),
                row("delay_loop 1.0000001", "5:12 ERROR '1.0000001' is not a time", "write seconds, such as 3 or 0.25"),
                row("delay_loop .", "5:12 ERROR '.' is not a time", "write seconds, such as 3 or 0.25"),
                row(
                        "delay_loop 9999999999",
                        "5:12 ERROR '9999999999' is out of range",
                        "write seconds from 0.000001 to 2678400"),
                row("alpha maybe", "5:7 ERROR 'maybe' is neither on nor off", BOOL),
                row("alpha On", "5:7 ERROR 'On' is neither on nor off", "did you mean 'on'?"),
                row("alpha tru", "5:7 ERROR 'tru' is neither on nor off", "did you mean 'true'?"),
                row("ops yes", "5:5 WARNING 'yes' is one value too many and is ignored", "take it away"),
                row("ops { }", "5:5 ERROR 'ops' takes no block", "take the braces away"),
                row("persistence_timeout 0", "5:21 ERROR '0' is out of range", "write a number from 1 to 2678400"),
                row(
                        "persistence_granularity 255.0.255.0",
                        "5:25 ERROR '255.0.255.0' is not a netmask",
                        "write a netmask without gaps, such as 255.255.255.0"),
                row(
                        "persistence_granularity 24",
                        "5:25 ERROR '24' is not a netmask",
                        "write a netmask without gaps, such as 255.255.255.0"),
                row(
                        "persistence_engine sip",
                        "5:1 ERROR 'persistence_engine' is not built yet, and it would change what is forwarded",
                        ""),
                row("ha_suspend", "5:1 WARNING 'ha_suspend' is not built yet and does nothing", ""),
                row("quorum_down /bin/x", "5:1 WARNING 'quorum_down' is not built yet and does nothing", ""),
                row("hashed", "5:1 NOTICE 'hashed' has no effect", ""),
                row("snmp_name x", "5:1 NOTICE 'snmp_name' has no effect", ""),
                row("sh-port", "5:1 WARNING 'sh-port' has no effect on scheduler rr", ""),
                row("flag-1", "5:1 WARNING 'flag-1' has no effect on scheduler rr", ""),
                row("ip_family inet6", "5:11 ERROR the address of this service is of the other family", "take it away"),
                row("ip_family x", "5:11 ERROR write inet or inet6", "take it away"),
                row("sorry_server 192.0.2.300", "5:14 ERROR '192.0.2.300' is not an IP address", ""),
                row(
                        "sorry_server 2001:db8::9",
                        "5:1 ERROR the sorry server is not of the family of the service: it is left out",
                        "only TUN may cross families"),
                row(
                        "sorry_server_inhibit",
                        "5:1 WARNING 'sorry_server_inhibit' has no effect without a sorry_server",
                        ""),
                row("virtualhost \"a b\"", "5:13 ERROR 'virtualhost' cannot hold blanks", ""),
                row("virtualhost \"\"", "5:13 ERROR 'virtualhost' needs a value", ""),
                row("responses 65536", "5:11 ERROR '65536' is out of range", "write a number from 0 to 65535"),
                row("client_address kepp", "5:16 ERROR 'client_address' cannot be 'kepp'", "did you mean 'keep'?"),
                row("client_address x", "5:16 ERROR 'client_address' cannot be 'x'", "write keep or director"),
                row("proxy_protocol v1", "5:16 ERROR 'proxy_protocol' cannot be 'v1'", "did you mean 'v2'?"),
                row("order file", "5:7 ERROR 'order' cannot be 'file'", "write canonical"),
                row("rise 0", "5:6 ERROR '0' is out of range", "write a number from 1 to 1000"),
                row(
                        "quorum ${Q}",
                        "5:8 ERROR ${Q} is not defined",
                        "define it above with $Q=VALUE on a line of its own"),
                row(
                        "quorum \"2",
                        "5:8 ERROR a quote is opened here and not closed on this line",
                        "write the closing \""));
    }

    @ParameterizedTest
    @MethodSource("inTheService")
    void oneFaultIsOneMessageAndTheServiceIsStillBound(String body, String brief, String suggestion) {
        assertOne(Sample.service(body), brief, suggestion);
    }

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

    static List<Arguments> atTheTop() {
        return List.of(
                row(
                        "virtual_sever 192.0.2.1 80 {\n real_server x {\n}\n}",
                        "1:1 ERROR unknown keyword 'virtual_sever'",
                        "did you mean 'virtual_server'?"),
                row(
                        "real_server 192.0.2.1 80 {\n}",
                        "1:1 ERROR 'real_server' does not stand in the top level",
                        "it stands in virtual_server"),
                row("virtual_server {\n}", "1:1 ERROR 'virtual_server' needs an address", "write IP PORT behind it"),
                row("virtual_server 192.0.2.2 80", "1:1 ERROR 'virtual_server' needs a block", "write { … } behind it"),
                row(
                        "virtual_server 192.0.2.2:80 {\n}",
                        "1:16 ERROR '192.0.2.2:80' is not an IP address",
                        "write '192.0.2.2 80', with a blank"),
                row(
                        "virtual_server [2001:db8::1]:80 {\n}",
                        "1:16 ERROR '[2001:db8::1]:80' is not an IP address",
                        "write '2001:db8::1 80', with a blank"),
                row(
                        "virtual_server 192.0.2.2/32 80 {\n}",
                        "1:16 ERROR '192.0.2.2/32' is not an IP address",
                        "write it without a prefix length"),
                row(
                        "virtual_server www.example.com 80 {\n}",
                        "1:16 ERROR 'www.example.com' is not an IP address",
                        "names are not looked up: write the address itself"),
                row(
                        "virtual_server 192.0.2.$LAST 80 {\n}",
                        "1:16 ERROR '192.0.2.$LAST' is not an IP address",
                        "is a definition missing?"),
                row(
                        "virtual_server 192.0.2.2 http {\n}",
                        "1:26 ERROR 'http' is not a port number",
                        "write the number of the port"),
                row(
                        "virtual_server 192.0.2.2 65536 {\n}",
                        "1:26 ERROR '65536' is out of range",
                        "write a number from 0 to 65535"),
                row(
                        "virtual_server fwmark 1 {\n}",
                        "1:16 ERROR a virtual_server by fwmark is not built yet: this service is left out",
                        "write a virtual_server by address"),
                row(
                        "virtual_server group G {\n}",
                        "1:16 ERROR a virtual_server by group is not built yet: this service is left out",
                        "write a virtual_server by address"),
                row(
                        "virtual_server_group G {\n 192.0.2.1-9 80\n}",
                        "1:1 ERROR 'virtual_server_group' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "vrrp_instance V {\n state MASTER\n virtual_ipaddress {\n 192.0.2.9/24 dev eth0\n }\n}",
                        "1:1 ERROR 'vrrp_instance' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "vrrp_sync_group G {\n group {\n V\n }\n}",
                        "1:1 ERROR 'vrrp_sync_group' is not built yet, and it would change what is forwarded",
                        ""),
                row(
                        "vrrp_script S {\n script /x\n}",
                        "1:1 WARNING 'vrrp_script' is not built yet and does nothing",
                        ""),
                row(
                        "static_ipaddress {\n 192.0.2.9/24 dev eth0\n}",
                        "1:1 ERROR 'static_ipaddress' is not built yet, and it would change what is forwarded",
                        ""),
                row("global_defs {\n router_id X\n}", "2:2 NOTICE 'router_id' has no effect", ""),
                row(
                        "global_defs {\n notification_email {\n a@b\n }\n}",
                        "2:2 WARNING 'notification_email' is not built yet and does nothing",
                        ""),
                row("global_defs {\n lvs_flush\n}", "2:2 NOTICE 'lvs_flush' has no effect", ""),
                row(
                        "global_defs {\n lvs_sync_deamon x\n}",
                        "2:2 ERROR unknown keyword 'lvs_sync_deamon'",
                        "did you mean 'lvs_sync_daemon'?"),
                row(
                        "global_defs {\n reply_ports 0\n}",
                        "2:14 ERROR '0' is out of range",
                        "write a number from 1 to 1048576"),
                row(
                        "global_defs {\n reply_addresses x\n}",
                        "2:18 ERROR 'x' is not an IP address",
                        "names are not looked up: write the address itself"),
                row(
                        "global_defs {\n reply_addresses ::1 ::1\n}",
                        "2:22 WARNING address ::1 stands twice",
                        "take one of them away"),
                row("global_defs {\n include_check wild\n}", "2:16 ERROR unknown rule 'wild'", ""),
                row("global_defs x {\n}", "1:13 WARNING 'x' is one value too many and is ignored", "take it away"),
                row("a include x", "1:1 ERROR unknown keyword 'a'", ""),
                row(
                        "vrrp_instance V {\n interfce eth0\n}",
                        "2:2 ERROR unknown keyword 'interfce'",
                        "did you mean 'interface'?"));
    }

    @ParameterizedTest
    @MethodSource("atTheTop")
    void oneFaultAtTheTopIsOneMessage(String text, String brief, String suggestion) {
        Loaded loaded = Reading.load(text + "\n" + Sample.service("").replace("192.0.2.1 ", "192.0.2.200 "));
        assertThat(loaded.diagnostics().stream()
                        .filter(d -> Reading.brief(d).equals(brief))
                        .map(d -> d.suggestion().orElse("")))
                .containsExactly(suggestion);
        boolean unbuiltBlockToo = text.contains("interfce");
        assertThat(loaded.diagnostics()).hasSize(unbuiltBlockToo ? 2 : 1);
        assertThat(loaded.configuration().services()).hasSize(1);
    }

    static List<Arguments> crossChecks() {
        String svc = Sample.service("");
        return List.of(
                row(
                        svc.replace("protocol UDP", ""),
                        "1:1 WARNING this service has no protocol; UDP is used",
                        "write protocol UDP or TCP"),
                row(
                        svc.replace("lb_algo rr", ""),
                        "1:1 WARNING this service has no lb_algo; wlc is used",
                        "write lb_algo and a scheduler"),
                row(
                        svc.replace("lb_kind NAT", ""),
                        "1:1 WARNING this service has no lb_kind; NAT is used",
                        "write lb_kind NAT"),
                row(
                        svc.replace("lb_algo", "lb_aglo"),
                        "3:5 ERROR unknown keyword 'lb_aglo'",
                        "did you mean 'lb_algo'?"),
                row(
                        svc.replace("protocol", "protokoll"),
                        "2:5 ERROR unknown keyword 'protokoll'",
                        "did you mean 'protocol'?"),
                row(svc.replace("rr", "rrr"), "3:13 ERROR unknown scheduler 'rrr'; wlc is used", "did you mean 'rr'?"),
                row(
                        svc.replace("rr", "zzzz"),
                        "3:13 ERROR unknown scheduler 'zzzz'; wlc is used",
                        "write one of rr wrr lc wlc sh mh dh sed nq fo ovf"),
                row(
                        svc.replace("rr", "lblc"),
                        "3:13 ERROR scheduler 'lblc' is not built yet; wlc is used",
                        "write one of rr wrr lc wlc sh mh dh sed nq fo ovf"),
                row(svc.replace("lb_algo rr", "lb_algo"), "3:5 ERROR 'lb_algo' needs a value", ""),
                row(svc.replace("NAT", "DSR"), "4:13 ERROR unknown forwarding method 'DSR'", "did you mean 'DR'?"),
                row(
                        Sample.tcpService("ops"),
                        "5:1 ERROR 'ops' is for UDP: TCP cannot be scheduled packet by packet",
                        "take it away"),
                row(
                        svc.replace("192.0.2.1 53", "192.0.2.1"),
                        "1:1 ERROR a service without a port needs persistence; persistence_timeout 360 is used",
                        "write the port, or persistence_timeout"),
                row(
                        svc.replace("NAT", "DR").replace("192.0.2.11 53", "192.0.2.11 54"),
                        "6:5 WARNING DR cannot change the port: 53 is used, not 54",
                        "write port 53"),
                row(
                        svc.replace("192.0.2.12", "192.0.2.11"),
                        "8:5 ERROR realserver 192.0.2.11:53 stands twice, first at t.conf:6:5: this one is left out",
                        "take one of them away"),
                row(
                        svc.replace("192.0.2.12", "2001:db8::12"),
                        "8:5 ERROR this realserver is not of the family of the service: it is left out",
                        "only TUN may cross families"),
                row(
                        svc.replace("192.0.2.12 53", "192.0.2.1x 53"),
                        "8:17 ERROR '192.0.2.1x' is not an IP address",
                        "names are not looked up: write the address itself"),
                row(
                        Sample.service("quorum 3"),
                        "5:1 WARNING quorum 3 is more than the sum of weights; 2 is used",
                        "write a quorum of at most 2"),
                row(
                        Sample.service("quorum 4294967295"),
                        "5:1 WARNING quorum 4294967295 is more than the sum of weights; 2 is used",
                        "write a quorum of at most 2"),
                row(
                        Sample.service("hysteresis 1"),
                        "5:1 ERROR hysteresis 1 is not below the quorum of 1; 0 is used",
                        "write a hysteresis of at most 0"),
                row(
                        Sample.service("ops").replace("rr", "wlc"),
                        "3:5 NOTICE under ops no connection is counted; wlc goes by what was forwarded lately",
                        "rr or wrr is exact"),
                row(
                        svc.replace("rr", "wrr").replace("192.0.2.11 53 {", "192.0.2.11 53 {\nweight 4096"),
                        "3:5 NOTICE the weights need a rotation of 4097 turns; shares are rounded to one of 4096",
                        "smaller weights of the same proportion are exact"),
                row(
                        Sample.service("transparent"),
                        "5:1 ERROR 'transparent' needs 'responses 0': replies would not come back to the director",
                        "write responses 0, or proxy_protocol v2 instead of transparent"),
                row(
                        Sample.service("transparent\nresponses 1"),
                        "5:1 ERROR 'transparent' needs 'responses 0': replies would not come back to the director",
                        "write responses 0, or proxy_protocol v2 instead of transparent"),
                row(
                        Sample.service("transparent\nresponses 0\nclient_address director"),
                        "5:1 ERROR 'transparent' contradicts 'client_address director'",
                        "take one of them away"),
                row(
                        Sample.service("transparent\nresponses 0\nproxy_protocol v2"),
                        "7:1 ERROR 'proxy_protocol' beside 'transparent' says the address of the client twice",
                        "take one of them away"),
                row(
                        Sample.service("transparent\nresponses 0").replace("NAT", "DR"),
                        "5:1 ERROR 'transparent' contradicts lb_kind DR",
                        "the address is kept there anyway"),
                row(
                        Sample.service("client_address director").replace("NAT", "DR"),
                        "5:1 ERROR 'client_address director' contradicts lb_kind DR",
                        "it always keeps the address of the client"),
                row(
                        Sample.service("proxy_protocol v2").replace("NAT", "TUN"),
                        "5:1 ERROR 'proxy_protocol' contradicts lb_kind TUN",
                        "packets are not rewritten there: take it away"),
                row(
                        Sample.tcpService("transparent"),
                        "5:1 ERROR 'transparent' is for one-way UDP services",
                        "proxy_protocol v2 serves TCP"),
                row(
                        Sample.tcpService("responses 1"),
                        "5:1 ERROR 'responses' counts datagrams; TCP has none",
                        "take it away"),
                row(
                        Sample.tcpService("udp_timeout 1"),
                        "5:1 WARNING 'udp_timeout' has no effect on TCP",
                        "take it away"));
    }

    @ParameterizedTest
    @MethodSource("crossChecks")
    void oneContradictionIsOneMessageAndTheServiceIsStillBound(String text, String brief, String suggestion) {
        assertOne(text, brief, suggestion);
    }

    @Test
    void keepalivedsDefaultsReplaceWhatContradicts() {
        VirtualService bare =
                Sample.only(Reading.load("virtual_server 192.0.2.1 {\n real_server 192.0.2.2 9 {\n }\n}"));
        assertThat(bare.scheduling().ipvsName()).isEqualTo("wlc");
        assertThat(bare.forwarding().word()).isEqualTo("NAT");
        assertThat(bare.persistence().orElseThrow().timeout()).hasSeconds(360);
        assertThat(bare.key()).hasToString("192.0.2.1:0/udp");

        VirtualService odd = Sample.only(Reading.load(Sample.tcpService("ops\nquorum 9\nhysteresis 5\ntransparent")));
        assertThat(odd.onePacket()).isFalse();
        assertThat(odd.quorum()).isEqualTo(2);
        assertThat(odd.hysteresis()).isEqualTo(1);
        assertThat(odd.transparent()).isFalse();

        VirtualService direct =
                Sample.only(Reading.load(Sample.service("").replace("NAT", "DR").replace("11 53", "11 54")));
        assertThat(direct.realServers().getFirst().endpoint().port()).isEqualTo(53);
    }

    @Test
    void everythingThatIsMissingIsSaidAtOnce() {
        Loaded loaded = Reading.load("virtual_server 192.0.2.1 53 {\n real_server 192.0.2.2 53 {\n }\n}");
        assertThat(Reading.briefs(loaded))
                .containsExactly(
                        "1:1 WARNING this service has no protocol; UDP is used",
                        "1:1 WARNING this service has no lb_kind; NAT is used",
                        "1:1 WARNING this service has no lb_algo; wlc is used");
    }

    @Test
    void aServiceWithoutRealserversIsLeftOutAlsoIfItHasASorryServer() {
        for (String body : List.of("", "sorry_server 192.0.2.9 53")) {
            String text = "virtual_server 192.0.2.1 53 {\nprotocol UDP\nlb_algo rr\nlb_kind NAT\n" + body + "\n}";
            Loaded loaded = Reading.load(text);
            assertThat(Reading.briefs(loaded))
                    .containsExactly("1:1 ERROR this service has no real_server: it is left out");
            assertThat(loaded.configuration().services()).isEmpty();
            assertThat(loaded.fatal()).isTrue();
        }
    }

    @Test
    void aServiceThatStandsTwiceIsLeftOutTheSecondTime() {
        String twice = Sample.service("quorum 2") + Sample.service("");
        Loaded loaded = Reading.load(twice);
        assertThat(Reading.briefs(loaded))
                .containsExactly(
                        "11:1 ERROR service 192.0.2.1:53/udp stands twice, first at t.conf:1:1: this one is left out");
        assertThat(Sample.only(loaded).quorum()).isEqualTo(2);
    }

    @Test
    void anUnknownProtocolLeavesTheServiceOutAndItsOtherProblemsAreSaidToo() {
        Loaded loaded = Reading.load(Sample.service("wieght 3").replace("UDP", "SCTP"));
        assertThat(Reading.briefs(loaded))
                .containsExactly(
                        "2:14 ERROR SCTP is not built yet: this service is left out",
                        "5:1 ERROR unknown keyword 'wieght'");
        assertThat(loaded.configuration().services()).isEmpty();
    }

    @Test
    void aProblemWithinADefinitionIsShownWhereItIsWritten() {
        String text = "$SERVERS=\\\nreal_server 192.0.2.3 53 { \\\n wieght 5 \\\n}\n" + Sample.service("$SERVERS")
                + Sample.service("$SERVERS").replace("2.1 53", "2.1 54");
        Loaded loaded = Reading.load(text);
        assertThat(Reading.briefs(loaded)).containsExactly("3:2 ERROR unknown keyword 'wieght', used at t.conf:9:1");
        assertThat(loaded.configuration().services()).hasSize(2);
    }

    @Test
    void aProblemThatASequenceRepeatsIsSaidOnce() {
        Loaded loaded = Reading.load(Sample.service("~SEQ(n,1,50) real_server 192.0.3.$n 53 { wieght 5 }"));
        assertThat(Reading.briefs(loaded)).containsExactly("5:42 ERROR unknown keyword 'wieght'");
        assertThat(Sample.only(loaded).realServers()).hasSize(52);
    }

    @Test
    void problemsAreBoundedAndTheRestIsCounted() {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 1_500; i++) body.append("nonsense").append(i).append('\n');
        Loaded loaded = Reading.load(Sample.service(body.toString()));
        assertThat(loaded.diagnostics()).hasSize(Problems.MAX_DIAGNOSTICS + 1);
        assertThat(loaded.diagnostics().getLast().message()).isEqualTo("500 more problems are not shown");
        assertThat(loaded.diagnostics().getLast().severity()).isEqualTo(Severity.ERROR);
    }

    @Test
    void problemsComeInTheOrderOfTheText() {
        Loaded loaded = Reading.load("x {\n" + Sample.service("quorum 9\nwieght 3") + "\n}\n}\nvirtual_server y {\n");
        assertThat(loaded.diagnostics())
                .extracting(d -> d.position().orElseThrow().line())
                .isSorted();
    }

    private static Loaded assertOne(String text, String brief, String suggestion) {
        Loaded loaded = Reading.load(text);
        assertThat(loaded.diagnostics()).as(text).singleElement().satisfies(d -> {
            assertThat(Reading.brief(d)).isEqualTo(brief);
            assertThat(d.suggestion().orElse("")).isEqualTo(suggestion);
        });
        assertThat(loaded.configuration().services()).hasSize(1);
        return loaded;
    }
}
