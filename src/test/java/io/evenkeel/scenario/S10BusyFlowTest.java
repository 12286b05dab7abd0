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
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S10: a flow that is never idle leaves a dead realserver, once, and does not go back when that one returns. */
class S10BusyFlowTest {
    private static final int RATE = 1_000;
    private static final long DETECT_MILLIS = 600;
    private static final long MOVE_MILLIS = DETECT_MILLIS + 50;

    @Scenario("S10")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void aBusyFlowLeavesADeadRealserverAndStaysAway(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "UDP flow", figures -> leave(setting, figures));
    }

    private static void leave(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().toString());
            rig.client().send(SendPlan.oneWay(rig.vip(), 60L * RATE, RATE));
            Thread.sleep(1_000);
            int home = onlyReceiver(rig);
            long killed = rig.killServer(home);
            director.awaitState(rig.server(home), "failed", Duration.ofSeconds(3));
            Thread.sleep(1_000);
            int refuge = receiverBut(rig, home);
            rig.startServer(home, EchoServer.Settings.sink());
            director.awaitState(rig.server(home), "up", Duration.ofSeconds(3));
            Thread.sleep(2_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);

            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            long firstOnLive = rig.report(refuge).run(1).firstNanos();
            figures.atMost("first on a live one after ms", MOVE_MILLIS, (firstOnLive - killed) / 1_000_000);
            long bound = sent.sequenceAt(killed + MOVE_MILLIS * 1_000_000);
            figures.exactly("lost after that", 0, audit.lost(bound, sent.sent()));
            figures.exactly("back on the returned one", 0, rig.report(home).received());
            figures.exactly(
                    "flows moved",
                    1,
                    director.status().service().path("flowsMoved").asLong());
        }
    }

    /** The one realserver that has received anything. */
    private static int onlyReceiver(Rig rig) throws IOException {
        int found = receiverBut(rig, 0);
        for (int i = found + 1; i <= rig.layout().servers(); i++) {
            if (rig.report(i).received() > 0) throw new AssertionError("a flow was spread over two realservers");
        }
        return found;
    }

    private static int receiverBut(Rig rig, int but) throws IOException {
        for (int i = 1; i <= rig.layout().servers(); i++) {
            if (i != but && rig.serverRuns(i) && rig.report(i).received() > 0) return i;
        }
        throw new AssertionError("no realserver received anything");
    }
}
