package io.evenkeel.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Each hazard made real in namespaces: the doctor finds it, the command that it prints is run, and it is gone. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.ETHTOOL})
class DoctorMendsLabTest extends DoctorLab {
    private static final Set<Hazard> QUEUES_MATTER =
            EnumSet.of(Hazard.VETH_QUEUES, Hazard.FEW_QUEUES, Hazard.NO_NATIVE_XDP);

    /** Makes one thing wrong. */
    private interface Spoil {
        void of(DoctorLab lab) throws Exception;
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
                new Real(Hazard.FOREIGN_XDP, "foreign_pass", t -> t.foreignXdp("xdpdrv")),
                new Real(Hazard.FOREIGN_XDP, "generic XDP", t -> t.foreignXdp("xdpgeneric")),
                new Real(Hazard.FOREIGN_TC, "TC ingress, preference 7", DoctorLab::foreignFilter),
                new Real(Hazard.NO_FORWARDING_V6, "ipv6", t -> {
                    t.v6();
                    t.director.sysctl("net.ipv6.conf.all.forwarding", "0");
                }),
                new Real(Hazard.VIP_ANSWERS_TWICE, "arp_ignore is 0", t -> {
                    t.director.ip("addr", "del", "198.18.0.200/24", "dev", "cl");
                    t.director.address("lo", "198.18.0.200/32");
                    t.service("DR", "198.18.1.254");
                }),
                new Real(Hazard.SMALLER_MTU, "1300", t -> {
                    t.director.ip("route", "add", "198.18.1.11/32", "dev", "b1", "mtu", "1300");
                }));
    }

    @ParameterizedTest
    @MethodSource("mended")
    void whatIsWrongIsFoundAndThePrintedCommandMendsIt(Real real) throws Exception {
        if (QUEUES_MATTER.contains(real.hazard)) {
            assumeThat(Runtime.getRuntime().availableProcessors())
                    .as("a veth has a queue a CPU")
                    .isGreaterThan(1);
        }
        real.spoil.of(this);
        JsonNode found = found(real.hazard).stream()
                .filter(f -> f.path("what").asString().contains(real.where))
                .findFirst()
                .orElseThrow(() -> new AssertionError(real + " is not among " + examine()));
        if (real.hazard == Hazard.NO_NATIVE_XDP) mend(found(Hazard.VETH_QUEUES).getFirst());
        else mend(found);
        assertThat(found(real.hazard)).isEmpty();
    }
}
