package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S9: a realserver's host vanishes from the network at 9,000 datagrams a second, and answers no ARP any more. The loss is
 * its own share until the check fails; nobody else's datagram waits for its neighbour entry or is lost with it.
 */
class S09DeadHostTest {
    private static final int RATE = 9_000;

    /** fall x interval + timeout of the reference probe. */
    private static final long DETECT_MILLIS = 600;

    private static final long LOSS_BOUND = RATE / 3 * DETECT_MILLIS / 1_000;

    @Scenario("S9")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#labAlsoKernel")
    void onlyItsOwnShareIsLostAndOnlyUntilItIsDetected(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "link cut", figures -> cut(setting, figures));
    }

    private static void cut(Setting setting, Figures figures) throws Exception {
        try (LabRig rig = (LabRig) setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            rig.client().send(SendPlan.oneWay(rig.vip(), 100L * RATE, RATE));
            Thread.sleep(1_000);
            long cut = System.nanoTime();
            rig.nodeOf(2).ip("link", "set", "sw", "down");
            director.awaitState(rig.server(2), "failed", Duration.ofSeconds(3));
            Thread.sleep(3_000); // the neighbour entry runs out meanwhile
            long back = System.nanoTime();
            rig.nodeOf(2).ip("link", "set", "sw", "up");
            director.awaitSettled(rig.server(2), "up", Duration.ofSeconds(10));
            long up = System.nanoTime();
            Thread.sleep(1_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);

            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            long atCut = sent.sequenceAt(cut);
            long atBound = sent.sequenceAt(cut + DETECT_MILLIS * 1_000_000);
            figures.exactly("lost before", 0, audit.lost(0, atCut));
            figures.atMost("lost", LOSS_BOUND, audit.lost());
            figures.exactly("lost after " + DETECT_MILLIS + " ms", 0, audit.lost(atBound, sent.sent()));
            Map<String, Long> thirds = audit.split(atCut, atBound);
            // Each of the living two has its third at least, whether or not the dead one's turns are theirs already.
            long living = Math.min(thirds.getOrDefault("b1", 0L), thirds.getOrDefault("b3", 0L));
            figures.atLeast("to each of the others meanwhile", (atBound - atCut) / 3, living);
            Map<String, Long> halves = audit.split(atBound, sent.sequenceAt(back));
            figures.atMost(
                    "halves differ by", 1, Math.abs(halves.getOrDefault("b1", 0L) - halves.getOrDefault("b3", 0L)));
            Map<String, Long> again = audit.split(sent.sequenceAt(up), sent.sent());
            figures.atLeast("to it again", RATE / 6, again.getOrDefault("b2", 0L));
            figures.exactly("doubled", 0, audit.duplicates());
        }
    }
}
