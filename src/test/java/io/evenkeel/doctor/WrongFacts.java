package io.evenkeel.doctor;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.Route;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What can be wrong with the machine of {@link MadeUp}, one fact at a time, and what is to be found then. */
final class WrongFacts {
    private WrongFacts() {}

    /** One fact that is wrong. */
    record Wrong(Hazard hazard, Severity severity, Consumer<MadeUp> change, String what, List<String> remedies) {
        @Override
        public String toString() {
            return hazard.word() + ": " + what;
        }
    }

    private static Wrong wrong(Hazard hazard, Consumer<MadeUp> change, String what, String... remedies) {
        return new Wrong(hazard, hazard.severity(), change, what, List.of(remedies));
    }

    private static Wrong mild(Hazard hazard, Consumer<MadeUp> change, String what, String... remedies) {
        return new Wrong(hazard, Severity.NOTE, change, what, List.of(remedies));
    }

    static Stream<Wrong> everything() {
        return Stream.of(machine(), interfaces(), veths(), settings(), vips(), realservers())
                .flatMap(List::stream);
    }

    private static List<Wrong> machine() {
        return List.of(
                wrong(
                        Hazard.KERNEL_PLANE,
                        m -> {
                            m.planes = EnumSet.of(Plane.KERNEL);
                            m.missing.add(new Refused("needs a bpf filesystem", "mount -t bpf bpf /sys/fs/bpf"));
                        },
                        "the kernel plane needs a bpf filesystem",
                        "mount -t bpf bpf /sys/fs/bpf"),
                wrong(
                        Hazard.JIT_OFF,
                        m -> m.sysctl("core/bpf_jit_enable", "0"),
                        "net.core.bpf_jit_enable is 0",
                        "sysctl -w net/core/bpf_jit_enable=1"),
                wrong(
                        Hazard.NO_FORWARDING,
                        m -> m.sysctl("ipv4/ip_forward", "0"),
                        "net.ipv4.ip_forward is 0",
                        "sysctl -w net/ipv4/ip_forward=1"),
                wrong(
                        Hazard.NO_FORWARDING,
                        m -> m.sysctl("ipv4/conf/sw/forwarding", "0"),
                        "forwarding of IPv4 is off at sw",
                        "sysctl -w net/ipv4/conf/sw/forwarding=1"),
                wrong(
                        Hazard.NO_FORWARDING_V6,
                        m -> {
                            v6(m);
                            m.sysctl("ipv6/conf/all/forwarding", "0").sysctl("ipv6/conf/cl/accept_ra", "1");
                        },
                        "net.ipv6.conf.all.forwarding is 0",
                        "sysctl -w net/ipv6/conf/cl/accept_ra=2",
                        "sysctl -w net/ipv6/conf/all/forwarding=1"),
                wrong(
                        Hazard.CONNTRACK,
                        m -> m.sysctl("netfilter/nf_conntrack_count", "12")
                                .sysctl("netfilter/nf_conntrack_max", "1000"),
                        "connection tracking holds 12 of 1000 entries",
                        "nft add table inet evenkeel_untracked",
                        "nft 'add chain inet evenkeel_untracked in { type filter hook prerouting priority raw; }'",
                        "nft add rule inet evenkeel_untracked in ip daddr 198.18.0.200 udp dport 514 notrack"),
                wrong(
                        Hazard.CONNTRACK_FULL,
                        m -> {
                            m.configuration = Optional.empty();
                            m.sysctl("netfilter/nf_conntrack_count", "800")
                                    .sysctl("netfilter/nf_conntrack_max", "1000");
                        },
                        "connection tracking holds 800 of 1000 entries",
                        "sysctl -w net/netfilter/nf_conntrack_max=4000"),
                wrong(
                        Hazard.FEW_DESCRIPTORS,
                        m -> m.openFiles = 1_024,
                        "this process may open 1024 files; the file asks for 9226",
                        "ulimit -n 9226"),
                wrong(
                        Hazard.NO_DESCRIPTORS,
                        m -> m.openFiles = 49,
                        "this process may open 49 files; nothing works with less than 50, and the file asks for 9226",
                        "ulimit -n 9226"),
                wrong(
                        Hazard.SMALL_BUFFERS,
                        m -> {
                            m.networkAdmin = false;
                            m.sysctl("core/rmem_max", "212992").sysctl("core/wmem_max", "16777216");
                        },
                        "net.core.rmem_max is 212992 bytes",
                        "sysctl -w net/core/rmem_max=16777216"));
    }

    private static List<Wrong> interfaces() {
        return List.of(
                wrong(
                        Hazard.LINK_DOWN,
                        m -> m.link("cl", MadeUp.up(false, false)),
                        "cl is down",
                        "ip link set dev cl up"),
                wrong(Hazard.LINK_DOWN, m -> m.link("sw", MadeUp.up(true, false)), "sw has no carrier"),
                wrong(
                        Hazard.NO_NATIVE_XDP,
                        m -> m.nic("cl", Nics.driver("e1000", 0)),
                        "the driver of cl, e1000, has no native XDP",
                        "evenkeel run --plane socket FILE"),
                wrong(
                        Hazard.NO_NATIVE_XDP,
                        m -> m.nic("cl", Nics.oldKernel("e1000e")),
                        "the driver of cl, e1000e, has no native XDP",
                        "evenkeel run --plane socket FILE"),
                taken(program("guard", "", 0, 0), "native XDP", "ip link set dev sw xdpdrv off"),
                taken(program("", "", 0, 0), "generic XDP", "ip link set dev sw xdpgeneric off"),
                taken(program("guard", "", 0, 41), "native XDP", "bpftool link detach id 41"),
                hangs(program("shape", "egress", 0, 42), "bpftool link detach id 42"),
                hangs(program("shape", "egress", 0, 0), "bpftool net detach tcx_egress dev cl"),
                hangs(program("shape", "ingress", 7, 0), "tc filter del dev cl ingress pref 7"),
                wrong(
                        Hazard.ON_VLAN_DEVICE,
                        m -> {
                            m.link(9, "eth7", "");
                            m.link("sw", MadeUp.kind("vlan", 0, 9));
                        },
                        "sw is a VLAN device on eth7",
                        "evenkeel run --plane socket FILE"),
                wrong(
                        Hazard.VLAN_STRIPPED,
                        m -> {
                            m.link(9, "sw.5", "vlan").link("sw.5", MadeUp.kind("vlan", 0, 3));
                            m.nic("sw", Nics.with(Set.of("rx-vlan-hw-parse")));
                        },
                        "sw strips VLAN tags (rxvlan), and carries sw.5",
                        "ethtool -K sw rxvlan off"),
                wrong(
                        Hazard.IN_BRIDGE_OR_BOND,
                        m -> {
                            m.link(9, "br0", "bridge");
                            m.link("sw", MadeUp.kind("", 9, 0));
                        },
                        "sw is a member of the bridge br0"),
                wrong(
                        Hazard.LRO_ON,
                        m -> m.nic("cl", Nics.with(Set.of("rx-lro", "rx-gro"))),
                        "LRO is on at cl",
                        "ethtool -K cl lro off"),
                wrong(
                        Hazard.MTU_TOO_LARGE,
                        m -> m.link("sw", MadeUp.mtu(3_507)),
                        "the MTU of sw is 3507, and XDP takes 3506",
                        "ip link set dev sw mtu 3506"),
                wrong(
                        Hazard.FEW_QUEUES,
                        m -> m.nic("cl", Nics.queues(1, 8, true)),
                        "cl receives on 1 of 8 queues; 2 CPUs could serve them",
                        "ethtool -L cl combined 2"),
                wrong(
                        Hazard.RSS_WITHOUT_PORTS,
                        m -> m.nic("cl", Nics.spread(2, false)),
                        "cl chooses the queue of a UDP datagram without its ports",
                        "ethtool -N cl rx-flow-hash udp4 sdfn"));
    }

    static Program program(String name, String hook, int preference, int link) {
        return new Program("that", name, hook, preference, link);
    }

    private static Wrong taken(Program program, String place, String off) {
        Program there = new Program("that (" + place + ")", program.name(), "", 0, program.link());
        return wrong(
                Hazard.FOREIGN_XDP,
                m -> m.nic("sw", Nics.programs(List.of(there), List.of())),
                "sw is taken by that (" + place + ")",
                off);
    }

    private static Wrong hangs(Program program, String off) {
        return wrong(
                Hazard.FOREIGN_TC,
                m -> m.nic("cl", Nics.programs(List.of(), List.of(program))),
                "at TC of cl hangs that",
                off);
    }

    private static List<Wrong> veths() {
        return List.of(
                wrong(
                        Hazard.VETH_WITHOUT_NAPI,
                        m -> veth(m, Nics.veth(false, Set.of(), Nics.far(1500, 1))),
                        "the other end of the veth cl (d1 in another namespace) has GRO off and no XDP program",
                        "ip netns exec there ethtool -K d1 gro on"),
                wrong(
                        Hazard.VETH_WITHOUT_NAPI,
                        m -> veth(m, Nics.veth(false, Set.of(), null)),
                        "the other end of the veth cl has GRO off and no XDP program",
                        "ethtool -K DEVICE gro on"),
                wrong(
                        Hazard.VETH_CHECKSUMS,
                        m -> veth(m, Nics.veth(true, Set.of(), Nics.far(1500, 1, "tx-checksum-ip-generic"))),
                        "the other end of the veth cl (d1 in another namespace) leaves checksums to its interface",
                        "ip netns exec there ethtool -K d1 tx off"),
                wrong(
                        Hazard.VETH_OWN_CHECKSUMS,
                        m -> veth(m, Nics.veth(true, Set.of("tx-checksum-ipv4"), null)),
                        "the veth cl leaves checksums to its interface",
                        "ethtool -K cl tx off"),
                wrong(
                        Hazard.VETH_QUEUES,
                        m -> veth(m, Nics.veth(true, Set.of(), Nics.far(1500, 4))),
                        "cl receives on 1 queues, and its other end sends on 4",
                        "ip netns exec there ethtool -L d1 tx 1"),
                wrong(
                        Hazard.MTU_TOO_LARGE,
                        m -> veth(m, Nics.veth(true, Set.of(), Nics.far(9000, 1))),
                        "the MTU of the other end of the veth cl is 9000, and XDP takes 3506",
                        "ip netns exec there ip link set dev d1 mtu 3506"));
    }

    private static List<Wrong> settings() {
        return List.of(
                wrong(
                        Hazard.STRICT_RP_FILTER,
                        m -> {
                            m.sysctl("ipv4/conf/all/rp_filter", "1");
                            m.defaults.clear();
                            m.defaults.add(new DefaultRoute(false, "sw"));
                        },
                        "rp_filter is strict at cl, and the default route is by sw",
                        "sysctl -w net/ipv4/conf/cl/rp_filter=2"),
                mild(
                        Hazard.STRICT_RP_FILTER,
                        m -> m.sysctl("ipv4/conf/cl/rp_filter", "1"),
                        "rp_filter is strict at cl",
                        "sysctl -w net/ipv4/conf/cl/rp_filter=2"),
                wrong(
                        Hazard.SENDS_REDIRECTS,
                        m -> {
                            m.behind("198.19.0.5", 2, "198.18.0.9").file(MadeUp.service("NAT", "198.19.0.5 514"));
                            m.sysctl("ipv4/conf/all/send_redirects", "1");
                        },
                        "clients and realservers are both behind cl, and send_redirects is on",
                        "sysctl -w net/ipv4/conf/all/send_redirects=0",
                        "sysctl -w net/ipv4/conf/cl/send_redirects=0"));
    }

    private static List<Wrong> vips() {
        return List.of(
                wrong(
                        Hazard.VIP_ABSENT,
                        m -> m.withoutAddress("198.18.0.200").onLink("198.18.0.200", 2),
                        "the VIP 198.18.0.200 is on no interface of this machine",
                        "ip addr add 198.18.0.200/32 dev cl"),
                wrong(
                        Hazard.VIP_ABSENT,
                        m -> m.noRoute("203.0.113.7", Errno.ENETUNREACH)
                                .file(MadeUp.service("203.0.113.7 514", "NAT", "198.18.1.11 514", "")),
                        "the VIP 203.0.113.7 is on no interface of this machine",
                        "ip addr add 203.0.113.7/32 dev lo"),
                wrong(
                        Hazard.VIP_DUPLICATE,
                        m -> {
                            v6(m);
                            m.withoutAddress("2001:db8::200").address(2, "2001:db8::200", 64, Address.DUPLICATE);
                        },
                        "duplicate address detection found 2001:db8::200 on another machine at cl",
                        "ip addr del 2001:db8::200/64 dev cl",
                        "ip addr add 2001:db8::200/64 dev cl"),
                wrong(
                        Hazard.VIP_SILENT,
                        m -> m.withoutAddress("198.18.0.200")
                                .address(1, "198.18.0.200", 32, 0)
                                .sysctl("ipv4/conf/all/arp_ignore", "1"),
                        "the VIP 198.18.0.200 is on lo only, and arp_ignore is 1 at cl",
                        "ip addr add 198.18.0.200/32 dev cl"),
                wrong(
                        Hazard.VIP_ANSWERS_TWICE,
                        m -> {
                            m.withoutAddress("198.18.0.200").address(1, "198.18.0.200", 32, 0);
                            m.file(MadeUp.service("DR", "198.18.1.254 514"));
                        },
                        "this machine is a realserver too, and at cl arp_ignore is 0 and arp_announce 0",
                        "sysctl -w net/ipv4/conf/cl/arp_ignore=1",
                        "sysctl -w net/ipv4/conf/cl/arp_announce=2"),
                wrong(
                        Hazard.MARTIAN_ANSWERS,
                        m -> m.file(MadeUp.service("DR", "198.18.1.11 514")),
                        "accept_local is 0 at sw, and 198.18.0.200 is an address of this machine",
                        "sysctl -w net/ipv4/conf/sw/accept_local=1"),
                wrong(
                        Hazard.PORT_TAKEN,
                        m -> m.ports.add(
                                new BoundPort(Protocol.UDP, IpAddress.of("0.0.0.0"), 514, 1, "rsyslogd (pid 31)", 31)),
                        "rsyslogd (pid 31) is bound to 0.0.0.0:514/udp",
                        "kill 31"),
                wrong(
                        Hazard.PORT_TAKEN,
                        m -> m.ports.add(new BoundPort(Protocol.UDP, IpAddress.of("198.18.0.200"), 514, 1, "", 0)),
                        "a program is bound to 198.18.0.200:514/udp",
                        "ss -ulnp sport = :514"));
    }

    private static List<Wrong> realservers() {
        return List.of(
                wrong(
                        Hazard.SERVER_WITHOUT_ROUTE,
                        m -> m.noRoute("198.18.1.11", Errno.ENETUNREACH),
                        "there is no way to realserver 198.18.1.11:514: no route leads there",
                        "ip route replace 198.18.1.11/32 via GATEWAY"),
                wrong(
                        Hazard.SERVER_WITHOUT_ROUTE,
                        m -> m.noRoute("198.18.1.11", Errno.EINVAL),
                        "there is no way to realserver 198.18.1.11:514: its route is a blackhole",
                        "ip route replace 198.18.1.11/32 via GATEWAY"),
                wrong(
                        Hazard.SERVER_SILENT,
                        m -> m.neighbours.add(neighbour(3, "198.18.1.11", Neighbour.FAILED)),
                        "realserver 198.18.1.11:514 does not answer at sw",
                        "ip neigh del 198.18.1.11 dev sw"),
                wrong(
                        Hazard.SERVER_SILENT,
                        m -> {
                            m.behind("198.18.1.11", 3, "198.18.1.1");
                            m.neighbours.add(neighbour(3, "198.18.1.1", Neighbour.FAILED));
                        },
                        "the gateway 198.18.1.1 to realserver 198.18.1.11:514 does not answer at sw",
                        "ip neigh del 198.18.1.1 dev sw"),
                wrong(
                        Hazard.SERVER_IS_SERVICE,
                        m -> m.file(MadeUp.service("NAT", "198.18.0.200 514")),
                        "realserver 198.18.0.200:514 is this service itself"),
                wrong(
                        Hazard.SERVER_IS_DIRECTOR,
                        m -> m.file(MadeUp.service("NAT", "198.18.1.254 514")),
                        "realserver 198.18.1.254:514 is an address of this machine, and lb_kind is NAT"),
                wrong(
                        Hazard.SERVER_BYPASSES,
                        m -> m.onLink("198.18.0.11", 2).file(MadeUp.service("NAT", "198.18.0.11 514")),
                        "realserver 198.18.0.11:514 is on the clients' own link, cl",
                        "ip route add 198.18.0.0/25 via 198.18.0.254",
                        "ip route add 198.18.0.128/25 via 198.18.0.254"),
                wrong(
                        Hazard.DR_BEHIND_ROUTER,
                        m -> m.behind("198.19.0.5", 3, "198.18.1.1")
                                .sysctl("ipv4/conf/sw/accept_local", "1")
                                .file(MadeUp.service("DR", "198.19.0.5 514")),
                        "realserver 198.19.0.5:514 is behind the router 198.18.1.1, and lb_kind is DR",
                        "ip route replace 198.19.0.5/32 dev sw"),
                tunnel("ipip", 1520),
                tunnel("gre", 1524),
                wrong(
                        Hazard.SMALLER_MTU,
                        m -> m.link("sw", MadeUp.mtu(1400)),
                        "packets of 1500 bytes come in, and the way to realserver 198.18.1.11:514 takes 1400",
                        "ip link set dev sw mtu 1500"),
                wrong(
                        Hazard.SMALLER_MTU,
                        m -> m.way(
                                "198.18.1.11",
                                new Route(Route.Kind.UNICAST, List.of(new Route.Path(3, null, 1, false)), null, 1300)),
                        "packets of 1500 bytes come in, and the way to realserver 198.18.1.11:514 takes 1300",
                        "ip route replace 198.18.1.11/32 dev sw mtu 1500"));
    }

    private static Wrong tunnel(String type, int needs) {
        return wrong(
                Hazard.TUNNEL_MTU,
                m -> m.sysctl("ipv4/conf/sw/accept_local", "1")
                        .file(MadeUp.service("TUN type " + type, "198.18.1.11 514")),
                "packets of 1500 bytes come in, need " + needs
                        + " bytes when encapsulated, and the way to realserver 198.18.1.11:514 takes 1500",
                "ip link set dev sw mtu " + needs);
    }

    private static void v6(MadeUp m) {
        m.address(2, "2001:db8::fe", 64, 0).address(2, "2001:db8::200", 64, 0);
        m.onLink("2001:db8:0:1::11", 3);
        m.file(MadeUp.service("2001:db8::200 514", "NAT", "2001:db8:0:1::11 514", ""));
    }

    private static void veth(MadeUp machine, Nic nic) {
        machine.link("cl", MadeUp.kind("veth", 0, 5)).nic("cl", nic);
    }

    private static Neighbour neighbour(int index, String address, int state) {
        return new Neighbour(index, Facts.numeric(IpAddress.of(address)), 0, state, 0);
    }
}
