package io.evenkeel.scenario;

import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Soak;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.SocketUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S23: a million clients with one datagram each leave no trace in the director: no descriptor, no memory, no flow. */
class S23ResourceBoundsTest {
    private static final int MILLION = 1_000_000;
    private static final int WARM_UP = 20_000;
    private static final int REPLY_POOL = 512;
    private static final int FIRST_PORT = 2_000;
    private static final int SOURCES = 100;

    @Scenario("S23")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void oneWayClientsCostNothing(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "one-way", figures -> oneWay(setting, figures));
    }

    @Scenario("S23")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#all")
    void clientsWithRepliesCostNoMoreThanThePool(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "replies", figures -> replies(setting, figures));
    }

    private static void oneWay(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            DirectorUnderTest director =
                    rig.directorWithAllUp(rig.service().oneWay().toString());
            int count = setting.kind() == Setting.Kind.LOOPBACK || Soak.on() ? MILLION : MILLION / 5;
            SendPlan plan = fresh(rig, SendPlan.oneWay(rig.vip(), count, 25_000));
            rig.send(warmUp(plan));
            long descriptors = descriptors(director);
            long resident = residentKiB(director);
            long tracked = conntrack();
            SendRecord sent = rig.send(plan);
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.between("descriptors", -2, 2, descriptors(director) - descriptors);
            figures.note("resident KiB", residentKiB(director) - resident);
            figures.exactly("conntrack", 0, conntrack() - tracked);
        }
    }

    private static void replies(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.echo());
            ServiceText service = rig.service().answered(1).line("reply_ports " + REPLY_POOL);
            DirectorUnderTest director = rig.directorWithAllUp(service.toString());
            long descriptors = descriptors(director);
            SendPlan plan = fresh(rig, SendPlan.withReplies(rig.vip(), MILLION / 10))
                    .paced(new Pacing.ClosedLoop(64, Duration.ofMillis(500)));
            rig.send(warmUp(plan));
            SendRecord sent = rig.send(plan);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("unanswered", 0, audit.unanswered());
            figures.atMost("descriptors", REPLY_POOL + 64, descriptors(director) - descriptors);
        }
    }

    private static SendPlan warmUp(SendPlan plan) {
        return new SendPlan(
                plan.target(),
                9,
                WARM_UP,
                plan.pacing(),
                plan.sizes(),
                new SocketUse.Fresh(FIRST_PORT + MILLION / SOURCES),
                plan.sources(),
                plan.repliesPerRequest(),
                plan.aggregate(),
                plan.linger());
    }

    /** Every datagram from an address and port of its own. */
    private static SendPlan fresh(Rig rig, SendPlan plan) {
        return plan.from(new SocketUse.Fresh(FIRST_PORT)).bound(rig.clientAddresses(SOURCES));
    }

    private static long descriptors(DirectorUnderTest director) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + director.pid() + "/fd"))) {
            return open.count();
        }
    }

    private static long residentKiB(DirectorUnderTest director) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + director.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", ""));
        }
        throw new IOException("no VmRSS");
    }

    /** Tracked connections of this machine; 0 where nothing is tracked. */
    private static long conntrack() throws IOException {
        Path count = Path.of("/proc/sys/net/netfilter/nf_conntrack_count");
        return Files.exists(count) ? Long.parseLong(Files.readString(count).strip()) : 0;
    }
}
