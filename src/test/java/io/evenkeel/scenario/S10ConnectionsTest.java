package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.KeptConnection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S10 (b): 200 long-lived TCP connections, half of them idle. The host of a realserver dies without a word; its clients are
 * reset, all of them and soon, and nobody else's connection suffers.
 */
class S10ConnectionsTest {
    private static final int CONNECTIONS = 200;
    private static final long RESET_MILLIS = 650;

    @Scenario("S10")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#lab")
    void clientsOfADeadHostAreResetAndOthersAreNot(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "TCP, host dies", figures -> die(setting, figures));
    }

    private static void die(Setting setting, Figures figures) throws Exception {
        try (LabRig rig = (LabRig) setting.open(Layout.of(3))) {
            rig.startServers(EchoServer.Settings.streams());
            ServiceText service = ServiceText.tcp(rig.vip());
            for (int i = 1; i <= 3; i++) service.realServer(rig.server(i));
            var director = rig.directorWithAllUp(service.toString());
            rig.client().keepConnections(rig.vip(), CONNECTIONS, Duration.ofMillis(100));
            Thread.sleep(500);

            String dead = Addresses.text(rig.server(2));
            long cut = System.nanoTime();
            rig.nodeOf(2).ip("link", "set", "sw", "down");
            director.awaitState(rig.server(2), "failed", Duration.ofSeconds(3));
            Thread.sleep(1_000);

            List<KeptConnection> all = rig.client().connections();
            List<KeptConnection> hit =
                    all.stream().filter(c -> c.server().equals(dead)).toList();
            figures.between("connections on the dead host", 66, 67, hit.size());
            figures.exactly("of them reset", hit.size(), resets(hit));
            figures.atMost("the last one after ms", RESET_MILLIS, last(hit, cut));
            figures.exactly(
                    "others broken",
                    0,
                    all.stream()
                            .filter(c -> !c.alive() && !c.server().equals(dead))
                            .count());
            figures.exactly(
                    "active ones without an echo",
                    0,
                    all.stream().filter(c -> c.active() && c.echoes() == 0).count());
        }
    }

    private static long resets(List<KeptConnection> hit) {
        return hit.stream().filter(c -> c.ending().contains("reset")).count();
    }

    private static long last(List<KeptConnection> hit, long cut) {
        return hit.stream()
                .mapToLong(c -> c.alive() ? Long.MAX_VALUE : (c.endedNanos() - cut) / 1_000_000)
                .max()
                .orElse(0);
    }
}
