package io.evenkeel.scenario;

import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Packets;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.TrafficProcess;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S8: the first port unreachable takes a realserver out of the rotation at once, long before a probe could; a forged one
 * can at most make it suspect for a moment. The port closes in one instant: the milliseconds in which a killed virtual
 * machine still holds its socket are not the director's.
 */
class S08PassiveDetectionTest {
    private static final int RATE = 9_000;
    private static final long LOSS_BOUND = 60;

    /** interval + timeout of the reference probe. */
    private static final long BACK_MILLIS = 400;

    @Scenario("S8")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#all")
    void theFirstIcmpErrorEndsTheLoss(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "port closes", figures -> kill(setting, figures));
    }

    @Scenario("S8")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#lab")
    void aThousandForgedErrorsThatQuoteNothingOfOursChangeNothing(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "forged, no match", figures -> forgeStrange(setting, figures));
    }

    @Scenario("S8")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#lab")
    void aForgedErrorThatMatchesMakesSuspectForAMoment(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "forged, matching", figures -> forgeMatching(setting, figures));
    }

    private static void kill(Setting setting, Figures figures) throws Exception {
        figures.sensitiveToStallsOf(10); // the bound is 20 ms
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            rig.client().send(SendPlan.oneWay(rig.vip(), 100L * RATE, RATE));
            Thread.sleep(1_000);
            long killed = rig.vanishServer(2);
            long failed = director.awaitState(rig.server(2), "failed", Duration.ofSeconds(3));
            Thread.sleep(1_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.atMost("lost", LOSS_BOUND, audit.lost());
            figures.note("the last one sent after ms", sinceKill(audit.lastLost(), sent, killed));
            figures.note("failed after ms", (failed - killed) / 1_000_000);
        }
    }

    private static long sinceKill(long sequence, SendRecord sent, long killed) {
        return sequence < 0 ? 0 : (sent.sentNanos(sequence) - killed) / 1_000_000;
    }

    private static void forgeStrange(Setting setting, Figures figures) throws Exception {
        try (LabRig rig = (LabRig) setting.open(Layout.of(3))) {
            Forgery forgery = new Forgery(rig);
            List<byte[]> packets = new ArrayList<>();
            InetSocketAddress ours = forgery.sourceOfDirector();
            InetSocketAddress otherPort = new InetSocketAddress(ours.getAddress(), ours.getPort() ^ 1);
            InetSocketAddress nobody = Addresses.at("198.18.1.99", rig.server(2).getPort());
            InetSocketAddress otherService = new InetSocketAddress(rig.server(2).getAddress(), 9);
            for (int i = 0; i < 1_000; i++) {
                packets.add(
                        switch (i % 3) {
                            case 0 -> forgery.error(otherPort, rig.server(2));
                            case 1 -> forgery.error(ours, nobody);
                            default -> forgery.error(ours, otherService);
                        });
            }
            Changes changes = forgery.send(packets);
            figures.exactly("readings that were not up", 0, changes.notUp);
            figures.atLeast("readings", 10, changes.readings);
            forgery.end(figures);
        }
    }

    private static void forgeMatching(Setting setting, Figures figures) throws Exception {
        try (LabRig rig = (LabRig) setting.open(Layout.of(3))) {
            Forgery forgery = new Forgery(rig);
            Changes changes = forgery.send(List.of(forgery.error(forgery.sourceOfDirector(), rig.server(2))));
            figures.exactly("readings that were failed", 0, changes.failed);
            figures.atLeast("readings that were suspect", 1, changes.suspect);
            figures.atMost("suspect for ms", BACK_MILLIS, changes.suspectNanos / 1_000_000);
            forgery.end(figures);
        }
    }

    /** How often status showed what while errors came in. */
    private static final class Changes {
        private long readings;
        private long notUp;
        private long suspect;
        private long failed;
        private long suspectNanos;
    }

    /** A running service under load, and somebody on the realservers' network who lies. */
    private static final class Forgery {
        private static final Duration WATCH = Duration.ofSeconds(2);

        private final LabRig rig;
        private final DirectorUnderTest director;
        private final TrafficProcess liar;

        Forgery(LabRig rig) throws Exception {
            this.rig = rig;
            rig.startServers(EchoServer.Settings.sink());
            this.director = rig.directorWithAllUp(rig.service().oneWay().toString());
            this.liar = rig.nodeOf(1).traffic(Rig.program());
            rig.client().send(SendPlan.oneWay(rig.vip(), 100L * RATE, RATE / 3));
            Thread.sleep(500);
        }

        /** Where the director's datagrams to realserver 2 come from. */
        InetSocketAddress sourceOfDirector() throws java.io.IOException {
            InetSocketAddress source = rig.report(2).run(1).client(0).source();
            if (source == null) throw new AssertionError("realserver 2 has received nothing");
            return source;
        }

        /** An error in the name of realserver 2. */
        byte[] error(InetSocketAddress quotedFrom, InetSocketAddress quotedTo) {
            return Packets.portUnreachable(rig.server(2).getAddress(), quotedFrom, quotedTo);
        }

        /** Sends and watches the state of realserver 2 meanwhile and for two seconds. */
        Changes send(List<byte[]> packets) throws Exception {
            Changes changes = new Changes();
            Thread sending = new Thread(() -> {
                try {
                    liar.sendRaw(packets, 1_000);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sending.start();
            long end = System.nanoTime() + WATCH.toNanos();
            long suspectSince = 0;
            while (System.nanoTime() - end < 0 || sending.isAlive()) {
                String state = director.status().state(rig.server(2));
                long now = System.nanoTime();
                changes.readings++;
                if (!state.equals("up")) changes.notUp++;
                if (state.equals("failed")) changes.failed++;
                if (state.equals("suspect")) {
                    if (changes.suspect++ == 0) suspectSince = now;
                    changes.suspectNanos = now - suspectSince;
                }
                Thread.sleep(1);
            }
            sending.join();
            return changes;
        }

        void end(Figures figures) throws Exception {
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.same("state at the end", "up", director.status().state(rig.server(2)));
        }
    }
}
