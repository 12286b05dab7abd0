package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.ServerRecord;
import io.evenkeel.traffic.SocketUse;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S4 (one-way; by NAT where the plane can, else transparent): a thousand clients with ten datagrams each; realservers see each client's own address. */
class S04ClientIdentityTest {
    private static final int CLIENTS = 1_000;
    private static final int DATAGRAMS = 10 * CLIENTS;

    @Scenario("S4")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#labAlsoKernel")
    void realserversSeeTheClientsOwnAddressAndPort(Setting setting, Measurements measurements) throws Exception {
        String variant = setting.inKernel() ? "NAT" : "transparent";
        measurements.run(setting, variant, figures -> identify(setting, figures));
    }

    private static void identify(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            String kept = setting.inKernel() ? "client_address keep" : "transparent";
            rig.directorWithAllUp(rig.service().oneWay().line(kept).toString());
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), DATAGRAMS, 5_000)
                    .from(new SocketUse.Each(CLIENTS))
                    .bound(rig.clientAddresses(20)));
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            long recognised = 0;
            long changed = 0;
            for (int i = 1; i <= 3; i++) {
                for (Map.Entry<Integer, ServerRecord.Client> seen :
                        rig.report(i).run(1).clients().entrySet()) {
                    InetSocketAddress own = sent.clients().get(seen.getKey());
                    if (own.equals(seen.getValue().source()))
                        recognised += seen.getValue().received();
                    if (seen.getValue().sources() != 1) changed++;
                }
            }
            figures.exactly("from the client's own address and port", DATAGRAMS, recognised);
            figures.exactly("clients with more than one source", 0, changed);
        }
    }
}
