package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Status;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S14 (drop, sorry): all realservers are down for three seconds at 1,000 datagrams a second, then one returns. */
class S14AllDownTest {
    private static final int RATE = 1_000;
    private static final Duration DOWN = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    @Scenario("S14")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void withoutARealserverEveryDatagramIsCountedAsDropped(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "drop", figures -> drop(setting, figures));
    }

    @Scenario("S14")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void theSorryServerTakesAllAndGivesAllBack(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "sorry", figures -> sorry(setting, figures));
    }

    private static void drop(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            for (int i = 1; i <= 3; i++) rig.killServer(i);
            for (int i = 1; i <= 3; i++) director.awaitState(rig.server(i), "failed", PATIENCE);

            rig.client().send(SendPlan.oneWay(rig.vip(), 60L * RATE, RATE));
            Thread.sleep(DOWN);
            rig.startServer(1, EchoServer.Settings.sink());
            director.awaitState(rig.server(1), "up", PATIENCE);
            Thread.sleep(1_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            director.await(PATIENCE, status -> status.total("received") >= sent.sent());
            Settle.untilQuiet(rig);

            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            Status status = director.status();
            figures.atLeast("lost", RATE * DOWN.toSeconds() - RATE / 10, audit.lost());
            figures.exactly("counted no_realserver", audit.lost(), status.drops("no_realserver"));
            figures.exactly("received", sent.sent(), status.total("received"));
            figures.exactly("lost after the return", audit.lost(), audit.lastLost() + 1);
        }
    }

    private static void sorry(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            // the third is not listed as a realserver: it is the sorry server
            ServiceText service = ServiceText.udp(rig.vip())
                    .oneWay()
                    .sorryServer(rig.server(3))
                    .realServer(rig.server(1))
                    .realServer(rig.server(2));
            var director = rig.directorWithAllUp(service.toString());
            rig.killServer(1);
            rig.killServer(2);
            director.awaitState(rig.server(1), "failed", PATIENCE);
            director.awaitState(rig.server(2), "failed", PATIENCE);

            rig.client().send(SendPlan.oneWay(rig.vip(), 60L * RATE, RATE));
            Thread.sleep(DOWN);
            long onSorry = rig.report(3).received();
            rig.startServer(1, EchoServer.Settings.sink());
            long up = director.awaitSettled(rig.server(1), "up", PATIENCE);
            Thread.sleep(1_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);

            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.atLeast("on the sorry server", RATE * DOWN.toSeconds() - RATE / 10, onSorry);
            long after = sent.sequenceAt(up);
            figures.exactly(
                    "on the sorry server after the return",
                    0,
                    audit.split(after, sent.sent()).getOrDefault("b3", 0L));
            figures.same("drops", "{}", director.status().reasons("drops"));
        }
    }
}
