package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.kernel.NextHop.Local;
import io.evenkeel.dataplane.kernel.NextHop.Resolved;
import io.evenkeel.dataplane.kernel.NextHop.Unreachable;
import io.evenkeel.dataplane.kernel.NextHop.Unresolved;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkError;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.XdpMode;
import io.evenkeel.model.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NextHopsTest {
    private static final IpAddress SERVER = IpAddress.of("198.19.0.7");
    private static final IpAddress GATEWAY = IpAddress.of("198.18.0.2");

    static Link link(int index, int mtu, boolean up, boolean carrier) {
        return new Link(
                index, "b" + index, true, 0xa0 + index, mtu, up, carrier, true, 0, "veth", 0, false, XdpMode.NONE, 0);
    }

    static Neighbour entry(int ifindex, IpAddress address, long mac, int state) {
        return new Neighbour(ifindex, NeighbourKey.numeric(address), mac, state, 0);
    }

    static NetlinkReply<Route> via(int ifindex, IpAddress gateway, int mtu) {
        return unicast(mtu, new Route.Path(ifindex, NeighbourKey.numeric(gateway), 1, false));
    }

    static NetlinkReply<Route> onLink(int ifindex) {
        return unicast(0, new Route.Path(ifindex, null, 1, false));
    }

    static NetlinkReply<Route> refused(int errno) {
        return new NetlinkReply.Refusal<>(new NetlinkError(errno, ""));
    }

    private static NetlinkReply<Route> unicast(int mtu, Route.Path... paths) {
        return new NetlinkReply.Answer<>(new Route(Route.Kind.UNICAST, List.of(paths), null, mtu));
    }

    @Test
    void theNeighbourIsTheGatewayElseTheDestination() {
        assertThat(NextHops.neighbour(SERVER, via(3, GATEWAY, 0))).isEqualTo(new NeighbourKey(3, GATEWAY));
        assertThat(NextHops.neighbour(SERVER, onLink(3))).isEqualTo(new NeighbourKey(3, SERVER));
        assertThat(NextHops.neighbour(SERVER, refused(Errno.ENETUNREACH))).isNull();
        assertThat(NextHops.neighbour(SERVER, unicast(0))).isNull();
        assertThat(NextHops.neighbour(
                        SERVER, unicast(0, new Route.Path(3, null, 1, true), new Route.Path(4, null, 1, false))))
                .as("the way that is not dead")
                .isEqualTo(new NeighbourKey(4, SERVER));
    }

    @ParameterizedTest
    @CsvSource({"1500, 0, 1500", "1500, 1400, 1400", "1400, 9000, 1400"})
    void theMtuIsTheSmallerOfLinkAndRoute(int linkMtu, int routeMtu, int mtu) {
        Neighbour entry = entry(3, GATEWAY, 0xb, Neighbour.REACHABLE);
        assertThat(NextHops.of(SERVER, via(3, GATEWAY, routeMtu), link(3, linkMtu, true, true), entry))
                .isEqualTo(new Resolved(3, 0xb, 0xa3, mtu, null, false));
    }

    @ParameterizedTest
    @CsvSource({"0x01, false", "0x02, true", "0x04, true", "0x08, true", "0x10, true", "0x20, false", "0x80, true"})
    void aNextHopIsResolvedWhereTheKernelWouldSend(int state, boolean resolved) {
        NextHop next = NextHops.of(SERVER, onLink(3), link(3, 1500, true, true), entry(3, SERVER, 0xb, state));
        assertThat(next).isEqualTo(resolved ? new Resolved(3, 0xb, 0xa3, 1500) : new Unresolved(3, SERVER));
        assertThat(NextHops.of(SERVER, onLink(3), link(3, 1500, true, true), null))
                .isEqualTo(new Unresolved(3, SERVER));
    }

    @Test
    void aLinkThatCannotSendMakesItUnreachable() {
        Neighbour entry = entry(3, SERVER, 0xb, Neighbour.PERMANENT);
        assertThat(NextHops.of(SERVER, onLink(3), link(3, 1500, false, false), entry))
                .isEqualTo(new Unreachable("b3 is down"));
        assertThat(NextHops.of(SERVER, onLink(3), link(3, 1500, true, false), entry))
                .isEqualTo(new Unreachable("b3 has no carrier"));
        assertThat(NextHops.of(SERVER, onLink(3), null, entry)).isEqualTo(new Unreachable("interface 3 is gone"));
        Link tunnel = new Link(3, "tun0", false, 0, 1400, true, true, false, 0, "tun", 0, false, XdpMode.NONE, 0);
        assertThat(NextHops.of(SERVER, onLink(3), tunnel, null))
                .isEqualTo(new Unreachable("tun0 is not an Ethernet interface"));
        Link silent = new Link(3, "b3", true, 1, 1400, true, true, false, 0, "", 0, false, XdpMode.NONE, 0);
        assertThat(NextHops.of(SERVER, onLink(3), silent, null))
                .isEqualTo(new Unreachable("b3 does not resolve neighbours"));
    }

    @ParameterizedTest
    @CsvSource({
        "BROADCAST, not the address of one machine",
        "ANYCAST, not the address of one machine",
        "MULTICAST, not the address of one machine",
        "BLACKHOLE, its route is a blackhole",
        "UNREACHABLE, its route says unreachable",
        "PROHIBITED, its route says prohibited",
        "OTHER, its route is of a kind that cannot be followed",
        "UNICAST, its route names no interface"
    })
    void aRouteThatLeadsNowhereSaysWhy(Route.Kind kind, String why) {
        var reply = new NetlinkReply.Answer<>(new Route(kind, List.of(), null, 0));
        assertThat(NextHops.of(SERVER, reply, null, null)).isEqualTo(new Unreachable(why));
    }

    @ParameterizedTest
    @CsvSource({
        "101, no route to it",
        "113, its route says unreachable",
        "13, its route says prohibited",
        "22, its route is a blackhole",
        "12, the route lookup failed: out of memory"
    })
    void aRefusedLookupSaysWhy(int errno, String why) {
        assertThat(NextHops.of(SERVER, refused(errno), null, null)).isEqualTo(new Unreachable(why));
    }

    @Test
    void anAddressOfThisMachineIsLocal() {
        var reply = new NetlinkReply.Answer<>(
                new Route(Route.Kind.LOCAL, List.of(new Route.Path(1, null, 1, false)), null, 0));
        assertThat(NextHops.of(SERVER, reply, link(1, 65_536, true, true), null))
                .isEqualTo(new Local());
    }
}
