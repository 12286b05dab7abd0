package io.evenkeel.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Faults of the way to a realserver, in a network namespace of its own: loopback, and one end of a cable on which nobody
 * answers.
 *
 * <pre>
 *   [prober]--ek0 198.18.0.1/24, 2001:db8::1/64--(nobody)
 * </pre>
 */
class HostGoneTest {

    private static final String NETWORK = String.join(
            " && ",
            "ip link set lo up",
            "ip link add ek0 type veth peer name ek1",
            "ip address add 198.18.0.1/24 dev ek0",
            "ip address add 2001:db8::1/64 dev ek0 nodad",
            "ip link set ek1 up",
            "ip link set ek0 up");

    @BeforeAll
    static void needsANamespace() throws IOException {
        assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "needs root for a namespace");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "needs unshare");
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/ip")), "needs ip");
    }

    /** The prefix that runs a prober in a new namespace prepared by {@code more}. */
    private static List<String> inNamespace(String... more) {
        List<String> steps = new ArrayList<>(List.of(NETWORK));
        steps.addAll(List.of(more));
        steps.add("exec \"$@\"");
        return List.of("unshare", "--net", "sh", "-c", String.join(" && ", steps), "sh");
    }

    /** Address resolution gives up after 3 s, so all of these run at once. */
    @Test
    void aHostThatDoesNotAnswerForItsAddressFails() throws Exception {
        List<String[]> rows = new ArrayList<>();
        for (String host : List.of("198.18.0.99:9", "[2001:db8::99]:9")) {
            for (String kind : List.of("tcp", "udp", "ping")) {
                rows.add(new String[] {kind, host, "Failed no route to host"});
            }
        }
        assertSay(inNamespace(), rows);
    }

    @Test
    void anAddressWithoutARouteFails() throws Exception {
        List<String[]> rows = new ArrayList<>();
        for (String kind : List.of("tcp", "udp", "ping")) {
            rows.add(new String[] {kind, "203.0.113.1:9", "Failed network unreachable"});
        }
        assertSay(inNamespace(), rows);
    }

    @Test
    void aFirewallOnTheWayFailsAndOneOfOursIsWorthless() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "needs nft");
        List<String> firewall = inNamespace(
                "nft add table inet t",
                "nft 'add chain inet t in { type filter hook input priority 0; }'",
                "nft 'add chain inet t out { type filter hook output priority 0; }'",
                "nft add rule inet t in udp dport 9 reject with icmpx type admin-prohibited",
                "nft add rule inet t out udp dport 10 drop");
        assertSay(
                firewall,
                List.of(
                        new String[] {"udp", "[::1]:9", "Failed administratively prohibited"},
                        new String[] {"udp", "127.0.0.1:9", "Failed no route to host"},
                        new String[] {"udp", "127.0.0.1:10", "Worthless send: operation not permitted"}));
    }

    /** Each row: kind, endpoint, what the probe must say. */
    private static void assertSay(List<String> prefix, List<String[]> rows) throws IOException {
        List<OtherProcess> probers = new ArrayList<>();
        try {
            for (String[] row : rows) probers.add(OtherProcess.probing(prefix, row[0], row[1], "6000", "0", "plain"));
            for (int i = 0; i < rows.size(); i++) {
                String[] row = rows.get(i);
                assertThat(probers.get(i).line()).isEqualTo("started");
                assertThat(probers.get(i).line()).as(row[0] + " " + row[1]).isEqualTo(row[2]);
            }
        } finally {
            probers.forEach(OtherProcess::close);
        }
    }

    @Test
    void pingNeedsNoPrivilegeWhereTheGroupRangeAllowsIt() throws Exception {
        List<String> prefix = new ArrayList<>(inNamespace("echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range"));
        prefix.addAll(OtherProcess.unprivileged());
        for (String host : List.of("127.0.0.1:0", "[::1]:0")) {
            try (OtherProcess prober = OtherProcess.probing(prefix, "ping", host, "1000", "0", "plain")) {
                assertThat(prober.line()).isEqualTo("started");
                assertThat(prober.line())
                        .matches("Unproven host answered ping in [0-9.]+ m?s; that says nothing about the service");
            }
        }
    }
}
