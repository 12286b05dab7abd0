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
import io.evenkeel.traffic.SequenceSet;
import io.evenkeel.traffic.SocketUse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S24, without a key in the payload: clients as QUIC's, whose source port changes in the middle of a conversation since a
 * NAT on their way has forgotten them. They stay on their realserver by their address: through a hash, or persistence.
 */
class S24MovingClientsTest {
    private static final int CLIENTS = 100;
    private static final int PORTS = 10;
    private static final int FIRST_PORT = 20_000;

    @Scenario("S24")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void aHashOfTheAddressKeepsThem(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "ports change, sh", figures -> move(setting, figures, "sh", "sh-fallback"));
    }

    @Scenario("S24")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void persistenceKeepsThem(Setting setting, Measurements measurements) throws Exception {
        measurements.run(
                setting,
                "ports change, persistence",
                figures -> move(setting, figures, "rr", "persistence_timeout 60"));
    }

    private static void move(Setting setting, Figures figures, String scheduler, String line) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            ServiceText service = rig.service().scheduler(scheduler).line(line);
            rig.directorWithAllUp(service.toString());
            // the n-th datagram is of client n mod CLIENTS, from its next port
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), CLIENTS * PORTS, 2_000)
                    .from(new SocketUse.Fresh(FIRST_PORT))
                    .bound(rig.clientAddresses(CLIENTS)));
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            List<SequenceSet> seen = new ArrayList<>();
            for (int i = 1; i <= 3; i++) seen.add(rig.report(i).run(1).seen());
            int stayed = 0;
            int used = 0;
            for (SequenceSet each : seen) {
                if (each.size() > 0) used++;
                for (int n = 0; n < sent.sent(); n++) if (each.contains(n) && each.contains(n % CLIENTS)) stayed++;
            }
            figures.exactly("datagrams on their client's first realserver", CLIENTS * PORTS, stayed);
            figures.exactly("realservers used", 3, used);
        }
    }
}
