package io.evenkeel.scenario;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.LabRig;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Node;
import io.evenkeel.lab.Packets;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.lab.Soak;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Payload;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.Sizes;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S6: datagrams larger than the link arrive whole, at one realserver each; what lost a fragment is counted exactly. */
class S06FragmentsTest {
    private static final int RATE = 500;
    private static final int MTU = 1_500;
    private static final int FRAGMENTED = 8_000;
    private static final int SOURCES = 10;

    @Scenario("S6")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#all")
    void largeDatagramsArriveWhole(Setting setting, Measurements measurements) throws Exception {
        int count = Soak.on() ? 10_000 : 2_500;
        measurements.run(setting, "8,000 B", figures -> whole(setting, figures, FRAGMENTED, count));
    }

    @Scenario("S6")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#all")
    void theLargestDatagramsArriveWhole(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "65,507 B", figures -> whole(setting, figures, Payload.MAX_BYTES, 1_000));
    }

    @Scenario("S6")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#lab")
    void fragmentsMayComeReversedAndInterleaved(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "reversed, interleaved", figures -> shuffled(setting, figures));
    }

    @Scenario("S6")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#lab")
    void aMissingFragmentCostsItsDatagramAndIsCounted(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "missing", figures -> missing(setting, figures));
    }

    private static void whole(Setting setting, Figures figures, int length, int count) throws Exception {
        try (Rig rig = setting.open(Layout.of(3))) {
            if (rig instanceof LabRig lab) lab.withoutOffloads();
            rig.startServers(EchoServer.Settings.sink());
            rig.directorWithAllUp(rig.service().oneWay().toString());
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), count, RATE).sized(Sizes.fixed(length)));
            Settle.untilQuiet(rig);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.exactly("lost", 0, audit.lost());
            figures.exactly("partial or altered", 0, audit.damaged());
            figures.exactly("at more than one realserver", 0, audit.duplicates());
            long most = Collections.max(audit.split().values());
            long least = Collections.min(audit.split().values());
            figures.atMost("shares differ by", 1, most - least);
        }
    }

    private static void shuffled(Setting setting, Figures figures) throws Exception {
        Capability.require(Capability.NFT);
        try (LabRig rig = (LabRig) setting.open(Layout.of(3))) {
            rig.withoutOffloads();
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            List<byte[]> packets = shuffledFragments(rig, 100);
            rig.client().sendRaw(packets, 5_000);
            Settle.untilQuiet(rig);
            long received = 0;
            long bytes = 0;
            for (int i = 1; i <= 3; i++) {
                received += rig.report(i).foreign();
                bytes += rig.report(i).bytes();
            }
            figures.exactly("whole at a realserver", 100 * SOURCES, received);
            figures.exactly("bytes", 100L * SOURCES * FRAGMENTED, bytes);
            figures.exactly("turns", 100 * SOURCES, director.status().total("forwarded"));
        }
    }

    /** From every source one datagram at a time, their fragments from the last to the first, in turn by source. */
    private static List<byte[]> shuffledFragments(LabRig rig, int rounds) {
        List<byte[]> packets = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<List<byte[]>> together = new ArrayList<>();
            for (int source = 1; source <= SOURCES; source++) {
                InetSocketAddress from = Addresses.at("198.18.0." + source, 4_000);
                byte[] datagram = Packets.udp(from, rig.vip(), new byte[FRAGMENTED]);
                together.add(Packets.fragments(from.getAddress(), rig.vip().getAddress(), round + 1, datagram, MTU));
            }
            for (int fragment = together.getFirst().size() - 1; fragment >= 0; fragment--) {
                for (List<byte[]> datagram : together) packets.add(datagram.get(fragment));
            }
        }
        return packets;
    }

    private static void missing(Setting setting, Figures figures) throws Exception {
        Capability.require(Capability.NFT);
        try (LabRig rig = (LabRig) setting.open(Layout.of(3))) {
            rig.withoutOffloads();
            Node d1 = rig.directorNode();
            d1.sysctl("net.ipv4.ipfrag_time", "1");
            d1.nft("""
                    table ip s6 {
                      chain early {
                        type filter hook prerouting priority -450;
                        ip saddr 198.18.0.1 ip frag-off & 0x3fff != 0 numgen inc mod 100 == 0 counter drop
                      }
                    }
                    """);
            rig.startServers(EchoServer.Settings.sink());
            var director = rig.directorWithAllUp(rig.service().oneWay().toString());
            long before = reassemblyTimeouts(d1);
            SendRecord sent = rig.send(SendPlan.oneWay(rig.vip(), 2_000, RATE).sized(Sizes.fixed(FRAGMENTED)));
            Settle.untilQuiet(rig);
            boolean empty = Await.until(Duration.ofSeconds(2), () -> fragmentMemory(d1) == 0);
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            figures.between("lost", 100, 140, audit.lost());
            figures.exactly("reassemblies that timed out", audit.lost(), reassemblyTimeouts(d1) - before);
            figures.exactly(
                    "received", sent.sent() - audit.lost(), director.status().total("received"));
            figures.exactly("partial or altered", 0, audit.damaged());
            figures.exactly("fragment memory left", 0, empty ? 0 : fragmentMemory(d1));
        }
    }

    /** ReasmTimeout of /proc/net/snmp. */
    private static long reassemblyTimeouts(Node node) {
        List<String> lines = node.run("cat", "/proc/net/snmp")
                .lines()
                .filter(line -> line.startsWith("Ip:"))
                .toList();
        int column = List.of(lines.get(0).split(" ")).indexOf("ReasmTimeout");
        return Long.parseLong(lines.get(1).split(" ")[column]);
    }

    /** Bytes held for reassembly, from /proc/net/sockstat. */
    private static long fragmentMemory(Node node) {
        for (String line : node.run("cat", "/proc/net/sockstat").lines().toList()) {
            if (line.startsWith("FRAG:")) return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
        }
        throw new IllegalStateException("no FRAG line");
    }
}
