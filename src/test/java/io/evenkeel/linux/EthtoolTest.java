package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.NetlinkReply.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against the kernel and the program ethtool: {@code d1 --- b1}, a veth each. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.ETHTOOL})
class EthtoolTest {
    private Lab lab;
    private Node director;
    private Node server;

    @BeforeEach
    void open() {
        assumeThat(Runtime.getRuntime().availableProcessors())
                .as("a veth has a queue a CPU")
                .isGreaterThan(1);
        lab = Lab.open();
        director = lab.node("d1");
        server = lab.node("b1");
        lab.link(director, server);
    }

    @AfterEach
    void close() {
        if (lab != null) lab.close();
    }

    @Test
    void featuresAreThoseThatTheProgramShows() throws Exception {
        assertThat(features())
                .contains("tx-checksum-ip-generic", "tx-tcp-segmentation")
                .doesNotContain("rx-gro", "rx-lro");
        director.run("ethtool", "-K", "b1", "tx", "off", "gro", "on", "rxvlan", "off");
        assertThat(features())
                .contains("rx-gro")
                .doesNotContain("tx-checksum-ip-generic", "tx-tcp-segmentation", "rx-vlan-hw-parse");
    }

    private Set<String> features() throws Exception {
        return NamespaceThread.call(director, () -> {
            try (Ethtool ethtool = new Ethtool()) {
                return ethtool.features("b1").orElseThrow();
            }
        });
    }

    @Test
    void driverAndQueuesAreTold() throws Exception {
        director.run("ethtool", "-L", "b1", "rx", "2");
        NamespaceThread.call(director, () -> {
            try (Ethtool ethtool = new Ethtool()) {
                assertThat(ethtool.driver("b1")).contains("veth");
                int most = ethtool.queues("b1").orElseThrow().most();
                assertThat(ethtool.queues("b1")).contains(new Ethtool.Queues(2, most, false, 1));
                assertThat(ethtool.hashesUdpPorts("b1")).isEmpty();
            }
            return 0;
        });
    }

    @Test
    void ofAnInterfaceThatIsNotThereNothingIsTold() {
        try (Ethtool ethtool = new Ethtool()) {
            for (String device : List.of("ek-none", "a-name-that-is-too-long")) {
                assertThat(ethtool.driver(device)).isEmpty();
                assertThat(ethtool.features(device)).isEmpty();
                assertThat(ethtool.queues(device)).isEmpty();
                assertThat(ethtool.hashesUdpPorts(device)).isEmpty();
            }
        }
    }

    /** Linux 6.3 and newer; the veth tells for its other end. */
    @Test
    void aVethTakesRedirectedFramesWhileItsOtherEndHasGro() throws Exception {
        if (!KernelRelease.current().atLeast(6, 3)) {
            assertThat(xdp()).isEmpty();
            return;
        }
        assertThat(xdp().orElseThrow().nativeXdp()).isTrue();
        assertThat(xdp().orElseThrow().redirectTarget()).isFalse();
        server.run("ethtool", "-K", "d1", "gro", "on");
        assertThat(xdp().orElseThrow().redirectTarget()).isTrue();
        server.run("ethtool", "-L", "d1", "tx", "2");
        assertThat(xdp().orElseThrow().nativeXdp())
                .as("its other end sends on more queues")
                .isFalse();
    }

    private Optional<XdpFeatures> xdp() throws Exception {
        return NamespaceThread.call(director, () -> {
            try (XdpFeatures.Questions questions = new XdpFeatures.Questions()) {
                return questions.of(InterfaceIndex.of("b1"));
            }
        });
    }

    @Test
    void theNamespaceOfAVethsOtherEndIsFoundByItsNumber() throws Exception {
        Node third = lab.node("b2");
        lab.link(director, third);
        NamespaceThread.call(director, () -> {
            try (RouteSocket questions = new RouteSocket()) {
                for (Node end : List.of(server, third)) {
                    assertThat(questions.lowerNamespace(InterfaceIndex.of(end.role())))
                            .isPresent()
                            .isEqualTo(questions.numberOf(Path.of("/run/netns", end.namespace())));
                }
                assertThat(questions.lowerNamespace(InterfaceIndex.of("b1")))
                        .isNotEqualTo(questions.lowerNamespace(InterfaceIndex.of("b2")));
                assertThat(questions.lowerNamespace(InterfaceIndex.of("lo"))).isEmpty();
                assertThat(questions.numberOf(Path.of("/run/netns/ek-none"))).isEmpty();
            }
            return 0;
        });
    }

    @Test
    void filtersOfTheClsactQdiscAreListed() throws Exception {
        director.run("tc", "qdisc", "add", "dev", "b1", "clsact");
        director.run(
                "tc",
                "filter",
                "add",
                "dev",
                "b1",
                "egress",
                "pref",
                "9",
                "protocol",
                "ip",
                "u32",
                "match",
                "u32",
                "0",
                "0");
        NamespaceThread.call(director, () -> {
            try (RouteSocket questions = new RouteSocket()) {
                int index = InterfaceIndex.of("b1");
                assertThat(questions.filters(index, TcDirection.INGRESS)).isEqualTo(new Answer<>(List.of()));
                assertThat(questions.filters(index, TcDirection.EGRESS).require("filters"))
                        .isNotEmpty()
                        .allSatisfy(filter -> {
                            assertThat(filter.kind()).isEqualTo("u32");
                            assertThat(filter.priority()).isEqualTo(9);
                            assertThat(filter.ours()).isFalse();
                        });
                assertThat(questions.filters(InterfaceIndex.of("lo"), TcDirection.EGRESS))
                        .isEqualTo(new Answer<>(List.of()));
            }
            return 0;
        });
    }
}
