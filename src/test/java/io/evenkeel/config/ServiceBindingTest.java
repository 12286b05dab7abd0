package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Forwarding.Encapsulation;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.VirtualService;
import io.evenkeel.model.VirtualService.ClientAddress;
import io.evenkeel.model.VirtualService.Persistence;
import io.evenkeel.model.VirtualService.SorryServer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a virtual_server without faults means. */
class ServiceBindingTest {

    private static VirtualService service(String body) {
        return Sample.silent(Reading.load(Sample.service(body)));
    }

    @Test
    void whatIsNotWrittenIsAsWithKeepalived() {
        VirtualService service = service("");
        assertThat(service.key()).hasToString("192.0.2.1:53/udp");
        assertThat(service.onePacket()).isFalse();
        assertThat(service.persistence()).isEmpty();
        assertThat(service.responses()).isEqualTo(OptionalInt.empty());
        assertThat(service.udpTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(service.clientAddress()).isEqualTo(ClientAddress.UNSPECIFIED);
        assertThat(service.transparent()).isFalse();
        assertThat(service.proxyProtocol()).isFalse();
        assertThat(service.canonicalOrder()).isFalse();
        assertThat(service.quorum()).isEqualTo(1);
        assertThat(service.hysteresis()).isZero();
        assertThat(service.alpha()).isFalse();
        assertThat(service.omega()).isFalse();
        assertThat(service.sorryServer()).isEmpty();
        assertThat(service.drainTimeout()).isEmpty();
        assertThat(service.failbackGrace()).isEqualTo(Duration.ZERO);
        assertThat(service.realServers().getFirst())
                .isEqualTo(new RealServer(
                        Endpoint.of("192.0.2.11:53"), 1, new Forwarding.Nat(), 0, 0, false, false, List.of()));
    }

    static List<Arguments> schedulers() {
        return List.of(
                Arguments.of("rr", new Scheduling.RoundRobin()),
                Arguments.of("wrr", new Scheduling.WeightedRoundRobin()),
                Arguments.of("lc", new Scheduling.LeastConnection()),
                Arguments.of("wlc", new Scheduling.WeightedLeastConnection()),
                Arguments.of("sh", new Scheduling.SourceHash(false, false)),
                Arguments.of("sh\nsh-port", new Scheduling.SourceHash(true, false)),
                Arguments.of("sh\nsh-fallback", new Scheduling.SourceHash(false, true)),
                Arguments.of("sh\nflag-1", new Scheduling.SourceHash(false, true)),
                Arguments.of("sh\nflag-2", new Scheduling.SourceHash(true, false)),
                Arguments.of("mh", new Scheduling.Maglev(false, false)),
                Arguments.of("mh\nmh-port\nmh-fallback", new Scheduling.Maglev(true, true)),
                Arguments.of("mh\nflag-1\nflag-2", new Scheduling.Maglev(true, true)),
                Arguments.of("dh", new Scheduling.DestinationHash()),
                Arguments.of("sed", new Scheduling.ShortestExpectedDelay()),
                Arguments.of("nq", new Scheduling.NeverQueue()),
                Arguments.of("fo", new Scheduling.WeightedFailover()),
                Arguments.of("ovf", new Scheduling.Overflow()));
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void everySchedulerHasItsNameAndFlags(String written, Scheduling scheduling) {
        for (String keyword : List.of("lb_algo", "lvs_sched")) {
            String text = Sample.service("").replace("lb_algo rr", keyword + " " + written);
            assertThat(Sample.silent(Reading.load(text)).scheduling()).isEqualTo(scheduling);
        }
    }

    @Test
    void aFlagMayStandBeforeItsSchedulerToo() {
        String text = Sample.service("").replace("lb_algo rr", "sh-port\nlb_algo sh\nsh-fallback");
        assertThat(Sample.silent(Reading.load(text)).scheduling()).isEqualTo(new Scheduling.SourceHash(true, true));
    }

    static List<Arguments> methods() {
        return List.of(
                Arguments.of("NAT", new Forwarding.Nat()),
                Arguments.of("DR", new Forwarding.DirectRouting()),
                Arguments.of("TUN", new Forwarding.Tunnel(Encapsulation.IPIP, 0)),
                Arguments.of("TUN type ipip", new Forwarding.Tunnel(Encapsulation.IPIP, 0)),
                Arguments.of("TUN type gre", new Forwarding.Tunnel(Encapsulation.GRE, 0)),
                Arguments.of("TUN type gue port 6080", new Forwarding.Tunnel(Encapsulation.GUE, 6080)));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void everyForwardingMethodIsUnderstoodForServiceRealserverAndSorryServer(String written, Forwarding method) {
        for (String keyword : List.of("lb_kind", "lvs_method")) {
            String text = Sample.service("").replace("lb_kind NAT", keyword + " " + written);
            VirtualService service = Sample.silent(Reading.load(text));
            assertThat(service.forwarding()).isEqualTo(method);
            assertThat(service.realServers())
                    .allSatisfy(s -> assertThat(s.forwarding()).isEqualTo(method));
        }
        assertThat(Sample.first(Sample.server("lvs_method " + written)).forwarding())
                .isEqualTo(method);
        assertThat(service("sorry_server 192.0.2.99\nsorry_server_lvs_method " + written)
                        .sorryServer()
                        .orElseThrow())
                .isEqualTo(new SorryServer(Endpoint.of("192.0.2.99:53"), method, false));
    }

    @ParameterizedTest
    @CsvSource({"UDP, UDP", "udp, UDP", "Tcp, TCP"})
    void protocolIsOfAnyCase(String written, Protocol protocol) {
        String text = Sample.service("").replace("protocol UDP", "protocol " + written);
        assertThat(Sample.silent(Reading.load(text)).key().protocol()).isEqualTo(protocol);
    }

    static List<Arguments> persistence() {
        return List.of(
                Arguments.of("persistence_timeout 50", 50, 32),
                Arguments.of("persistence_timeout", 360, 32),
                Arguments.of("persistence_timeout 2678400", 2_678_400, 32),
                Arguments.of("persistence_granularity 255.255.255.0", 360, 24),
                Arguments.of("persistence_granularity 0.0.0.0", 360, 0),
                Arguments.of("persistence_granularity 255.255.255.255", 360, 32),
                Arguments.of("persistence_granularity 128.0.0.0\npersistence_timeout 9", 9, 1));
    }

    @ParameterizedTest
    @MethodSource("persistence")
    void persistenceHasATimeAndANetmask(String body, int seconds, int prefix) {
        assertThat(service(body).persistence()).contains(new Persistence(Duration.ofSeconds(seconds), prefix));
    }

    @Test
    void persistenceOfAnIpv6ServiceHasAPrefixLength() {
        String text = Sample.service("persistence_granularity 64").replace("192.0.2.", "2001:db8::");
        assertThat(Sample.silent(Reading.load(text)).persistence())
                .contains(new Persistence(Duration.ofMinutes(6), 64));
    }

    @Test
    void extensionsAreUnderstood() {
        VirtualService service = service("""
                ops
                responses 0
                udp_timeout 2.5
                client_address keep
                transparent
                order canonical
                drain_timeout 30
                failback_grace 0.25
                """);
        assertThat(service.responses()).isEqualTo(OptionalInt.of(0));
        assertThat(service.udpTimeout()).isEqualTo(Duration.ofMillis(2_500));
        assertThat(service.clientAddress()).isEqualTo(ClientAddress.KEEP);
        assertThat(service.transparent()).isTrue();
        assertThat(service.canonicalOrder()).isTrue();
        assertThat(service.drainTimeout()).contains(Duration.ofSeconds(30));
        assertThat(service.failbackGrace()).isEqualTo(Duration.ofMillis(250));
        assertThat(service("proxy_protocol v2\nresponses 65535").proxyProtocol())
                .isTrue();
    }

    @Test
    void aFlowUnderOpsIdlesThirtySecondsUnlessWrittenOtherwise() {
        assertThat(service("ops").udpTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(service("ops\nudp_timeout 300").udpTimeout()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void sorryServerTakesThePortOfTheService() {
        SorryServer sorry = service("sorry_server_inhibit\nsorry_server 192.0.2.99")
                .sorryServer()
                .orElseThrow();
        assertThat(sorry).isEqualTo(new SorryServer(Endpoint.of("192.0.2.99:53"), new Forwarding.Nat(), true));
        assertThat(service("sorry_server 192.0.2.99 8053")
                        .sorryServer()
                        .orElseThrow()
                        .endpoint())
                .isEqualTo(Endpoint.of("192.0.2.99:8053"));
    }

    @Test
    void quorumAndHysteresisAreTaken() {
        VirtualService service = service("weight 10\nquorum 15\nhysteresis 4\nalpha\nomega yes");
        assertThat(service.quorum()).isEqualTo(15);
        assertThat(service.hysteresis()).isEqualTo(4);
        assertThat(service.alpha()).isTrue();
        assertThat(service.omega()).isTrue();
        assertThat(service.realServers()).extracting(RealServer::weight).containsExactly(10, 10);
    }

    @Test
    void aRealserverWithoutAPortTakesThatOfTheService() {
        String text =
                Sample.service("").replace("192.0.2.11 53", "192.0.2.11").replace("192.0.2.12 53", "192.0.2.12 0");
        assertThat(Sample.silent(Reading.load(text)).realServers())
                .extracting(s -> s.endpoint().toString())
                .containsExactly("192.0.2.11:53", "192.0.2.12:53");
    }

    @Test
    void aTunnelMayCrossFamilies() {
        String text = Sample.service("").replace("lb_kind NAT", "lb_kind TUN").replace("192.0.2.12", "2001:db8::12");
        assertThat(Sample.silent(Reading.load(text)).realServers()).hasSize(2);
    }

    @Test
    void realserverSettingsAreTaken() {
        RealServer server =
                Sample.first(Sample.server("weight 0\nuthreshold 100\nlthreshold 80\ninhibit_on_failure\nalpha on"));
        assertThat(server)
                .isEqualTo(new RealServer(
                        Endpoint.of("192.0.2.11:53"), 0, new Forwarding.Nat(), 100, 80, true, true, List.of()));
        assertThat(Sample.first(Sample.server("weight 2147483647")).weight()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void globalsOfOursAreTaken() {
        Loaded loaded = Reading.load("global_defs {\nreply_ports 100\nreply_addresses 192.0.2.7 2001:db8::7\n}\n");
        assertThat(loaded.diagnostics()).isEmpty();
        assertThat(loaded.configuration().replyPorts()).isEqualTo(100);
        assertThat(loaded.configuration().replyAddresses())
                .extracting(Object::toString)
                .containsExactly("192.0.2.7", "2001:db8::7");
    }

    @Test
    void servicesKeepTheOrderOfTheFileAndMayShareAnAddress() {
        String udp = Sample.service("");
        Loaded loaded = Reading.load(Sample.tcpService("") + udp + udp.replace("192.0.2.1 53", "192.0.2.1 54"));
        assertThat(loaded.diagnostics()).isEmpty();
        assertThat(loaded.configuration().services())
                .extracting(s -> s.key().toString())
                .containsExactly("192.0.2.1:53/tcp", "192.0.2.1:53/udp", "192.0.2.1:54/udp");
    }

    @Test
    void aFileForTwoMachinesMeansOnEachWhatIsMeantForIt() {
        String text = Sample.service("@here weight 3\n@there weight 4\n@^here quorum 2");
        VirtualService service = Sample.silent(Reading.load(text));
        assertThat(service.realServers().getFirst().weight()).isEqualTo(3);
        assertThat(service.quorum()).isEqualTo(1);
    }
}
