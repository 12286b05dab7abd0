package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Link;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.Attached;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import io.evenkeel.linux.BpfSource;
import io.evenkeel.linux.NamespaceThread;
import io.evenkeel.linux.PinDirectory;
import io.evenkeel.linux.TcAttachment;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.TcHook;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The build's own object on a veth pair.
 *
 * <pre>
 *   client 198.18.0.1 ──── 198.18.0.2 director   (programs at the director's end)
 * </pre>
 */
@Needs({
    Capability.ROOT,
    Capability.BPF,
    Capability.NETNS,
    Capability.CLANG,
    Capability.LIBBPF,
    Capability.ETHTOOL,
    Capability.BPFTOOL
})
class KernelObjectTest {
    private static final String DEVICE = "client";
    private static final String DIRECTOR = "198.18.0.2";
    private static final int DATAGRAMS = 1_000;
    private static final int PORT = 514;

    @TempDir
    Path directory;

    private Bpf bpf;
    private KernelObject object;
    private Lab lab;
    private Node client;
    private Node director;

    @BeforeEach
    void cable() {
        bpf = Bpf.load(Bpf.LIBRARY);
        object = KernelObject.load(
                bpf, KernelObject.bytes().orElseThrow(), new MapSizes(16, 64, 1_024, 64, 32), directory.resolve("log"));
        lab = Lab.open();
        client = lab.node("client");
        director = lab.node("director");
        for (Node node : List.of(client, director)) {
            node.sysctl("net.ipv6.conf.default.disable_ipv6", "1"); // no neighbour discovery among the counted
        }
        Link link = lab.link(client, director);
        link.withoutOffloads();
        client.address("director", "198.18.0.1/24");
        director.address(DEVICE, DIRECTOR + "/24");
        String mac =
                director.run("cat", "/sys/class/net/" + DEVICE + "/address").strip();
        client.ip("neigh", "replace", DIRECTOR, "lladdr", mac, "dev", "director", "nud", "permanent");
    }

    @AfterEach
    void removeAll() {
        lab.close();
        object.close();
    }

    @Test
    void nativeXdpCountsExactlyWhatWasSentAndDetachingLeavesNothing() throws Exception {
        int program = object.ingress().info().id();
        try (BpfLink link = attachXdp()) {
            sendDatagrams(DATAGRAMS);
            assertThat(seen()).isEqualTo(DATAGRAMS);
            assertThat(seenByTc()).isZero();
            assertThat(attached()).containsExactly(new Attached("native XDP", program, "ek_ingress"));
            assertThat(links(program)).hasSize(1);
            assertThat(link.info().programId()).isEqualTo(program);
            link.detach();
            assertThat(attached()).isEmpty();
            assertThat(link.info().interfaceIndex()).isZero();
        }
        assertThat(links(program)).isEmpty();
        sendDatagrams(10);
        assertThat(seen()).isEqualTo(DATAGRAMS);
        object.close();
        assertThat(Command.attempt(List.of("bpftool", "prog", "show", "id", Integer.toString(program)))
                        .exit())
                .as("the program is gone")
                .isNotZero();
    }

    @ParameterizedTest
    @EnumSource
    void tcCountsExactlyWhatWasSentAndDetachingLeavesNothing(TcHook hook) throws Exception {
        int program = object.egress().info().id();
        try (TcAttachment attachment = NamespaceThread.call(
                director, () -> bpf.attachTc(object.egress(), DEVICE, TcDirection.INGRESS, hook))) {
            sendDatagrams(DATAGRAMS);
            assertThat(seenByTc()).isEqualTo(DATAGRAMS);
            assertThat(NamespaceThread.call(director, () -> bpf.tc(DEVICE, TcDirection.INGRESS)))
                    .singleElement()
                    .satisfies(there -> assertThat(there.programName()).isEqualTo("ek_egress"))
                    .satisfies(there -> assertThat(there.programId()).isEqualTo(program));
            NamespaceThread.call(director, () -> {
                attachment.detach();
                return "";
            });
            assertThat(NamespaceThread.call(director, () -> bpf.tc(DEVICE, TcDirection.INGRESS)))
                    .isEmpty();
        }
        sendDatagrams(10);
        assertThat(seenByTc()).isEqualTo(DATAGRAMS);
        assertThat(links(program)).isEmpty();
    }

    @Test
    void aForeignXdpProgramIsRefusedByNameAndStays() throws Exception {
        try (BpfProgram foreign = foreign("foreign_pass");
                BpfLink _ = NamespaceThread.call(director, () -> bpf.attachXdp(foreign, DEVICE))) {
            assertThatThrownBy(this::attachXdp)
                    .isInstanceOf(BpfException.class)
                    .hasMessage(DEVICE + " is taken by foreign_pass (number "
                            + foreign.info().id() + ", native XDP): stop what put it there, or take it off (bpftool net"
                            + " show dev " + DEVICE + ")");
            assertThat(attached()).extracting(Attached::programName).containsExactly("foreign_pass");
        }
    }

    @Test
    void aForeignXdpProgramWithoutALinkIsRefusedByName() throws Exception {
        Path elf = directory.resolve("probe.o");
        Files.write(elf, BpfSource.compile("probe.bpf.c", directory));
        // The only program of this section that ip(8) takes is the first.
        director.ip("link", "set", "dev", DEVICE, "xdpgeneric", "obj", elf.toString(), "sec", "xdp");
        assertThatThrownBy(this::attachXdp)
                .isInstanceOf(BpfException.class)
                .hasMessageStartingWith(DEVICE + " is taken by swap_and_grow (number ")
                .hasMessageContaining(", generic XDP)");
    }

    @ParameterizedTest
    @EnumSource
    void aForeignTcProgramIsRefusedByName(TcHook hook) throws Exception {
        try (BpfProgram foreign = foreign("foreign_tc");
                TcAttachment _ = NamespaceThread.call(
                        director, () -> bpf.attachTc(foreign, DEVICE, TcDirection.INGRESS, hook))) {
            assertThatThrownBy(() -> NamespaceThread.call(
                            director, () -> bpf.attachTc(object.egress(), DEVICE, TcDirection.INGRESS, hook)))
                    .isInstanceOf(BpfException.class)
                    .hasMessageStartingWith(DEVICE + " is taken by foreign_tc (number ");
        }
    }

    @Test
    void anInterfaceWithoutNativeXdpIsRefusedWithTheWayOut() {
        assertThatThrownBy(() -> NamespaceThread.call(director, () -> bpf.attachXdp(object.ingress(), "lo")))
                .isInstanceOf(BpfException.class)
                .hasMessage("lo takes no native XDP program: its driver has no XDP; TC serves it");
    }

    @Test
    void anMtuThatIsTooLargeIsRefusedWithTheWayOut() {
        client.ip("link", "set", "director", "mtu", "9000");
        assertThatThrownBy(this::attachXdp)
                .isInstanceOf(BpfException.class)
                .hasMessageStartingWith(DEVICE + " takes no native XDP program: an MTU");
    }

    @Test
    void anInterfaceThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> NamespaceThread.call(director, () -> bpf.attachXdp(object.ingress(), "nosuch0")))
                .hasMessage("find interface nosuch0: no such device");
    }

    @Test
    void aPinnedLinkGoesOnWithoutUsAndIsFoundAgain() throws Exception {
        int program = object.ingress().info().id();
        try (PinDirectory pins = new PinDirectory()) {
            Path pin = Files.createDirectories(pins.path().resolve("one/links")).resolve(DEVICE);
            int id;
            try (BpfLink link = attachXdp()) {
                assertThat(link.pin(pin)).isZero();
                id = link.info().id();
            }
            assertThat(attached()).extracting(Attached::programId).containsExactly(program);
            sendDatagrams(DATAGRAMS);
            assertThat(seen()).isEqualTo(DATAGRAMS);
            try (BpfLink again = BpfLink.open(pin)) {
                assertThat(again.info().id()).isEqualTo(id);
                assertThat(again.info().programId()).isEqualTo(program);
                Files.delete(pin);
                assertThat(attached()).hasSize(1);
            }
            assertThat(attached()).isEmpty();
        }
    }

    private BpfLink attachXdp() throws Exception {
        return NamespaceThread.call(director, () -> bpf.attachXdp(object.ingress(), DEVICE));
    }

    private List<Attached> attached() throws Exception {
        return NamespaceThread.call(director, () -> bpf.xdp(DEVICE));
    }

    /** Without the interface's MAC address in its map, the program takes everything for a neighbour's. */
    private long seen() {
        return counters().passed(PassReason.ELSEWHERE);
    }

    private long seenByTc() {
        return counters().left();
    }

    private KernelCounters counters() {
        return new KernelCounters(object.maps(), object.sizes());
    }

    private BpfProgram foreign(String name) throws Exception {
        try (BpfObject other = bpf.open(BpfSource.compile("probe.bpf.c", directory), "probe")) {
            other.load(directory.resolve("foreign.log"));
            return other.program(name);
        }
    }

    /** The links that bpftool sees of a program. */
    private static List<String> links(int program) {
        return Command.run("bpftool", "link", "show")
                .lines()
                .filter(line -> line.endsWith(" prog " + program) || line.contains(" prog " + program + " "))
                .toList();
    }

    /** Sends and waits until the stack behind the programs has received every one. */
    private void sendDatagrams(int count) throws Exception {
        DatagramSocket receiver =
                NamespaceThread.call(director, () -> new DatagramSocket(PORT, InetAddress.getByName(DIRECTOR)));
        try (receiver) {
            receiver.setReceiveBufferSize(4 << 20);
            receiver.setSoTimeout(5_000);
            try (DatagramSocket sender = NamespaceThread.call(client, () -> new DatagramSocket())) {
                byte[] payload = new byte[64];
                DatagramPacket packet =
                        new DatagramPacket(payload, payload.length, InetAddress.getByName(DIRECTOR), PORT);
                DatagramPacket received = new DatagramPacket(new byte[100], 100);
                for (int i = 0; i < count; i++) {
                    sender.send(packet);
                    receiver.receive(received);
                }
            }
        }
    }
}
