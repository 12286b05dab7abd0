package io.evenkeel.doctor;

import io.evenkeel.doctor.Nic.FarEnd;
import io.evenkeel.linux.Ethtool.Queues;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.XdpFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What makes packets vanish between XDP and a veth. Pure; any thread. */
final class VethChecks {
    private VethChecks() {}

    private static final String GRO = "rx-gro";

    static List<Finding> of(Situation now) {
        List<Finding> found = new ArrayList<>();
        for (Link link : now.links()) {
            if (!link.kind().equals("veth")) continue;
            Nic nic = now.nic(link);
            napi(link, nic).ifPresent(found::add);
            checksums(link, nic).ifPresent(found::add);
            ownChecksums(link, nic).ifPresent(found::add);
            queues(link, nic).ifPresent(found::add);
        }
        return found;
    }

    /** The driver tells whether frames may be redirected to it, which is whether the other end would take them. */
    static Optional<Finding> napi(Link link, Nic nic) {
        Optional<XdpFeatures> xdp = nic.xdpFeatures();
        Optional<FarEnd> far = nic.farEnd();
        boolean takes;
        if (xdp.isPresent()) takes = xdp.get().redirectTarget();
        else
            takes = far.isEmpty() || far.get().program() || far.get().features().contains(GRO);
        if (takes) return Optional.empty();
        String what = "the other end of the veth " + link.name() + named(far) + " has GRO off and no XDP program";
        return Optional.of(finding(Hazard.VETH_WITHOUT_NAPI, link, what, far, "gro on"));
    }

    static Optional<Finding> checksums(Link link, Nic nic) {
        Optional<FarEnd> far = nic.farEnd();
        if (far.isEmpty() || !Nic.leavesChecksums(far.get().features())) return Optional.empty();
        String what = "the other end of the veth " + link.name() + named(far) + " leaves checksums to its interface";
        return Optional.of(finding(Hazard.VETH_CHECKSUMS, link, what, far, "tx off"));
    }

    static Optional<Finding> ownChecksums(Link link, Nic nic) {
        if (nic.features().isEmpty() || !Nic.leavesChecksums(nic.features().get())) return Optional.empty();
        String what = "the veth " + link.name() + " leaves checksums to its interface";
        Remedy remedy = Remedy.here("ethtool -K " + link.name() + " tx off");
        return Optional.of(Finding.of(Hazard.VETH_OWN_CHECKSUMS, Subject.device(link.name()), what, remedy));
    }

    static Optional<Finding> queues(Link link, Nic nic) {
        Optional<Queues> own = nic.queues();
        Optional<Queues> far = nic.farEnd().flatMap(FarEnd::queues);
        if (own.isEmpty() || far.isEmpty() || far.get().sending() <= own.get().now()) return Optional.empty();
        String what = link.name() + " receives on " + own.get().now() + " queues, and its other end sends on "
                + far.get().sending();
        Remedy remedy = nic.farEnd()
                .orElseThrow()
                .command("ethtool -L " + nic.farEnd().orElseThrow().device() + " tx "
                        + own.get().now());
        return Optional.of(Finding.of(Hazard.VETH_QUEUES, Subject.device(link.name()), what, remedy));
    }

    private static Finding finding(Hazard hazard, Link link, String what, Optional<FarEnd> far, String setting) {
        Remedy remedy = far.map(end -> end.command("ethtool -K " + end.device() + " " + setting))
                .orElse(new Remedy("where the other end is", "ethtool -K DEVICE " + setting));
        return Finding.of(hazard, Subject.device(link.name()), what, remedy);
    }

    private static String named(Optional<FarEnd> far) {
        return far.map(end -> " (" + end.device() + (end.prefix().isEmpty() ? ")" : " in another namespace)"))
                .orElse("");
    }
}
