package io.evenkeel.config;

import static io.evenkeel.config.OneProblem.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What may be wrong outside services and in their heads: one fault is one message, and the service beside it is bound. */
class ProblemsAtTheTopTest {

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
}
