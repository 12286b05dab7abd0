package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Status;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.Sizes;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S5: every datagram arrives with the bytes and the length it was sent with, whichever way it takes through the plane.
 * Each case is made to take certain ways, and the plane's own counters prove that it did.
 */
class S05IntegrityTest {
    private static final int DATAGRAMS = 100_000;
    private static final int RATE = 20_000;
    private static final int LONGEST = 1_472;
    private static final long SEED = 20_261_121;

    @Scenario("S5")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void mixedLengthsArriveWhole(Setting setting, Measurements measurements) throws Exception {
        Sizes mixed = Sizes.uniform(0, LONGEST, SEED).inRunsUpTo(16);
        Case all = new Case(mixed, 1, true, List.of("single_sends", "gso_sends"));
        measurements.run(setting, "lengths 0..1472", figures -> send(setting, figures, all));
    }

    @Scenario("S5")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void aggregatesAreTakenApartAndPutTogetherAgain(Setting setting, Measurements measurements) throws Exception {
        Case aggregates = new Case(
                Sizes.uniform(36, LONGEST, SEED), 32, true, List.of("gro_batches", "gso_sends", "gso_segments"));
        measurements.run(setting, "aggregates of 32", figures -> send(setting, figures, aggregates));
    }

    @Scenario("S5")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#lab")
    void withoutOffloadsEveryPacketIsMadeInSoftware(Setting setting, Measurements measurements) throws Exception {
        Case plain = new Case(Sizes.uniform(36, LONGEST, SEED).inRunsUpTo(16), 1, false, List.of("single_sends"));
        measurements.run(setting, "offloads off", figures -> send(setting, figures, plain));
    }

    @Scenario("S5")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#lab")
    void aRouteThatRefusesAggregatesGetsSingleDatagrams(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "MTU shrinks", figures -> shrink(setting, figures));
    }

    /**
     * @param aggregate datagrams in one system call of the sender
     * @param offloads whether interfaces may segment and merge
     * @param paths counters of the plane that must have risen
     */
    private record Case(Sizes sizes, int aggregate, boolean offloads, List<String> paths) {}

    private static void send(Setting setting, Figures figures, Case wanted) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            if (!wanted.offloads && rig instanceof LabRig lab) lab.withoutOffloads();
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), DATAGRAMS, RATE)
                    .sized(wanted.sizes)
                    .aggregated(wanted.aggregate));
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.exactly("short ones lost", 0, audit.lostShorts());
            figures.exactly("bytes of short ones lost", 0, audit.lostShortBytes());
            figures.exactly("merged, split, cut or altered", 0, audit.damaged());
            figures.exactly("doubled", 0, audit.duplicates());
            figures.exactly("out of order", 0, audit.orderBreaks());
            Status status = director.status();
            figures.exactly("forwarded", DATAGRAMS, status.total("forwarded"));
            // XDP has one way only: a sender's stack has taken an aggregate apart before the program sees it.
            for (String path : setting.inKernel() ? List.<String>of() : wanted.paths)
                figures.atLeast(path, 1, status.path(path));
        }
    }

    /** The kernel refuses aggregates whose segments are longer than the route's MTU, which shrinks under way. */
    private static void shrink(Setting setting, Figures figures) throws Exception {
        try (LabRig rig = (LabRig) setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            rig.client().send(SendPlan.oneWay(rig.vip(), DATAGRAMS / 2, RATE).sized(Sizes.fixed(1_400)));
            Thread.sleep(1_000);
            rig.directorNode().ip("link", "set", "sw", "mtu", "1000");
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.exactly("merged, split, cut or altered", 0, audit.damaged());
            figures.exactly("doubled", 0, audit.duplicates());
            Status status = director.status();
            for (String path : List.of("gso_sends", "gso_refused", "single_sends")) {
                figures.atLeast(path, 1, status.path(path));
            }
        }
    }
}
