package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static io.evenkeel.director.Configs.unchecked;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Origin;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Position;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.VirtualService.ClientAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a plane can do, without the plane. */
class TableCompilerTest {
    private static final PlaneLimits KERNEL =
            new PlaneLimits("kernel", Optional.empty(), Optional.empty(), Optional.empty(), true, Set.of(), 256, 2);

    @Test
    void directRoutingAndTunnelAreRefusedWithPositionReasonAndRemedy() {
        Position line = new Position("f.conf", 12, 5);
        Origins origins = new Origins(
                Map.of(), Map.of(key(1) + " " + server(2), new Origin(line, 11, "    real_server", List.of())));
        RealServer direct = new RealServer(server(2), 1, new Forwarding.DirectRouting(), 0, 0, false, false, List.of());
        Diagnostic error = only(new TableCompiler(TestPlane.SOCKET, true)
                .judge(
                        Configs.of(
                                service(1).with(unchecked(server(1), 1), direct).build()),
                        origins));
        assertThat(error.severity()).isEqualTo(Severity.ERROR);
        assertThat(error.position()).contains(line);
        assertThat(error.message()).contains("lb_kind DR").contains("no link layer");
        assertThat(error.suggestion()).contains("use the kernel plane");
        RealServer tunnel = new RealServer(
                server(2), 1, new Forwarding.Tunnel(Forwarding.Encapsulation.IPIP, 0), 0, 0, false, false, List.of());
        assertThat(only(judge(TestPlane.SOCKET, true, service(1).with(tunnel))).message())
                .contains("lb_kind TUN");
        assertThat(judge(KERNEL, false, service(1).with(direct, tunnel))).hasSize(1); // listed twice
    }

    @Test
    void clientAddressThatCannotBeKeptIsAnErrorUnlessThePlaneWasChosen() {
        for (ClientAddress wanted : List.of(ClientAddress.UNSPECIFIED, ClientAddress.KEEP)) {
            var builder = service(1).with(checked(server(1), 1));
            builder.clientAddress = wanted;
            Diagnostic error = only(judge(TestPlane.SOCKET, false, builder));
            assertThat(error.severity()).isEqualTo(Severity.ERROR);
            assertThat(error.suggestion().orElseThrow())
                    .contains("transparent", "proxy_protocol v2", "client_address director");
            assertThat(only(judge(TestPlane.SOCKET, true, builder)).severity()).isEqualTo(Severity.WARNING);
            assertThat(judge(KERNEL, false, builder)).isEmpty();
        }
    }

    @Test
    void clientAddressThatIsKeptAnotherWayOrNotWantedIsNoMatter() {
        var director = service(1).with(checked(server(1), 1));
        assertThat(judge(TestPlane.SOCKET, false, director)).isEmpty();
        var proxy = service(1).with(checked(server(1), 1));
        proxy.clientAddress = ClientAddress.UNSPECIFIED;
        proxy.proxyProtocol = true;
        assertThat(judge(TestPlane.SOCKET, false, proxy)).isEmpty();
    }

    @Test
    void transparentNeedsTheCapabilityAndAOneWayService() {
        var transparent = service(1).with(checked(server(1), 1));
        transparent.clientAddress = ClientAddress.KEEP;
        transparent.transparent = true;
        assertThat(only(judge(TestPlane.SOCKET, false, transparent)).suggestion())
                .contains("grant CAP_NET_ADMIN");
        PlaneLimits able = new PlaneLimits(
                "socket", Optional.empty(), Optional.empty(), Optional.empty(), false, Set.of(), 1_024, 1);
        assertThat(judge(able, false, transparent)).isEmpty();
        transparent.responses = OptionalInt.of(1);
        assertThat(only(judge(able, false, transparent)).message()).contains("one-way");
        transparent.responses = OptionalInt.empty();
        assertThat(only(judge(able, false, transparent)).message()).contains("one-way");
    }

    @Test
    void realserverThatIsTheServiceItselfIsRefused() {
        Endpoint vip = key(1).vip();
        assertThat(only(judge(TestPlane.SOCKET, true, service(1).with(unchecked(vip, 1))))
                        .message())
                .contains("come back for ever");
    }

    @Test
    void roundedSharesAreSaid() {
        var uneven = service(1).with(unchecked(server(1), 1_000_003), unchecked(server(2), 7));
        Diagnostic notice = only(judge(TestPlane.SOCKET, false, uneven));
        assertThat(notice.severity()).isEqualTo(Severity.NOTICE);
        assertThat(notice.message()).contains("1/8192");
        assertThat(judge(
                        TestPlane.SOCKET,
                        false,
                        service(1).with(unchecked(server(1), 4_000), unchecked(server(2), 95))))
                .isEmpty();
    }

    @Test
    void connectionCountingSchedulersAreExplainedUnderOps() {
        for (Scheduling scheduling : List.of(
                new Scheduling.LeastConnection(),
                new Scheduling.WeightedLeastConnection(),
                new Scheduling.ShortestExpectedDelay(),
                new Scheduling.NeverQueue())) {
            var builder = service(1).scheduling(scheduling).with(unchecked(server(1), 1));
            assertThat(only(judge(TestPlane.SOCKET, false, builder)).message())
                    .contains(scheduling.ipvsName() + " under ops");
        }
        var sed = service(1).scheduling(new Scheduling.ShortestExpectedDelay()).with(unchecked(server(1), 1));
        sed.onePacket = false;
        assertThat(only(judge(TestPlane.SOCKET, false, sed)).severity()).isEqualTo(Severity.WARNING);
    }

    private static List<Diagnostic> judge(PlaneLimits limits, boolean chosen, Configs.ServiceBuilder builder) {
        return new TableCompiler(limits, chosen).judge(Configs.of(builder.build()), Origins.NONE);
    }

    private static Diagnostic only(List<Diagnostic> diagnostics) {
        assertThat(diagnostics).hasSize(1);
        return diagnostics.getFirst();
    }
}
