package io.evenkeel.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SameProgram;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.TrafficProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The lab itself: {@code client --- sw --- server}, one bridge between two nodes. */
@Needs({Capability.ROOT, Capability.NETNS})
class LabTest {

    @Test
    void nodesOnABridgeReachEachOtherOverBothFamilies() throws IOException {
        try (Lab lab = Lab.open()) {
            Node client = lab.node("client");
            Node sw = lab.node("sw");
            Node server = lab.node("server");
            lab.bridge(sw, List.of(lab.link(client, sw), lab.link(sw, server)));
            client.address("sw", "198.18.0.1/24").address("sw", "2001:db8::1/64");
            server.address("sw", "198.18.0.2/24").address("sw", "2001:db8::2/64");
            assertThat(answered(client, server, "198.18.0.2")).isEqualTo(100);
            assertThat(answered(client, server, "2001:db8::2")).isEqualTo(100);
        }
    }

    @Test
    @Needs(Capability.NFT)
    void aFirewallRuleLosesExactlyWhatTheAuditMisses() throws IOException {
        try (Lab lab = Lab.open()) {
            Node client = lab.node("client");
            Node server = lab.node("server");
            lab.link(client, server);
            client.address("server", "198.18.0.1/24");
            server.address("client", "198.18.0.2/24");
            server.nft("""
                    table inet t {
                      chain input {
                        type filter hook input priority 0;
                        udp dport 7 numgen inc mod 10 == 0 counter drop
                      }
                    }
                    """);
            try (TrafficProcess sink = server.traffic(SameProgram.current());
                    TrafficProcess source = client.traffic(SameProgram.current())) {
                sink.serve(EchoServer.Settings.sink(Addresses.at("198.18.0.2", 7)));
                source.send(SendPlan.oneWay(Addresses.at("198.18.0.2", 7), 1_000, 5_000));
                SendRecord sent = source.awaitEnd();
                assertThat(new Audit(sent, Map.of("server", sink.report())).lost())
                        .isEqualTo(100);
            }
            assertThat(server.run("nft", "list", "ruleset")).contains("packets 100 ");
        }
    }

    @Test
    void aCutLinkLosesEverythingUntilItIsMended() throws IOException, InterruptedException {
        try (Lab lab = Lab.open()) {
            Node client = lab.node("client");
            Node server = lab.node("server");
            Link link = lab.link(server, client);
            client.address("server", "198.18.0.1/24");
            server.address("client", "198.18.0.2/24");
            Capability.require(Capability.ETHTOOL);
            link.withoutOffloads();
            assertThat(answered(client, server, "198.18.0.2")).isEqualTo(100);
            link.cut();
            assertThat(answered(client, server, "198.18.0.2", Duration.ofMillis(50)))
                    .isZero();
            link.mend();
            assertThat(answered(client, server, "198.18.0.2")).isEqualTo(100);
        }
    }

    @Test
    void aClosedLabLeavesNothingBehind() throws IOException {
        String mine = "ek-" + ProcessHandle.current().pid() + "-";
        Lab lab = Lab.open();
        Node node = lab.node("n");
        Process sleeper = node.start(new ProcessBuilder("sleep", "100"));
        assertThat(Lab.namespaces()).contains(node.namespace());
        lab.close();
        assertThat(sleeper.onExit()).succeedsWithin(Duration.ofSeconds(5));
        assertThat(Lab.namespaces()).noneMatch(name -> name.startsWith(mine));
    }

    @Test
    void leftoversOfAKilledLabAreRemovedByTheNext() throws IOException, InterruptedException {
        Process owner = new ProcessBuilder("true").start();
        owner.waitFor();
        String leftover = "ek-" + owner.pid() + "-0";
        Command.run("ip", "netns", "add", leftover);
        Process inside = new ProcessBuilder("ip", "netns", "exec", leftover, "sleep", "100").start();
        while (Command.run("ip", "netns", "pids", leftover).isBlank()) Thread.sleep(10);
        try (Lab _ = Lab.open()) {
            assertThat(Lab.namespaces()).doesNotContain(leftover);
            assertThat(inside.onExit()).succeedsWithin(Duration.ofSeconds(5));
        } finally {
            inside.destroyForcibly();
        }
    }

    private static long answered(Node client, Node server, String address) throws IOException {
        return answered(client, server, address, Duration.ofSeconds(3)); // an ARP request is repeated after a second
    }

    private static long answered(Node client, Node server, String address, Duration patience) throws IOException {
        try (TrafficProcess sink = server.traffic(SameProgram.current());
                TrafficProcess source = client.traffic(SameProgram.current())) {
            sink.serve(EchoServer.Settings.echo(Addresses.at(address, 7)));
            source.send(SendPlan.withReplies(Addresses.at(address, 7), 100).paced(new Pacing.ClosedLoop(50, patience)));
            return source.awaitEnd().answered();
        }
    }
}
