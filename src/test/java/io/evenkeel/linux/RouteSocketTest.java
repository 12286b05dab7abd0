package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetlinkReply.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against the kernel: {@code d1 --- b1}, 198.18.0.1 and .2, 2001:db8::1 and ::2. */
@Needs({Capability.ROOT, Capability.NETNS})
class RouteSocketTest {
    private static final NumericAddress PEER = v4(0xc6120002);

    private Lab lab;
    private Node director;
    private Node server;
    private RouteSocket socket;

    @BeforeEach
    void open() {
        lab = Lab.open();
        director = lab.node("d1").sysctl("net.ipv6.conf.default.accept_dad", "0");
        server = lab.node("b1").sysctl("net.ipv6.conf.default.accept_dad", "0");
        lab.link(director, server);
        director.address("b1", "198.18.0.1/24").address("b1", "2001:db8::1/64");
        server.address("d1", "198.18.0.2/24").address("d1", "2001:db8::2/64");
        socket = NetworkNamespace.call(namespace(director), RouteSocket::new);
    }

    @AfterEach
    void close() {
        if (socket != null) socket.close();
        if (lab != null) lab.close();
    }

    @Test
    void interfacesAreRead() throws Exception {
        Link link = link("b1");
        String mac = director.run("cat", "/sys/class/net/b1/address").strip();
        assertThat(link.mac()).isEqualTo(Long.parseLong(mac.replace(":", ""), 16));
        assertThat(link.kind()).isEqualTo("veth");
        assertThat(link.lowerElsewhere()).isTrue();
        assertThat(link.peer())
                .isEqualTo(Integer.parseInt(
                        server.run("cat", "/sys/class/net/d1/ifindex").strip()));
        assertThat(link.mtu()).isEqualTo(1500);
        assertThat(link.ethernet() && link.up() && link.carrier()).isTrue();
        assertThat(link.xdp()).isEqualTo(XdpMode.NONE);
        assertThat(link("lo").ethernet()).isFalse();
        server.ip("link", "set", "d1", "down");
        assertThat(link("b1").up()).isTrue();
        assertThat(link("b1").carrier()).isFalse();
    }

    @Test
    void addressesComeLiveAndGo() {
        Address vip =
                new Address(link("b1").index(), v4(0xc6120064), 32, Address.SCOPE_LINK, Address.NO_PREFIX_ROUTE, 5, 60);
        assertThat(socket.put(vip)).isEmpty();
        Address read = address(vip.address());
        assertThat(read.scope()).isEqualTo(Address.SCOPE_LINK);
        assertThat(read.flags() & Address.NO_PREFIX_ROUTE).isNotZero();
        assertThat(read.preferredSeconds()).isBetween(1, 5);
        assertThat(read.validSeconds()).isBetween(50, 60);

        Address longer = new Address(vip.index(), vip.address(), 32, vip.scope(), vip.flags(), 500, 600);
        assertThat(socket.put(longer)).isEmpty();
        assertThat(address(vip.address()).validSeconds()).isBetween(590, 600);

        NumericAddress v6 = new NumericAddress(true, 0x20010db800000000L, 0x64);
        Address six = new Address(vip.index(), v6, 128, 0, Address.NODAD, Address.FOREVER, Address.FOREVER);
        assertThat(socket.put(six)).isEmpty();
        assertThat(address(v6).flags() & Address.TENTATIVE).isZero();
        assertThat(socket.delete(six)).isEmpty();

        assertThat(socket.delete(vip)).isEmpty();
        assertThat(socket.addresses().require("addresses"))
                .noneMatch(a -> a.address().equals(vip.address()) || a.address().equals(v6));
        assertThat(socket.delete(vip))
                .hasValueSatisfying(e -> assertThat(e.errno()).isEqualTo(Errno.EADDRNOTAVAIL));
    }

    @Test
    void aRefusalCarriesTheKernelsWords() {
        Address wrong = new Address(link("b1").index(), v4(0xc6120065), 33, 0, 0, -1, -1);
        assertThat(socket.put(wrong)).hasValueSatisfying(error -> {
            assertThat(error.errno()).isEqualTo(Errno.EINVAL);
            assertThat(error.explanation()).containsIgnoringCase("prefix");
        });
    }

    @Test
    void aNeighbourIsResolvedOnRequest() throws InterruptedException {
        int index = link("b1").index();
        director.ip("neigh", "flush", "dev", "b1");
        assertThat(socket.neighbour(index, PEER)).isInstanceOf(Refusal.class);
        assertThat(socket.resolve(index, PEER)).isEmpty();
        Neighbour resolved = awaitUsable(index, PEER);
        assertThat(socket.neighbours().require("neighbours"))
                .anyMatch(n -> n.address().equals(PEER) && n.mac() == resolved.mac());
        String mac = server.run("cat", "/sys/class/net/d1/address").strip();
        assertThat(resolved.mac()).isEqualTo(Long.parseLong(mac.replace(":", ""), 16));

        NumericAddress six = new NumericAddress(true, 0x20010db800000000L, 2);
        assertThat(socket.resolve(index, six)).isEmpty();
        assertThat(awaitUsable(index, six).mac()).isEqualTo(resolved.mac());
        assertThat(socket.resolve(9_999, PEER))
                .hasValueSatisfying(e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }

    @Test
    void routesAreLookedUp() {
        int index = link("b1").index();
        director.ip("route", "add", "198.19.0.0/24", "via", "198.18.0.2", "mtu", "1400");
        director.ip("route", "add", "198.19.1.0/24", "nexthop", "via", "198.18.0.2", "nexthop", "via", "198.18.0.3");
        director.ip("route", "add", "198.19.2.0/24", "via", "inet6", "2001:db8::2", "dev", "b1");
        director.ip("route", "add", "blackhole", "198.19.3.0/24");
        director.ip("-6", "route", "add", "2001:db8:1::/64", "via", "2001:db8::2");

        Route onLink = route(PEER);
        assertThat(onLink.paths()).containsExactly(new Route.Path(index, null, 1, false));
        assertThat(onLink.preferredSource()).isEqualTo(v4(0xc6120001));
        Route behind = route(v4(0xc6130001));
        assertThat(behind.paths()).containsExactly(new Route.Path(index, PEER, 1, false));
        assertThat(behind.mtu()).isEqualTo(1400);
        assertThat(route(v4(0xc6120001)).kind()).isEqualTo(Route.Kind.LOCAL);
        assertThat(route(v4(0xc6130101)).paths()).hasSize(1);
        assertThat(socket.matchingRoute(v4(0xc6130101)).require("multipath").paths())
                .extracting(Route.Path::gateway)
                .containsExactly(PEER, v4(0xc6120003));
        NumericAddress six = new NumericAddress(true, 0x20010db800000000L, 2);
        assertThat(route(v4(0xc6130201)).paths()).containsExactly(new Route.Path(index, six, 1, false));
        assertThat(route(new NumericAddress(true, 0x20010db800010000L, 7)).paths())
                .containsExactly(new Route.Path(index, six, 1, false));
        assertThat(refusal(v4(0xc6130301))).isEqualTo(Errno.EINVAL);
        assertThat(refusal(v4(0xcb007101))).isEqualTo(Errno.ENETUNREACH);
        assertThat(refusal(new NumericAddress(true, 0x20010db8ffff0000L, 7))).isEqualTo(Errno.ENETUNREACH);
    }

    @Test
    void aTableLargerThanABlockIsReadWhole() {
        director.run(
                "sh",
                "-c",
                "for i in $(seq 1 150); do echo link add ekd$i type veth peer name eke$i; done | ip -batch -");
        List<Link> links = socket.links().require("links");
        assertThat(links).hasSizeGreaterThanOrEqualTo(152);
        assertThat(links.stream().map(Link::index)).doesNotHaveDuplicates();
        assertThat(links).anyMatch(l -> l.name().equals("ekd150"));
    }

    @Test
    void whatHappensIsTold() {
        NetworkEvents events = NetworkNamespace.call(namespace(director), () -> new NetworkEvents(1 << 20));
        try (events) {
            director.ip("link", "set", "b1", "mtu", "1400");
            director.ip("addr", "add", "198.18.0.77/32", "dev", "b1");
            director.ip("route", "add", "198.19.9.0/24", "via", "198.18.0.2");
            List<NetworkChange> told = new ArrayList<>();
            assertThat(events.drain(told::add)).isFalse();
            assertThat(told)
                    .anyMatch(c -> c instanceof NetworkChange.LinkSet(Link l) && l.mtu() == 1400)
                    .anyMatch(c -> c instanceof NetworkChange.AddressSet(Address a)
                            && a.address().equals(v4(0xc612004d)))
                    .contains(new NetworkChange.RoutesChanged())
                    .noneMatch(c -> c instanceof NetworkChange.Unreadable);
        }
    }

    @Test
    void missedEventsAreSaid() {
        NetworkEvents events = NetworkNamespace.call(namespace(director), () -> new NetworkEvents(4_096));
        try (events) {
            director.run(
                    "sh",
                    "-c",
                    "for i in $(seq 1 100); do echo link add ekd$i type veth peer name eke$i; done | ip -batch -");
            assertThat(events.drain(_ -> {})).isTrue();
            assertThat(events.drain(_ -> {})).isFalse();
        }
    }

    @Test
    void aThreadThatEnteredANamespaceLeavesNoOtherThere() throws Exception {
        Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
        long there = NetworkNamespace.call(namespace(director), () -> {
            try (RouteSocket inside = new RouteSocket()) {
                return inside.links().require("links").stream()
                        .filter(l -> l.name().equals("b1"))
                        .count();
            }
        });
        assertThat(there).isOne();
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/ns/net"))).isEqualTo(ours);
        assertThatThrownBy(() -> NetworkNamespace.call(Path.of("/run/netns/ek-none"), () -> 1))
                .isInstanceOf(SyscallException.class)
                .hasMessageContaining("open /run/netns/ek-none: no such file");
    }

    private Neighbour awaitUsable(int index, NumericAddress address) throws InterruptedException {
        for (int i = 0; i < 300; i++) {
            if (socket.neighbour(index, address) instanceof Answer<Neighbour>(Neighbour n) && n.usable()) return n;
            Thread.sleep(10);
        }
        throw new AssertionError(address + " was not resolved");
    }

    private Link link(String name) {
        return socket.links().require("links").stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Address address(NumericAddress wanted) {
        return socket.addresses().require("addresses").stream()
                .filter(a -> a.address().equals(wanted))
                .findFirst()
                .orElseThrow();
    }

    private Route route(NumericAddress to) {
        return socket.route(to).require(to.toString());
    }

    private int refusal(NumericAddress to) {
        return socket.route(to) instanceof Refusal<Route>(NetlinkError error) ? error.errno() : 0;
    }

    private static Path namespace(Node node) {
        return Path.of("/run/netns", node.namespace());
    }

    private static NumericAddress v4(int value) {
        return new NumericAddress(false, 0, Integer.toUnsignedLong(value));
    }
}
