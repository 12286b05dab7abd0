package io.evenkeel.doctor;

import io.evenkeel.linux.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What the settings of the kernel's IP do to packets at an interface. Pure; any thread. */
final class LinkChecks {
    private LinkChecks() {}

    private static final int STRICT = 1;

    /**
     * Strict reverse path filtering where clients come in. It bites when their way back is another interface: certainly
     * if the default route is another's, and only for some networks if not.
     */
    static List<Finding> reversePath(Situation now) {
        List<Finding> found = new ArrayList<>();
        for (Link link : now.clientLinks()) {
            OptionalLong mode = now.facts().sysctls().larger(link.name(), "rp_filter");
            if (mode.isEmpty() || mode.getAsLong() != STRICT) continue;
            List<String> defaults = now.facts().defaultRoutes().stream()
                    .filter(route -> !route.v6())
                    .map(DefaultRoute::device)
                    .toList();
            boolean elsewhere = !defaults.isEmpty() && !defaults.contains(link.name());
            String what = "rp_filter is strict at " + link.name()
                    + (elsewhere ? ", and the default route is by " + defaults.getFirst() : "");
            // 2 at the interface is larger than whatever "all" says.
            Remedy remedy = Sysctls.set("ipv4/conf/" + link.name() + "/rp_filter", 2);
            Finding finding = Finding.of(Hazard.STRICT_RP_FILTER, Subject.device(link.name()), what, remedy);
            found.add(elsewhere ? finding : finding.as(Severity.NOTE));
        }
        return found;
    }

    /** One-armed: what comes by an interface leaves by it again. */
    static List<Finding> redirects(Situation now) {
        List<Finding> found = new ArrayList<>();
        if (now.services().isEmpty()) return found;
        Sysctls sysctls = now.facts().sysctls();
        for (Link link : now.clientLinks()) {
            if (!now.serverLinks().contains(link) || !sysctls.is("ipv4/ip_forward", 1)) continue;
            if (!sysctls.either(link.name(), "send_redirects")) continue;
            String what = "clients and realservers are both behind " + link.name() + ", and send_redirects is on";
            found.add(Finding.of(
                    Hazard.SENDS_REDIRECTS,
                    Subject.device(link.name()),
                    what,
                    Sysctls.set("ipv4/conf/all/send_redirects", 0),
                    Sysctls.set("ipv4/conf/" + link.name() + "/send_redirects", 0)));
        }
        return found;
    }
}
