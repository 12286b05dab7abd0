package io.evenkeel.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.cli.Evenkeel;
import io.evenkeel.cli.Ran;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import io.evenkeel.linux.BpfSource;
import io.evenkeel.linux.NamespaceThread;
import io.evenkeel.linux.TcAttachment;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.TcHook;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SameProgram;
import io.evenkeel.traffic.TrafficProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the doctor says of real namespaces, beyond the table of {@link DoctorMendsLabTest}. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.ETHTOOL})
class DoctorLabTest extends DoctorLab {
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

    @Test
    @Needs({Capability.CLANG, Capability.LIBBPF, Capability.BPF, Capability.BPFTOOL})
    void aProgramThatALinkHoldsIsTakenOffByDetachingTheLink() throws Exception {
        Bpf bpf = Bpf.load(Bpf.LIBRARY);
        try (BpfObject other = bpf.open(BpfSource.compile("probe.bpf.c", directory), "probe")) {
            other.load(directory.resolve("foreign.log"));
            try (BpfProgram pass = other.program("foreign_pass");
                    BpfProgram shape = other.program("foreign_tc");
                    BpfLink _ = NamespaceThread.call(director, () -> bpf.attachXdp(pass, "cl"));
                    TcAttachment _ = NamespaceThread.call(
                            director, () -> bpf.attachTc(shape, "b1", TcDirection.EGRESS, TcHook.TCX))) {
                for (Hazard hazard : List.of(Hazard.FOREIGN_XDP, Hazard.FOREIGN_TC)) {
                    JsonNode found = found(hazard).getFirst();
                    assertThat(found.path("what").asString()).contains("foreign_");
                    assertThat(found.at("/remedies/0/command").asString()).startsWith("bpftool link detach id ");
                    mend(found);
                    assertThat(found(hazard)).isEmpty();
                }
            }
        }
    }

    @Test
    void aRealserverThatDoesNotAnswerIsFoundUntilItIsBackAndAskedAgain() throws Exception {
        service("NAT", "198.18.1.99");
        director.run("bash", "-c", "echo x > /dev/udp/198.18.1.99/514");
        for (int i = 0; found(Hazard.SERVER_SILENT).isEmpty(); i++) {
            if (i == 100) throw new AssertionError("the kernel did not give up on the neighbour");
            Thread.sleep(100);
        }
        JsonNode found = found(Hazard.SERVER_SILENT).getFirst();
        server.address("d1", "198.18.1.99/24");
        mend(found);
        director.run("bash", "-c", "echo x > /dev/udp/198.18.1.99/514");
        Thread.sleep(100);
        assertThat(found(Hazard.SERVER_SILENT)).isEmpty();
    }

    @Test
    void aVipThatAnotherMachineHasIsFoundUntilTheOtherLetsGo() throws Exception {
        v6();
        client.address("d1", "2001:db8::201/64");
        Files.writeString(file, MadeUp.service("2001:db8::201 514", "NAT", "2001:db8:0:1::11 514", ""));
        director.sysctl("net.ipv6.conf.cl.accept_dad", "1");
        director.ip("addr", "add", "2001:db8::201/64", "dev", "cl");
        for (int i = 0; found(Hazard.VIP_DUPLICATE).isEmpty(); i++) {
            if (i == 100) throw new AssertionError("the duplicate was not detected");
            Thread.sleep(100);
        }
        JsonNode found = found(Hazard.VIP_DUPLICATE).getFirst();
        client.ip("addr", "del", "2001:db8::201/64", "dev", "d1");
        mend(found);
        Thread.sleep(2_000);
        assertThat(found(Hazard.VIP_DUPLICATE)).isEmpty();
    }

    /** What it advises makes the realserver send its answers through the director. */
    @Test
    void aRealserverBesideTheClientsIsToldTheWayBack() throws Exception {
        service("NAT", "198.18.0.1");
        JsonNode found = found(Hazard.SERVER_BYPASSES).getFirst();
        assertThat(client.run("ip", "route", "get", "198.18.0.77")).doesNotContain("via");
        for (JsonNode remedy : found.path("remedies")) {
            assertThat(remedy.path("when").asString()).isEqualTo("on 198.18.0.1");
            client.run("sh", "-c", remedy.path("command").asString());
        }
        assertThat(client.run("ip", "route", "get", "198.18.0.77")).contains("via 198.18.0.254");
        assertThat(client.run("ip", "route", "get", "198.18.0.177")).contains("via 198.18.0.254");
    }

    @Test
    void aRealserverThatIsAServiceOrTheDirectorIsFound() throws Exception {
        service("NAT", "198.18.0.200");
        assertThat(found(Hazard.SERVER_IS_SERVICE)).hasSize(1);
        service("NAT", "198.18.1.254");
        assertThat(found(Hazard.SERVER_IS_DIRECTOR)).hasSize(1);
    }

    @Test
    void aBridgeHasNoNativeXdp() throws Exception {
        director.ip("link", "add", "name", "br0", "type", "bridge");
        director.ip("link", "set", "b1", "master", "br0");
        director.ip("addr", "del", "198.18.1.254/24", "dev", "b1");
        director.ip("link", "set", "br0", "up");
        director.address("br0", "198.18.1.254/24");
        assertThat(found(Hazard.NO_NATIVE_XDP))
                .singleElement()
                .satisfies(f -> assertThat(f.path("name").asString()).isEqualTo("br0"));
    }

    @Test
    void aProgramThatHasThePortIsNamedAndEnded() throws Exception {
        Path program = Path.of(System.getProperty("java.home"), "bin", "jwebserver");
        Process other = director.start(new ProcessBuilder(program.toString(), "-b", "198.18.0.200", "-p", "514"));
        Files.writeString(
                file,
                MadeUp.service("NAT", "198.18.1.11 514").replace("UDP", "TCP").replace("ops", ""));
        for (int i = 0; found("socket", Hazard.PORT_TAKEN).isEmpty(); i++) {
            if (i == 200) throw new AssertionError("the port is not seen to be taken");
            Thread.sleep(50);
        }
        JsonNode found = found("socket", Hazard.PORT_TAKEN).getFirst();
        assertThat(found.path("what").asString())
                .isEqualTo("jwebserver (pid " + other.pid() + ") is bound to 198.18.0.200:514/tcp");
        mend(found);
        assertThat(other.onExit()).succeedsWithin(Duration.ofSeconds(10));
        assertThat(found("socket", Hazard.PORT_TAKEN)).isEmpty();
    }

    @Test
    void aPortThatEvenkeelItselfHasIsNotTaken() throws Exception {
        try (TrafficProcess own = director.traffic(SameProgram.current())) {
            own.serve(EchoServer.Settings.sink(Addresses.at("198.18.0.200", 514)));
            assertThat(director.run("cat", "/proc/net/udp")).contains("C80012C6:0202");
            assertThat(found("socket", Hazard.PORT_TAKEN)).isEmpty();
        }
    }

    @Test
    @Needs(Capability.NFT)
    void connectionTrackingIsNotedWithRulesThatTheFirewallTakes() throws Exception {
        director.nft("""
                table inet t {
                  chain in {
                    type filter hook input priority 0;
                    ct state new counter
                  }
                }
                """);
        client.run("bash", "-c", "echo x > /dev/udp/198.18.0.200/514");
        JsonNode found = found(Hazard.CONNTRACK).getFirst();
        assertThat(found.path("severity").asString()).isEqualTo("note");
        mend(found);
        long before = tracked();
        client.run("bash", "-c", "for i in 1 2 3 4 5; do echo x > /dev/udp/198.18.0.200/514; done");
        assertThat(tracked()).isLessThanOrEqualTo(before);
    }

    private long tracked() {
        String count = director.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count");
        return Long.parseLong(count.strip());
    }

    /** A process of its own, as people start it: what it prints, and how it ends. */
    @Test
    @Needs(Capability.BPF)
    void theCommandPrintsGroupsAndEndsByTheWorst() throws Exception {
        Ran well = run("doctor", "--plane", "kernel", file.toString());
        assertThat(well.out()).isEqualTo("""
                this machine
                  ok

                interface cl
                  ok

                interface b1
                  ok

                service 198.18.0.200:514/udp
                  ok

                not looked at
                  net/core/bpf_jit_enable: not shown in this network namespace

                nothing found
                """);
        assertThat(well.exit()).isZero();
        server.run("ethtool", "-K", "d1", "gro", "off");
        Ran bad = run("doctor", "--plane", "kernel", file.toString());
        assertThat(bad.out()).contains("""
                interface b1
                  hazard  the other end of the veth b1 (d1 in another namespace) has GRO off and no XDP program
                          [kernel plane]
                          What XDP sends into a veth is lost without a trace unless the other end has GRO on or a
                          program of its own.
                          $ ip netns exec %s ethtool -K d1 gro on
                """.formatted(server.namespace())).endsWith("\n1 hazard\n");
        assertThat(bad.exit()).isOne();
        assertThat(bad.err()).isEmpty();
    }

    @Test
    @Needs(Capability.SETPRIV)
    void withoutPrivilegeItSaysWhatItCouldNotRead() throws Exception {
        List<String> command = new ArrayList<>(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
        command.addAll(Evenkeel.command("doctor", file.toString()));
        Ran ran = inside(command);
        assertThat(ran.out())
                .contains("the kernel plane needs CAP_BPF and CAP_NET_ADMIN")
                .contains("TC ingress programs of cl: query TC of cl: operation not permitted")
                .contains("the other end of the veth cl: it is in a network namespace out of reach");
        assertThat(ran.exit()).isZero();
    }

    private Ran run(String... arguments) {
        return inside(Evenkeel.command(arguments));
    }

    /** As {@code ip netns exec} does, but for /sys, where the bpf filesystem is. */
    private Ran inside(List<String> command) {
        List<String> words = new ArrayList<>(List.of(
                "nsenter",
                "--net=/run/netns/" + director.namespace(),
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf; exec \"$@\"",
                "sh"));
        words.addAll(command);
        return Ran.run(words, System.getenv(), Path.of("."));
    }
}
