package io.evenkeel.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Soak;
import io.evenkeel.lab.Status;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S22 (reloads): the configuration changes again and again under 10,000 datagrams a second, and nothing is lost, doubled or
 * forgotten: no counter falls, a dead realserver stays dead, the turn goes on where it was.
 */
class S22ReloadStormTest {
    private static final int RATE = 10_000;
    private static final int RELOADS = Soak.on() ? 100 : 20;
    private static final long SPACING_MILLIS = Soak.on() ? 1_200 : 1_000;

    @Scenario("S22")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void nothingIsLostAndNothingForgotten(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "reloads", figures -> storm(setting, figures));
    }

    @Scenario("S22")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void aBadFileChangesNothingAndSaysWhy(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "bad file", figures -> badFile(setting, figures));
    }

    private static void storm(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(4))) {
            rig.startServers(EchoServer.Settings.sink());
            rig.killServer(4);
            var director = rig.director(service(rig, 0));
            for (int i = 1; i <= 3; i++) director.awaitState(rig.server(i), "up", Duration.ofSeconds(5));
            director.awaitState(rig.server(4), "failed", Duration.ofSeconds(5));
            rig.client().send(SendPlan.oneWay(rig.vip(), 2_000_000, RATE));

            Watch watch = new Watch(director, rig.server(4));
            for (int n = 1; n <= RELOADS; n++) {
                Thread.sleep(SPACING_MILLIS);
                director.reload(service(rig, n));
                watch.look();
            }
            rig.client().stopSending();
            SendRecord sent = rig.client().awaitEnd();
            Settle.untilQuiet(rig);

            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.exactly("doubled", 0, audit.duplicates());
            figures.exactly("counters that fell", 0, watch.falls);
            figures.exactly("times the dead one looked alive", 0, watch.resurrections);
            figures.atMost("longest run on one realserver", 2, Runs.longest(rig, sent));
            figures.exactly(
                    "reloads",
                    RELOADS,
                    director.status()
                            .document()
                            .path("director")
                            .path("reloads")
                            .asLong());
        }
    }

    /** Five changes in turn: only a comment, a second service, other weights, a realserver less, back again. */
    private static String service(Rig rig, int n) {
        ServiceText base = ServiceText.udp(rig.vip()).oneWay();
        InetSocketAddress other =
                Addresses.at(rig.vip().getAddress().getHostAddress(), rig.vip().getPort() + 50);
        int servers = n % 5 == 3 ? 2 : 3;
        for (int i = 1; i <= servers; i++) base.realServer(rig.server(i));
        base.realServer(rig.server(4));
        return switch (n % 5) {
            case 1 -> "# reload " + n + "\n" + base;
            case 2 -> base + "\n" + ServiceText.udp(other).oneWay().realServer(rig.server(1));
            case 4 -> base.scheduler("wrr").weights(2, 1, 1, 1).toString();
            default -> base.toString();
        };
    }

    private static void badFile(Setting setting, Figures figures) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.sink());
            String good = rig.service().oneWay().toString();
            var director = rig.directorWithAllUp(good);
            String before = services(director);
            director.hangUp(good.replace("lb_algo rr", "lb_algo nonsense"));
            boolean said = Await.until(
                    Duration.ofSeconds(5), () -> director.log().stream().anyMatch(line -> line.contains("nonsense")));
            String after = services(director);
            figures.exactly("said why, with its place", 1, said && named(director) ? 1 : 0);
            figures.exactly("state changed", 0, before.equals(after) ? 0 : 1);
            assertThat(after).isEqualTo(before);
        }
    }

    private static boolean named(DirectorUnderTest director) {
        return director.log().stream().anyMatch(line -> line.matches(".*evenkeel\\.conf:\\d+:\\d+.*"));
    }

    /** All that status says of services; evidence has an age that goes on. */
    private static String services(DirectorUnderTest director) {
        return director.status()
                .document()
                .path("services")
                .toString()
                .replaceAll("\"evidenceAt\":\"[^\"]*\",?", "")
                .replaceAll("\"evidence\":\"[^\"]*\",?", "");
    }

    /** Looks at the director after every reload. */
    private static final class Watch {
        private final DirectorUnderTest director;
        private final InetSocketAddress dead;
        private long received;
        private long forwarded;
        private int falls;
        private int resurrections;

        Watch(DirectorUnderTest director, InetSocketAddress dead) {
            this.director = director;
            this.dead = dead;
        }

        void look() {
            Status now = director.status();
            if (now.total("received") < received || now.total("forwarded") < forwarded) falls++;
            received = now.total("received");
            forwarded = now.total("forwarded");
            if (!now.state(dead).equals("failed")) resurrections++;
        }
    }
}
