package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Soak;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S7: a realserver's process dies at 9,000 datagrams a second and nothing but the probe can tell (in the lab its ICMP
 * errors are discarded). The loss is bounded by the time to detect it, then there is none, also not on its return.
 */
class S07DeadProcessTest {
    private static final int RATE = 9_000;

    /** What had come to the process but was not read when it was killed, perhaps before its last passing probe: 10 ms. */
    private static final int UNREAD = RATE / 3 / 100;

    /** fall x interval + timeout of the reference probe. */
    private static final long DETECT_MILLIS = 600;

    private static final long LOSS_BOUND = RATE / 3 * DETECT_MILLIS / 1_000;
    private static final long RETURN_MILLIS = 1_000;

    /** How long without loss after the detection. */
    private static final Duration QUIET = Soak.length(Duration.ofMinutes(1), Duration.ofSeconds(5));

    @Scenario("S7")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void theLossIsBoundByTheTimeToDetect(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "process killed", figures -> killAndReturn(setting, figures));
    }

    private static void killAndReturn(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            if (rig instanceof LabRig lab) discardIcmp(lab);
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            rig.client().send(SendPlan.oneWay(rig.vip(), 100L * RATE, RATE));
            Thread.sleep(1_000);

            var dead = rig.report(2);
            long killed = rig.killServer(2);
            long detected = director.awaitState(rig.server(2), "failed", Duration.ofSeconds(3));
            Thread.sleep(QUIET);
            rig.startServer(2, EchoServer.Settings.sink());
            long back = System.nanoTime();
            boolean serves =
                    Await.until(Duration.ofSeconds(3), () -> rig.report(2).received() > 0);
            Thread.sleep(1_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);

            judge(rig.audit(sent), sent, figures, killed, back);
            figures.note("detected ms", (detected - killed) / 1_000_000);
            figures.exactly("serves again", 1, serves ? 1 : 0);
            long returned = (rig.report(2).run(1).firstNanos() - back) / 1_000_000;
            figures.atMost("return ms", RETURN_MILLIS, returned);
            figures.atLeast("seen before death", 1, dead.received());
            figures.atLeast(
                    "director's estimate", lostOf(rig.audit(sent), sent, killed) - UNREAD, estimate(rig, director));
        }
    }

    /**
     * The dead process took its record with it; so only what was sent after the kill is judged, by what the living two
     * have.
     */
    private static void judge(Audit audit, SendRecord sent, Figures figures, long killed, long back) {
        figures.voidIfOverflown(audit);
        long atKill = sent.sequenceAt(killed);
        long atBound = sent.sequenceAt(killed + DETECT_MILLIS * 1_000_000);
        long atReturn = sent.sequenceAt(back);
        figures.atMost("lost", LOSS_BOUND, audit.lost(atKill, sent.sent()));
        figures.exactly("lost after " + DETECT_MILLIS + " ms", 0, audit.lost(atBound, sent.sent()));
        Map<String, Long> halves = audit.split(atBound, atReturn);
        figures.atMost("halves differ by", 1, Math.abs(halves.getOrDefault("b1", 0L) - halves.getOrDefault("b3", 0L)));
        figures.exactly("doubled", 0, audit.duplicates());
    }

    private static long lostOf(Audit audit, SendRecord sent, long killed) {
        return audit.lost(sent.sequenceAt(killed), sent.sent());
    }

    private static long estimate(Rig rig, io.evenkeel.lab.DirectorUnderTest director) {
        return director.status().server(rig.server(2)).path("sentWhileFailed").asLong();
    }

    private static void discardIcmp(LabRig lab) {
        lab.nodeOf(2).nft("""
                table inet s7 {
                  chain output {
                    type filter hook output priority 0;
                    icmp type destination-unreachable drop
                  }
                }
                """);
    }
}
