package io.evenkeel.config;

import static io.evenkeel.config.OneProblem.assertOne;
import static io.evenkeel.config.OneProblem.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.VirtualService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said and done when settings of one service, or two services, do not go together, or one is missing. */
class ContradictionsTest {

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
}
