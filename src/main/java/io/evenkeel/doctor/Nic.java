package io.evenkeel.doctor;

import io.evenkeel.linux.Ethtool.Queues;
import io.evenkeel.linux.XdpFeatures;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an interface's driver says of it. What it does not tell is empty. Immutable.
 *
 * @param driver as ethtool -i prints it; empty if it has none
 * @param features names of those that are on, as the kernel names them
 * @param hashesUdpPorts whether ports help to choose the receive queue
 * @param xdp the programs at XDP
 * @param tc the programs at TC
 * @param farEnd the other end of a veth, if it can be looked at
 * @param unread what could not be read, each with the reason
 */
record Nic(
        String driver,
        Optional<Set<String>> features,
        Optional<Queues> queues,
        Optional<Boolean> hashesUdpPorts,
        Optional<XdpFeatures> xdpFeatures,
        List<Program> xdp,
        List<Program> tc,
        Optional<FarEnd> farEnd,
        List<String> unread) {

    /** Of an interface that was not asked. */
    static final Nic UNKNOWN = new Nic(
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of());

    Nic {
        features = features.map(Set::copyOf);
        xdp = List.copyOf(xdp);
        tc = List.copyOf(tc);
        unread = List.copyOf(unread);
    }

    /**
     * The other end of a veth.
     *
     * @param prefix what runs a command in its network namespace; empty if that is ours
     * @param device its name there
     */
    record FarEnd(
            String prefix, String device, int mtu, boolean program, Set<String> features, Optional<Queues> queues) {
        FarEnd {
            features = Set.copyOf(features);
        }

        /** How to run a command where it is. */
        Remedy command(String command) {
            return Remedy.here(prefix.isEmpty() ? command : prefix + " " + command);
        }
    }

    boolean has(String feature) {
        return features.isPresent() && features.get().contains(feature);
    }

    /** Some checksum is left to the interface. */
    static boolean leavesChecksums(Set<String> features) {
        return features.contains("tx-checksum-ip-generic")
                || features.contains("tx-checksum-ipv4")
                || features.contains("tx-checksum-ipv6");
    }
}
