package io.evenkeel.doctor;

import io.evenkeel.linux.Link;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Refused;
import io.evenkeel.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What is wrong with the machine as a whole. Pure; any thread. */
final class MachineChecks {
    private MachineChecks() {}

    /** What the socket plane asks for: see DatagramSockets. */
    private static final long FRONT_BUFFER = 16L << 20;

    // docs/descriptors.md
    private static final int FEWEST_SPARE = 40;
    private static final int MOST_SPARE = 1_024;
    private static final int SPARE_PART = 4;
    private static final int PER_WORKER = 3;
    private static final int PER_UDP_SERVICE = 2;
    private static final int PER_TCP_SERVICE = 1;
    private static final int SENDERS_PER_WORKER = 512;
    private static final int PER_CONNECTION = 6;
    private static final int USUAL_CONNECTIONS = 1_024;

    /** Percent of the table from which on it is about to be full. */
    private static final int NEARLY_FULL = 80;

    static List<Finding> kernelPlane(List<Refused> missing) {
        List<Finding> found = new ArrayList<>();
        for (Refused each : missing) {
            String what = "the kernel plane " + each.what();
            Remedy[] remedies = each.remedy().isEmpty() ? new Remedy[0] : new Remedy[] {remedy(each.remedy())};
            found.add(Finding.of(Hazard.KERNEL_PLANE, Subject.MACHINE, what, remedies));
        }
        return found;
    }

    /** Some of the plane's remedies are commands, some are words. */
    private static Remedy remedy(String text) {
        return text.startsWith("mount ") ? Remedy.here(text) : Remedy.words(text);
    }

    static List<Finding> jit(Situation now) {
        if (!now.facts().sysctls().is("core/bpf_jit_enable", 0)) return List.of();
        return List.of(Finding.of(
                Hazard.JIT_OFF,
                Subject.MACHINE,
                "net.core.bpf_jit_enable is 0",
                Sysctls.set("core/bpf_jit_enable", 1)));
    }

    static List<Finding> forwarding(Situation now) {
        Sysctls sysctls = now.facts().sysctls();
        if (!wants(now, false)) return List.of();
        if (sysctls.is("ipv4/ip_forward", 0)) {
            return List.of(Finding.of(
                    Hazard.NO_FORWARDING,
                    Subject.MACHINE,
                    "net.ipv4.ip_forward is 0",
                    Sysctls.set("ipv4/ip_forward", 1)));
        }
        List<Finding> found = new ArrayList<>();
        for (Link link : now.links()) {
            String key = "ipv4/conf/" + link.name() + "/forwarding";
            if (!sysctls.is(key, 0)) continue;
            String what = "forwarding of IPv4 is off at " + link.name();
            found.add(Finding.of(Hazard.NO_FORWARDING, Subject.device(link.name()), what, Sysctls.set(key, 1)));
        }
        return found;
    }

    /** Switching it on makes the kernel ignore router advertisements unless told otherwise, so that is told first. */
    static List<Finding> forwardingV6(Situation now) {
        Sysctls sysctls = now.facts().sysctls();
        if (now.services().isEmpty() || !wants(now, true)) return List.of();
        if (!sysctls.is("ipv6/conf/all/forwarding", 0)) return List.of();
        List<Remedy> remedies = new ArrayList<>();
        for (Link link : now.links()) {
            String key = "ipv6/conf/" + link.name() + "/accept_ra";
            if (sysctls.is(key, 1)) remedies.add(Sysctls.set(key, 2));
        }
        remedies.add(Sysctls.set("ipv6/conf/all/forwarding", 1));
        return List.of(new Finding(
                Hazard.NO_FORWARDING_V6,
                Hazard.NO_FORWARDING_V6.severity(),
                Subject.MACHINE,
                "net.ipv6.conf.all.forwarding is 0",
                remedies));
    }

    /** Some realserver is of that family; without a file, IPv4 is taken for granted. */
    private static boolean wants(Situation now, boolean v6) {
        if (now.services().isEmpty()) return !v6;
        for (VirtualService service : now.services()) {
            for (RealServer server : service.realServers()) {
                if (server.endpoint().address().v6() == v6) return true;
            }
        }
        return false;
    }

    static List<Finding> conntrack(Situation now) {
        OptionalLong count = now.facts().sysctls().number("netfilter/nf_conntrack_count");
        OptionalLong most = now.facts().sysctls().number("netfilter/nf_conntrack_max");
        if (count.isEmpty() || most.isEmpty() || count.getAsLong() == 0) return List.of();
        boolean full = count.getAsLong() * 100 >= most.getAsLong() * NEARLY_FULL;
        String what = "connection tracking holds " + count.getAsLong() + " of " + most.getAsLong() + " entries";
        List<Remedy> remedies = new ArrayList<>();
        if (full) remedies.add(Sysctls.set("netfilter/nf_conntrack_max", most.getAsLong() * 4));
        remedies.addAll(untracked(now.services()));
        Hazard hazard = full ? Hazard.CONNTRACK_FULL : Hazard.CONNTRACK;
        return List.of(new Finding(hazard, hazard.severity(), Subject.MACHINE, what, remedies));
    }

    private static List<Remedy> untracked(List<VirtualService> services) {
        List<Remedy> remedies = new ArrayList<>();
        if (services.isEmpty()) return remedies;
        String table = "nft add table inet evenkeel_untracked";
        String chain = "nft 'add chain inet evenkeel_untracked in { type filter hook prerouting priority raw; }'";
        remedies.add(Remedy.here(table));
        remedies.add(Remedy.here(chain));
        for (VirtualService service : services) {
            IpAddress vip = service.key().vip().address();
            String match = (vip.isAny() ? "" : (vip.v6() ? "ip6" : "ip") + " daddr " + vip + " ")
                    + service.key().protocol().lower() + " dport "
                    + service.key().vip().port();
            remedies.add(Remedy.here("nft add rule inet evenkeel_untracked in " + match + " notrack"));
        }
        return remedies;
    }

    static List<Finding> descriptors(Situation now) {
        if (now.services().isEmpty()) return List.of();
        long workers = now.facts().cpus();
        long fixed = workers * PER_WORKER;
        boolean replies = false;
        boolean streams = false;
        boolean transparent = false;
        for (VirtualService service : now.services()) {
            boolean udp = service.key().protocol() == Protocol.UDP;
            fixed += workers * (udp ? PER_UDP_SERVICE : PER_TCP_SERVICE);
            streams |= !udp;
            replies |= udp && !service.responses().equals(OptionalInt.of(0));
            transparent |= service.transparent();
        }
        long wanted = fixed
                + (replies ? now.replyPorts() : 0)
                + (streams ? USUAL_CONNECTIONS * PER_CONNECTION : 0)
                + (transparent ? workers * SENDERS_PER_WORKER : 0);
        // Enough leaves a quarter of itself to the rest of the process.
        long enough = wanted + Math.clamp((wanted - 1) / (SPARE_PART - 1), FEWEST_SPARE, MOST_SPARE);
        int limit = now.facts().openFiles();
        if (limit >= enough) return List.of();
        boolean none = limit < fixed + FEWEST_SPARE;
        String what = "this process may open " + limit + " files; "
                + (none ? "nothing works with less than " + (fixed + FEWEST_SPARE) + ", and " : "")
                + "the file asks for " + enough;
        return List.of(few(none ? Hazard.NO_DESCRIPTORS : Hazard.FEW_DESCRIPTORS, what, enough));
    }

    private static Finding few(Hazard hazard, String what, long enough) {
        return Finding.of(hazard, Subject.MACHINE, what, Remedy.here("ulimit -n " + enough));
    }

    static List<Finding> buffers(Situation now) {
        List<Finding> found = new ArrayList<>();
        if (now.facts().networkAdmin()) return found;
        for (String key : List.of("core/rmem_max", "core/wmem_max")) {
            OptionalLong bytes = now.facts().sysctls().number(key);
            if (bytes.isEmpty() || bytes.getAsLong() >= FRONT_BUFFER) continue;
            String what = "net." + key.replace('/', '.') + " is " + bytes.getAsLong() + " bytes";
            found.add(Finding.of(Hazard.SMALL_BUFFERS, Subject.MACHINE, what, Sysctls.set(key, FRONT_BUFFER)));
        }
        return found;
    }
}
