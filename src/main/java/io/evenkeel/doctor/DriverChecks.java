package io.evenkeel.doctor;

import io.evenkeel.linux.Ethtool.Queues;
import io.evenkeel.linux.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What an interface and its driver do to XDP. Pure; any thread. */
final class DriverChecks {
    private DriverChecks() {}

    /**
     * An IP packet that fits one page of 4,096 bytes with what XDP keeps free before (256) and the kernel behind (320)
     * it, and the Ethernet header (14). Some drivers allow less.
     */
    static final int MOST_IN_A_PAGE = 4_096 - 256 - 320 - 14;

    /** Names of our programs begin so. */
    private static final String OURS = "ek_";

    /** Drivers with native XDP, for kernels before 6.3, which do not tell it themselves. */
    private static final Set<String> WITH_XDP = Set.of(
            "atlantic",
            "bnxt_en",
            "bonding",
            "cpsw",
            "dpaa2-eth",
            "ena",
            "fsl_enetc",
            "fsl_dpaa",
            "gve",
            "hv_netvsc",
            "i40e",
            "ice",
            "igb",
            "igc",
            "ixgbe",
            "ixgbevf",
            "mana",
            "mlx4_en",
            "mlx5_core",
            "mvneta",
            "mvpp2",
            "nfp",
            "nicvf",
            "qede",
            "sfc",
            "st_gmac",
            "tun",
            "veth",
            "virtio_net",
            "vif");

    static List<Finding> of(Situation now) {
        List<Finding> found = new ArrayList<>();
        for (Link link : now.links()) {
            Nic nic = now.nic(link);
            state(link).ifPresent(found::add);
            kind(now, link, nic).ifPresent(found::add);
            found.addAll(foreign(link, nic));
            mtu(link, nic).ifPresent(found::add);
            lro(link, nic).ifPresent(found::add);
            strippedTags(now, link, nic).ifPresent(found::add);
            queues(link, nic, now.facts().cpus()).ifPresent(found::add);
            spread(link, nic).ifPresent(found::add);
        }
        return found;
    }

    private static Finding finding(Hazard hazard, Link link, String what, String... commands) {
        List<Remedy> remedies = new ArrayList<>();
        for (String command : commands) remedies.add(Remedy.here(command));
        return new Finding(hazard, hazard.severity(), Subject.device(link.name()), what, remedies);
    }

    static Optional<Finding> state(Link link) {
        if (link.up() && link.carrier()) return Optional.empty();
        if (link.up()) return Optional.of(finding(Hazard.LINK_DOWN, link, link.name() + " has no carrier"));
        return Optional.of(
                finding(Hazard.LINK_DOWN, link, link.name() + " is down", "ip link set dev " + link.name() + " up"));
    }

    /** Whether a program can run here at all. */
    static Optional<Finding> kind(Situation now, Link link, Nic nic) {
        if (link.kind().equals("vlan")) {
            Link below = now.link(link.lower());
            String what = link.name() + " is a VLAN device" + (below == null ? "" : " on " + below.name());
            return Optional.of(finding(Hazard.ON_VLAN_DEVICE, link, what, otherPlane()));
        }
        boolean can = nic.xdpFeatures()
                .map(features -> features.nativeXdp())
                .orElse(nic.driver().isEmpty() || WITH_XDP.contains(nic.driver()));
        if (!can) {
            String what = "the driver of " + link.name() + ", " + driver(link, nic) + ", has no native XDP"
                    + (link.kind().equals("veth") ? " now" : "");
            return Optional.of(finding(Hazard.NO_NATIVE_XDP, link, what, otherPlane()));
        }
        Link master = link.master() == 0 ? null : now.link(link.master());
        if (master == null || !(master.kind().equals("bridge") || master.kind().equals("bond")))
            return Optional.empty();
        String what = link.name() + " is a member of the " + master.kind() + " " + master.name();
        return Optional.of(finding(Hazard.IN_BRIDGE_OR_BOND, link, what));
    }

    private static String otherPlane() {
        return "evenkeel run --plane socket FILE";
    }

    private static String driver(Link link, Nic nic) {
        if (!nic.driver().isEmpty()) return nic.driver();
        return link.kind().isEmpty() ? "which does not tell its name" : link.kind();
    }

    static List<Finding> foreign(Link link, Nic nic) {
        List<Finding> found = new ArrayList<>();
        for (Program program : nic.xdp()) {
            if (program.name().startsWith(OURS)) continue;
            String what = link.name() + " is taken by " + program.text();
            found.add(finding(Hazard.FOREIGN_XDP, link, what, program.off(link.name())));
        }
        List<Program> others =
                nic.tc().stream().filter(p -> !p.name().startsWith(OURS)).toList();
        if (!others.isEmpty()) {
            String names = others.stream().map(Program::text).collect(Collectors.joining(", "));
            String[] off = others.stream().map(p -> p.off(link.name())).toArray(String[]::new);
            found.add(finding(Hazard.FOREIGN_TC, link, "at TC of " + link.name() + " hangs " + names, off));
        }
        return found;
    }

    /** Our program takes frames of one buffer. On a veth the other end's MTU counts as well. */
    static Optional<Finding> mtu(Link link, Nic nic) {
        if (link.mtu() > MOST_IN_A_PAGE) {
            String what = "the MTU of " + link.name() + " is " + link.mtu() + ", and XDP takes " + MOST_IN_A_PAGE;
            String command = "ip link set dev " + link.name() + " mtu " + MOST_IN_A_PAGE;
            return Optional.of(finding(Hazard.MTU_TOO_LARGE, link, what, command));
        }
        if (nic.farEnd().isEmpty() || nic.farEnd().get().mtu() <= MOST_IN_A_PAGE) return Optional.empty();
        Nic.FarEnd far = nic.farEnd().get();
        String what = "the MTU of the other end of the veth " + link.name() + " is " + far.mtu() + ", and XDP takes "
                + MOST_IN_A_PAGE;
        Remedy remedy = far.command("ip link set dev " + far.device() + " mtu " + MOST_IN_A_PAGE);
        return Optional.of(Finding.of(Hazard.MTU_TOO_LARGE, Subject.device(link.name()), what, remedy));
    }

    static Optional<Finding> lro(Link link, Nic nic) {
        if (!nic.has("rx-lro")) return Optional.empty();
        String what = "LRO is on at " + link.name();
        return Optional.of(finding(Hazard.LRO_ON, link, what, "ethtool -K " + link.name() + " lro off"));
    }

    /** Tags are to be expected where a VLAN device stands on the interface. */
    static Optional<Finding> strippedTags(Situation now, Link link, Nic nic) {
        if (!nic.has("rx-vlan-hw-parse")) return Optional.empty();
        Optional<Link> vlan = now.facts().links().stream()
                .filter(l -> l.kind().equals("vlan") && l.lower() == link.index() && !l.lowerElsewhere())
                .findFirst();
        if (vlan.isEmpty()) return Optional.empty();
        String what = link.name() + " strips VLAN tags (rxvlan), and carries "
                + vlan.get().name();
        return Optional.of(finding(Hazard.VLAN_STRIPPED, link, what, "ethtool -K " + link.name() + " rxvlan off"));
    }

    static Optional<Finding> queues(Link link, Nic nic, int cpus) {
        if (nic.queues().isEmpty()) return Optional.empty();
        Queues queues = nic.queues().get();
        int possible = Math.min(queues.most(), cpus);
        if (queues.now() >= possible) return Optional.empty();
        String what = link.name() + " receives on " + queues.now() + " of " + queues.most() + " queues; " + cpus
                + " CPUs could serve them";
        String setting = (queues.combined() ? " combined " : " rx ") + possible;
        return Optional.of(finding(Hazard.FEW_QUEUES, link, what, "ethtool -L " + link.name() + setting));
    }

    static Optional<Finding> spread(Link link, Nic nic) {
        boolean several = nic.queues().map(q -> q.now() > 1).orElse(false);
        if (!several || nic.hashesUdpPorts().orElse(true)) return Optional.empty();
        String what = link.name() + " chooses the queue of a UDP datagram without its ports";
        String command = "ethtool -N " + link.name() + " rx-flow-hash udp4 sdfn";
        return Optional.of(finding(Hazard.RSS_WITHOUT_PORTS, link, what, command));
    }
}
