package io.evenkeel.config;

import static io.evenkeel.config.OneProblem.assertOne;
import static io.evenkeel.config.OneProblem.row;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What may be wrong within a virtual_server, with its exact place, sentence and suggestion. A row adds one fault to a
 * service that has none: that one is said, nothing else, and the service is there all the same.
 */
class ProblemsOfServicesTest {

    private static final String BOOL = "write on or off";

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
}
