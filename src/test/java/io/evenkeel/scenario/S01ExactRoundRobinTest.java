package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S1: one client socket, one-way, 10,000 datagrams a second; the shares are exact, in order, nothing lost or doubled. */
class S01ExactRoundRobinTest {
    private static final int RATE = 10_000;

    @Scenario("S1")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void threeEqualRealserversReceiveExactThirds(Setting setting, Measurements measurements) throws Exception {
        measurements.run(
                setting, "1:1:1", figures -> deal(setting, figures, service -> service, 30_000, 30_000, 30_000));
    }

    @Scenario("S1")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void weightsAreKeptExactly(Setting setting, Measurements measurements) throws Exception {
        measurements.run(
                setting,
                "5:3:2",
                figures -> deal(
                        setting,
                        figures,
                        service -> service.scheduler("wrr").weights(5, 3, 2),
                        50_000,
                        30_000,
                        20_000));
    }

    private static void deal(Setting setting, Figures figures, UnaryOperator<ServiceText> how, int... shares)
            throws Exception {
        int total = java.util.Arrays.stream(shares).sum();
        try (Rig rig = setting.open(Layout.of(shares.length))) {
            rig.startServers(EchoServer.Settings.sink());
            rig.directorWithAllUp(how.apply(rig.service().oneWay()).toString());
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), total, RATE));
            Settle.untilReceived(rig, total);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            for (int i = 1; i <= shares.length; i++) {
                String name = Rig.name(i);
                figures.exactly(name, shares[i - 1], audit.split().getOrDefault(name, 0L));
            }
            figures.exactly("lost", 0, audit.lost());
            figures.exactly("doubled", 0, audit.duplicates());
            figures.exactly("out of order", 0, audit.orderBreaks());
        }
    }
}
