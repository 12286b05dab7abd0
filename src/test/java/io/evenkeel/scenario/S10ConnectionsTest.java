package io.evenkeel.scenario;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.StreamHost;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.KeptConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
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

    /**
     * On the kernel plane nobody holds the connection, so nobody can reset it before it sends: its next packet goes to
     * another realserver, which knows nothing of it and says so. A sender that waits for an answer sends again when its
     * timer says so, which has doubled twice until the check fails: 0.2, 0.6 and 1.4 s after its last word.
     */
    @Scenario("S10")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void clientsOfADeadHostAreResetAtTheirNextPacket(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "TCP, host dies, next packet", S10ConnectionsTest::dieUnderFlows);
    }

    private static final int IN_KERNEL = 60;
    private static final long NEXT_PACKET_MILLIS = 1_700;
    private static final int PORT = 8_080;

    private static void dieUnderFlows(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            InetSocketAddress vip = KernelLab.at(false, 0, 200, PORT);
            for (int i = 1; i <= 3; i++) {
                lab.keep(StreamHost.open(lab.server(i), "b" + i, KernelLab.at(false, 1, 10 + i, PORT)));
            }
            DirectorUnderTest director = lab.directorWithAllUp(
                    ServiceTexts.nat(ServiceText.tcp(vip), false, 1, PORT, 3).toString());
            List<Talker> talkers = new ArrayList<>();
            for (int i = 0; i < IN_KERNEL; i++) {
                Socket socket = lab.keep(Clients.connect(lab.clientNode(), vip));
                talkers.add(new Talker(socket, Clients.say(socket, "who"), i % 2 == 0));
            }
            talkers.stream().filter(t -> t.active).forEach(Talker::start);
            Thread.sleep(500);
            long cut = System.nanoTime();
            lab.server(2).ip("link", "set", "sw", "down");
            director.awaitState(KernelLab.at(false, 1, 12, PORT), "failed", Duration.ofSeconds(3));
            Thread.sleep(NEXT_PACKET_MILLIS);
            List<Talker> hit =
                    talkers.stream().filter(t -> t.server.equals("b2")).toList();
            List<Talker> active = hit.stream().filter(t -> t.active).toList();
            List<Talker> idle = hit.stream().filter(t -> !t.active).toList();
            figures.exactly("connections on the dead host", IN_KERNEL / 3, hit.size());
            figures.exactly(
                    "active ones reset",
                    active.size(),
                    active.stream().filter(t -> t.ending.contains("reset")).count());
            figures.atMost(
                    "the last one after ms",
                    NEXT_PACKET_MILLIS,
                    active.stream()
                            .mapToLong(t -> (t.ended - cut) / 1_000_000)
                            .max()
                            .orElse(0));
            for (Talker each : idle) each.word();
            figures.exactly(
                    "idle ones reset when they speak",
                    idle.size(),
                    idle.stream().filter(t -> t.ending.contains("reset")).count());
            List<Talker> others =
                    talkers.stream().filter(t -> !t.server.equals("b2")).toList();
            for (Talker each : others) if (!each.active) each.word();
            figures.exactly(
                    "others broken",
                    0,
                    others.stream().filter(t -> !t.ending.isEmpty()).count());
        }
    }

    /** A connection that says a word now and then, or when it is told to. */
    private static final class Talker {
        private final Socket socket;
        private final String server;
        private final boolean active;
        private volatile String ending = "";
        private volatile long ended;

        Talker(Socket socket, String server, boolean active) {
            this.socket = socket;
            this.server = server;
            this.active = active;
        }

        void start() {
            Thread.ofVirtual().start(this::talk);
        }

        private void talk() {
            try {
                while (ending.isEmpty()) {
                    word();
                    Thread.sleep(100);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void word() {
            try {
                if (Clients.say(socket, "word").equals("word")) return;
                ending = "closed";
            } catch (IOException broken) {
                ending = String.valueOf(broken.getMessage());
            }
            ended = System.nanoTime();
        }
    }
}
