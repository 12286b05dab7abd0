package io.evenkeel.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Status;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A realserver nobody checks has its port closed, so that ICMP errors keep coming: none of them costs a datagram that was
 * scheduled to another realserver.
 */
class ClosedPortTest {
    private static final int DATAGRAMS = 30_000;

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#all")
    void errorsOfOneRealserverCostTheOthersNothing(Setting setting) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServer(1, EchoServer.Settings.sink());
            rig.startServer(3, EchoServer.Settings.sink());
            var director = rig.director(rig.service().oneWay().check("").toString());
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), DATAGRAMS, 10_000));
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            assertThat(audit.overflow()).as("void: overflow of a test socket").isZero();
            Status status = director.status();
            for (int i : new int[] {1, 3}) {
                long forwarded = status.server(rig.server(i)).path("forwarded").asLong();
                assertThat(audit.split().get(Rig.name(i)))
                        .as("received by realserver %d, of what was forwarded to it", i)
                        .isEqualTo(forwarded)
                        .isGreaterThanOrEqualTo(DATAGRAMS / 3);
            }
            long toTheClosed = status.server(rig.server(2)).path("forwarded").asLong();
            assertThat(toTheClosed).as("sent to the closed port, hence errors").isPositive();
            assertThat(audit.lost()).isEqualTo(toTheClosed);
        }
    }
}
