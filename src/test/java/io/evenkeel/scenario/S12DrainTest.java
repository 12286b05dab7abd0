package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.SocketUse;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S12: a drained realserver gets nothing new from the moment the command returns, and nothing is lost. */
class S12DrainTest {
    private static final long COMMAND_MILLIS = 100;

    @Scenario("S12")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void oneWayTrafficStopsWithTheCommand(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "one-way", figures -> oneWay(setting, figures));
    }

    @Scenario("S12")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void flowsStayAndNewOnesGoElsewhere(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "1,000 flows", figures -> flows(setting, figures));
    }

    @Scenario("S12")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void repliesUnderWayStillArrive(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "replies", figures -> replies(setting, figures));
    }

    private static void oneWay(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            rig.client().send(SendPlan.oneWay(rig.vip(), 1_000_000, 9_000));
            Thread.sleep(1_000);
            long asked = System.nanoTime();
            director.intend(rig.vip(), rig.server(2), OperatorIntent.DRAINING);
            long returned = System.nanoTime();
            Thread.sleep(2_000);
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);

            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.atMost("command ms", COMMAND_MILLIS, (returned - asked) / 1_000_000);
            long after = audit.split(sent.sequenceAt(returned), sent.sent()).getOrDefault("b2", 0L);
            figures.exactly("to the drained one afterwards", 0, after);
            figures.atLeast("to it before", 1, audit.split().getOrDefault("b2", 0L));
            figures.exactly("lost", 0, audit.lost());
        }
    }

    private static void flows(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().toString());
            List<InetAddress> addresses = rig.clientAddresses(2);
            SendPlan thousand = SendPlan.oneWay(rig.vip(), 8_000, 4_000).from(new SocketUse.Each(1_000));
            rig.client().send(thousand.bound(addresses.subList(0, 1)));
            Thread.sleep(700); // every flow has begun after 250 ms
            director.intend(rig.vip(), rig.server(2), OperatorIntent.DRAINING);
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            long kept = rig.report(2).run(1).clients().size();
            long changed = flowsOnTwo(rig);

            // from another address, so that no port of the first thousand is met again
            SendRecord later = rig.send(thousand.run(2).bound(addresses.subList(1, 2)));
            Settle.untilQuiet(rig);
            Audit laterAudit = rig.audit(later);
            figures.voidIfOverflown(audit);
            figures.voidIfOverflown(laterAudit);
            figures.atLeast("flows on the drained one", 300, kept);
            figures.exactly("flows that changed realserver", 0, changed);
            figures.exactly("lost", 0, audit.lost() + laterAudit.lost());
            figures.exactly(
                    "new flows on the drained one", 0, rig.report(2).run(2).received());
        }
    }

    /** Clients of the first run that more than one realserver has seen. */
    private static long flowsOnTwo(Rig rig) throws java.io.IOException {
        java.util.Set<Integer> seen = new java.util.HashSet<>();
        long twice = 0;
        for (int i = 1; i <= 3; i++) {
            for (int client : rig.report(i).run(1).clients().keySet()) if (!seen.add(client)) twice++;
        }
        return twice;
    }

    private static void replies(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(new EchoServer.Settings(List.of(), 1, Duration.ofMillis(200), EchoServer.SidePort.ACCEPT));
            var director = rig.directorWithAllUp(rig.service().answered(1).toString());
            SendPlan plan = SendPlan.withReplies(rig.vip(), 10_000)
                    .paced(new Pacing.OpenLoop(4_000))
                    .answered(1);
            rig.client().send(plan);
            Thread.sleep(1_000);
            director.intend(rig.vip(), rig.server(2), OperatorIntent.DRAINING);
            long returned = System.nanoTime();
            SendRecord sent = rig.client().awaitEnd();
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("answered", 10_000, sent.answered());
            figures.exactly("from elsewhere", 0, sent.strangeReplies());
            long after = audit.split(sent.sequenceAt(returned), sent.sent()).getOrDefault("b2", 0L);
            figures.exactly("to the drained one afterwards", 0, after);
        }
    }
}
