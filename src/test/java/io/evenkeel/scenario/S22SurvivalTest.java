package io.evenkeel.scenario;

import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Status;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S22 (survival): the process that controls the kernel plane is killed, or leaves for an upgrade, under load and comes back.
 * Nothing is lost or doubled meanwhile, replies keep coming from the VIP, the turn and the counters go on.
 */
class S22SurvivalTest {
    private static final int RATE = 2_000;
    private static final int GOINGS = 3;
    private static final int SERVERS = 3;

    /** How a director goes. */
    private interface Going {
        void go(DirectorUnderTest director) throws Exception;
    }

    static Stream<Setting> kernel() {
        return Stream.of(new Setting("kernel", Setting.Kind.LAB));
    }

    @Scenario("S22")
    @ParameterizedTest(name = "{0}")
    @MethodSource("kernel")
    void aKillLosesNothing(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "kill -9", figures -> outlive(setting, figures, DirectorUnderTest::crash));
    }

    @Scenario("S22")
    @ParameterizedTest(name = "{0}")
    @MethodSource("kernel")
    void anUpgradeLosesNothing(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "upgrade", figures -> outlive(setting, figures, DirectorUnderTest::leave));
    }

    private static void outlive(Setting setting, Figures figures, Going going) throws Exception {
        try (Rig rig = setting.open(Layout.of(SERVERS))) {
            rig.startServers(new EchoServer.Settings(List.of(), 1, Duration.ZERO, EchoServer.SidePort.ACCEPT));
            var director = rig.directorWithAllUp(rig.service().answered(1).toString());
            SendPlan plan = SendPlan.withReplies(rig.vip(), 1_000_000)
                    .paced(new Pacing.OpenLoop(RATE))
                    .answered(1);
            rig.client().send(plan);
            long counted = 0;
            int falls = 0;
            for (int i = 0; i < GOINGS; i++) {
                Thread.sleep(500);
                counted = director.status().total("forwarded");
                going.go(director);
                Thread.sleep(500);
                director = rig.directorAgain(director);
                if (director.status().total("forwarded") <= counted) falls++;
            }
            director.awaitAllUp(Duration.ofSeconds(10));
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();

            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.exactly("doubled", 0, audit.duplicates());
            figures.exactly("answered", sent.sent(), sent.answered());
            figures.exactly("from elsewhere", 0, sent.strangeReplies());
            long most = audit.split().values().stream()
                    .mapToLong(Long::longValue)
                    .max()
                    .orElse(0);
            long least = audit.split().values().stream()
                    .mapToLong(Long::longValue)
                    .min()
                    .orElse(0);
            figures.atMost("largest share over the smallest", 1, most - least);
            Status status = director.status();
            figures.exactly("counters that fell", 0, falls);
            figures.exactly("counted", sent.sent(), status.total("forwarded"));
            figures.exactly("replies counted", sent.sent(), status.total("replies"));
        }
    }
}
