package io.evenkeel.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.cli.Evenkeel;
import io.evenkeel.cli.Ran;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Link;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.NamespaceThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Each hazard made real in namespaces: the doctor finds it, the command that it prints is run, and it is gone.
 *
 * <pre>
 *   cl ------------- d1 ------------- b1
 *   198.18.0.1       198.18.0.254     198.18.1.11
 *                    198.18.0.200 VIP
 *                    198.18.1.254
 * </pre>
 */
@Needs({Capability.ROOT, Capability.NETNS, Capability.ETHTOOL})
class DoctorLabTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path directory;

    private Lab lab;
    private Node client;
    private Node director;
    private Node server;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        lab = Lab.open();
        client = lab.node("cl");
        director = lab.node("d1");
        server = lab.node("b1");
        Link outside = lab.link(client, director).readyForXdp();
        Link inside = lab.link(director, server).readyForXdp();
        for (Link link : List.of(outside, inside)) {
            for (String queues : List.of("rx", "tx")) {
                link.left().run("ethtool", "-L", link.leftDevice(), queues, "2");
                link.right().run("ethtool", "-L", link.rightDevice(), queues, "2");
            }
        }
        client.address("d1", "198.18.0.1/24").defaultRoute("198.18.0.254");
        director.address("cl", "198.18.0.254/24").address("cl", "198.18.0.200/24");
        director.address("b1", "198.18.1.254/24").sysctl("net.ipv4.ip_forward", "1");
        server.address("d1", "198.18.1.11/24").defaultRoute("198.18.1.254");
        director.sysctl("net.ipv4.conf.all.rp_filter", "0").sysctl("net.ipv4.conf.cl.rp_filter", "0");
        file = directory.resolve("lb.conf");
        service("NAT", "198.18.1.11");
    }

    @AfterEach
    void close() {
        if (lab != null) lab.close();
    }

    private void service(String kind, String server) throws IOException {
        Files.writeString(file, MadeUp.service(kind, server + " 514"));
    }

    /** Makes one thing wrong. */
    private interface Spoil {
        void of(DoctorLabTest lab) throws Exception;
    }

    /**
     * @param where part of what is found
     */
    record Real(Hazard hazard, String where, Spoil spoil) {
        @Override
        public String toString() {
            return hazard.word() + " " + where;
        }
    }

    static Stream<Real> mended() {
        return Stream.of(
                new Real(Hazard.VETH_WITHOUT_NAPI, "veth cl", t -> t.client.run("ethtool", "-K", "d1", "gro", "off")),
                new Real(Hazard.VETH_WITHOUT_NAPI, "veth b1", t -> t.server.run("ethtool", "-K", "d1", "gro", "off")),
                new Real(Hazard.VETH_CHECKSUMS, "veth b1", t -> t.server.run("ethtool", "-K", "d1", "tx", "on")),
                new Real(Hazard.VETH_OWN_CHECKSUMS, "veth cl", t -> t.director.run("ethtool", "-K", "cl", "tx", "on")),
                new Real(Hazard.VETH_QUEUES, "cl", t -> t.director.run("ethtool", "-L", "cl", "rx", "1")),
                new Real(Hazard.NO_NATIVE_XDP, "veth", t -> t.director.run("ethtool", "-L", "cl", "rx", "1")),
                new Real(Hazard.FEW_QUEUES, "cl", t -> {
                    t.client.run("ethtool", "-L", "d1", "tx", "1");
                    t.director.run("ethtool", "-L", "cl", "rx", "1");
                }),
                new Real(Hazard.MTU_TOO_LARGE, "b1 is 4000", t -> t.director.ip("link", "set", "b1", "mtu", "4000")),
                new Real(Hazard.MTU_TOO_LARGE, "other end", t -> t.client.ip("link", "set", "d1", "mtu", "4000")),
                new Real(Hazard.LINK_DOWN, "cl is down", t -> t.director.ip("link", "set", "cl", "down")),
                new Real(Hazard.NO_FORWARDING, "ip_forward", t -> t.director.sysctl("net.ipv4.ip_forward", "0")),
                new Real(Hazard.NO_FORWARDING, "off at b1", t -> t.director.sysctl("net.ipv4.conf.b1.forwarding", "0")),
                new Real(Hazard.STRICT_RP_FILTER, "default route is by b1", t -> {
                    t.director.defaultRoute("198.18.1.11").sysctl("net.ipv4.conf.cl.rp_filter", "1");
                }),
                new Real(Hazard.SENDS_REDIRECTS, "cl", t -> {
                    t.director.ip("route", "add", "198.19.0.5", "via", "198.18.0.1");
                    t.service("NAT", "198.19.0.5");
                }),
                new Real(
                        Hazard.VIP_ABSENT,
                        "198.18.0.200",
                        t -> t.director.ip("addr", "del", "198.18.0.200/24", "dev", "cl")),
                new Real(Hazard.VIP_SILENT, "lo only", t -> {
                    t.director.ip("addr", "del", "198.18.0.200/24", "dev", "cl");
                    t.director.address("lo", "198.18.0.200/32").sysctl("net.ipv4.conf.all.arp_ignore", "1");
                }),
                new Real(Hazard.MARTIAN_ANSWERS, "b1", t -> t.service("DR", "198.18.1.11")),
                new Real(Hazard.SERVER_WITHOUT_ROUTE, "198.19.0.5", t -> t.service("NAT", "198.19.0.5")),
                new Real(Hazard.SERVER_WITHOUT_ROUTE, "blackhole", t -> {
                    t.director.ip("route", "add", "blackhole", "198.18.1.11/32");
                }),
                new Real(Hazard.DR_BEHIND_ROUTER, "198.18.1.11", t -> {
                    t.director.ip("route", "add", "198.19.0.5", "via", "198.18.1.11");
                    t.service("DR", "198.19.0.5");
                }),
                new Real(Hazard.TUNNEL_MTU, "1520", t -> t.service("TUN type ipip", "198.18.1.11")),
                new Real(Hazard.SMALLER_MTU, "1400", t -> t.director.ip("link", "set", "b1", "mtu", "1400")),
                new Real(Hazard.SMALLER_MTU, "1300", t -> {
                    t.director.ip("route", "add", "198.18.1.11/32", "dev", "b1", "mtu", "1300");
                }));
    }

    @ParameterizedTest
    @MethodSource("mended")
    void whatIsWrongIsFoundAndThePrintedCommandMendsIt(Real real) throws Exception {
        real.spoil.of(this);
        JsonNode found = found(real.hazard).stream()
                .filter(f -> f.path("what").asString().contains(real.where))
                .findFirst()
                .orElseThrow(() -> new AssertionError(real + " is not among " + examine()));
        if (real.hazard == Hazard.NO_NATIVE_XDP) mend(found(Hazard.VETH_QUEUES).getFirst());
        else mend(found);
        assertThat(found(real.hazard)).isEmpty();
    }

    @Test
    void nothingIsWrongWithAMachineThatIsReady() throws Exception {
        assertThat(examine()
                        .path("findings")
                        .valueStream()
                        .filter(f -> !f.path("hazard").asString().equals("kernel-plane")))
                .isEmpty();
        assertThat(examine()
                        .path("examined")
                        .valueStream()
                        .map(e -> e.path("name").asString()))
                .containsExactly("", "cl", "b1", "198.18.0.200:514/udp");
    }

    /** Runs the remedies of a finding here, as a person would. */
    private void mend(JsonNode finding) {
        assertThat(finding.path("remedies")).isNotEmpty();
        for (JsonNode remedy : finding.path("remedies")) {
            String command = remedy.path("command").asString().replace("GATEWAY", "198.18.1.11");
            director.run("sh", "-c", command);
        }
    }

    private List<JsonNode> found(Hazard hazard) throws Exception {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode finding : examine().path("findings")) {
            if (finding.path("hazard").asString().equals(hazard.word())) found.add(finding);
        }
        return found;
    }

    private JsonNode examine() {
        try {
            Ran ran = NamespaceThread.call(
                    director, () -> Evenkeel.here("doctor", "--json", "--plane", "kernel", file.toString()));
            assertThat(ran.err()).isEmpty();
            return JSON.readTree(ran.out());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
