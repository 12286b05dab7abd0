package io.evenkeel.dataplane.kernel;

import static io.evenkeel.dataplane.kernel.FollowerRig.BEHIND_DEFAULT;
import static io.evenkeel.dataplane.kernel.FollowerRig.BEHIND_GATEWAY;
import static io.evenkeel.dataplane.kernel.FollowerRig.LIVE;
import static io.evenkeel.dataplane.kernel.FollowerRig.ON_LINK;
import static io.evenkeel.dataplane.kernel.FollowerRig.SIX;
import static io.evenkeel.dataplane.kernel.FollowerRig.SIX_BEHIND_GATEWAY;
import static io.evenkeel.dataplane.kernel.FollowerRig.index;
import static io.evenkeel.dataplane.kernel.FollowerRig.mac;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.dataplane.kernel.NextHop.Local;
import io.evenkeel.dataplane.kernel.NextHop.Resolved;
import io.evenkeel.dataplane.kernel.NextHop.Unreachable;
import io.evenkeel.dataplane.kernel.NextHop.Unresolved;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Needs;
import io.evenkeel.lab.Node;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.model.IpAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Followers: whatever changes a next hop is told within 100 ms of the change, and counted. The time of a change is that
 * at which {@code ip} was given the command.
 */
@Needs({Capability.ROOT, Capability.NETNS, Capability.IPV6})
class NextHopFollowerTest {
    private static final long BOUND_MILLIS = 100;
    private static final long EXCUSING_STALL_MILLIS = 30;
    private static final Setting SETTING = new Setting("kernel", Setting.Kind.LAB);

    private interface Attempt {
        void make(FollowerRig rig, Figures figures) throws Exception;
    }

    private static void run(Measurements measurements, String variant, Attempt attempt) throws Exception {
        measurements.run(SETTING, variant, figures -> {
            figures.sensitiveToStallsOf(EXCUSING_STALL_MILLIS);
            try (FollowerRig rig = new FollowerRig()) {
                rig.follower.follow(LIVE);
                for (IpAddress destination : LIVE) rig.awaitResolved(destination);
                attempt.make(rig, figures);
                figures.exactly("missed", 0, rig.follower.counts().missed());
            }
        });
    }

    private static void seen(Figures figures, String what, long changed, long heard) {
        figures.atMost(what + " ms", BOUND_MILLIS, Math.max(0, heard - changed) / 1_000_000);
    }

    @Scenario("follow")
    @Test
    void whatIsWantedIsResolvedAtOnce(Measurements measurements) throws Exception {
        measurements.run(SETTING, "first answers", figures -> {
            figures.sensitiveToStallsOf(EXCUSING_STALL_MILLIS);
            try (FollowerRig rig = new FollowerRig()) {
                rig.awaitLocal(all -> all.contains(IpAddress.of("198.18.1.1")));
                long asked = System.nanoTime();
                rig.follower.follow(LIVE);
                for (IpAddress each : LIVE) seen(figures, each.toString(), asked, rig.awaitResolved(each));

                assertThat(rig.nextHop(ON_LINK)).isEqualTo(way(rig, rig.server, "b1", "198.18.1.1", true));
                assertThat(rig.nextHop(SIX)).isEqualTo(way(rig, rig.server, "b1", "2001:db8:1::1", true));
                assertThat(rig.nextHop(BEHIND_GATEWAY)).isEqualTo(way(rig, rig.router, "r1", "198.18.2.1", false));
                assertThat(rig.nextHop(BEHIND_DEFAULT)).isEqualTo(way(rig, rig.router, "r1", "198.18.2.1", false));
                assertThat(rig.nextHop(SIX_BEHIND_GATEWAY))
                        .isEqualTo(way(rig, rig.router, "r1", "2001:db8:2::1", false));
                rig.awaitLocal(all -> all.containsAll(Set.of(
                        IpAddress.of("127.0.0.1"),
                        IpAddress.of("::1"),
                        IpAddress.of("198.18.3.1"),
                        IpAddress.of("2001:db8:2::1"))));
            }
        });
    }

    private static Resolved way(FollowerRig rig, Node to, String device, String from, boolean onLink) {
        return new Resolved(
                index(rig.director, device),
                mac(to, "d1"),
                mac(rig.director, device),
                1_500,
                IpAddress.of(from),
                onLink);
    }

    @Scenario("follow")
    @Test
    void anMtuIsSeen(Measurements measurements) throws Exception {
        run(measurements, "MTU", (rig, figures) -> {
            rig.warmUp(rig.director);
            long changed = rig.change(rig.director, "link set dev b1 mtu 1400");
            seen(figures, "IPv4", changed, rig.await(ON_LINK, n -> n instanceof Resolved r && r.mtu() == 1400));
            seen(figures, "IPv6", changed, rig.await(SIX, n -> n instanceof Resolved r && r.mtu() == 1400));
            changed = rig.change(rig.director, "route replace 198.19.1.0/24 via 198.18.2.2 mtu lock 1300");
            seen(
                    figures,
                    "route's",
                    changed,
                    rig.await(BEHIND_GATEWAY, n -> n instanceof Resolved r && r.mtu() == 1300));
            assertThat(rig.resolved(BEHIND_DEFAULT).mtu()).isEqualTo(1500);
        });
    }

    @Scenario("follow")
    @Test
    void aMacIsSeen(Measurements measurements) throws Exception {
        run(measurements, "MAC", (rig, figures) -> {
            rig.warmUp(rig.server);
            rig.warmUp(rig.director);
            long changed = rig.change(rig.server, "link set dev d1 address 02:00:00:00:00:77");
            seen(figures, "IPv4", changed, rig.await(ON_LINK, to(0x02_00_00_00_00_77L)));
            seen(figures, "IPv6", changed, rig.await(SIX, to(0x02_00_00_00_00_77L)));
            changed =
                    rig.change(rig.director, "neigh replace 198.18.2.2 lladdr 02:00:00:00:00:78 dev r1 nud permanent");
            seen(figures, "gateway's", changed, rig.await(BEHIND_DEFAULT, to(0x02_00_00_00_00_78L)));
            changed = rig.change(rig.director, "link set dev b1 address 02:00:00:00:00:79");
            seen(
                    figures,
                    "own",
                    changed,
                    rig.await(ON_LINK, n -> n instanceof Resolved r && r.sourceMac() == 0x02_00_00_00_00_79L));
        });
    }

    private static Predicate<NextHop> to(long mac) {
        return next -> next instanceof Resolved resolved && resolved.destinationMac() == mac;
    }

    @Scenario("follow")
    @Test
    void aLinkThatGoesDownAndUpIsSeen(Measurements measurements) throws Exception {
        run(measurements, "link", (rig, figures) -> {
            rig.warmUp(rig.director);
            int router = index(rig.director, "r1");
            long changed = rig.change(rig.director, "link set dev b1 down");
            // Without the link's own route it goes to the default one.
            seen(figures, "down", changed, rig.await(ON_LINK, n -> n instanceof Resolved r && r.ifindex() == router));
            changed = rig.change(rig.director, "link set dev b1 up");
            long up = rig.await(ON_LINK, n -> n instanceof Resolved r && r.ifindex() != router);
            seen(figures, "up", changed, up);
            changed = rig.change(rig.director, "link set dev r1 down");
            seen(figures, "no route", changed, rig.await(BEHIND_DEFAULT, new Unreachable("no route to it")::equals));
        });
    }

    @Scenario("follow")
    @Test
    void anAddressIsSeen(Measurements measurements) throws Exception {
        run(measurements, "address", (rig, figures) -> {
            rig.warmUp(rig.director);
            IpAddress vip = IpAddress.of("198.18.1.100");
            long changed = rig.change(rig.director, "addr add 198.18.1.100/32 dev b1");
            seen(figures, "added", changed, rig.awaitLocal(all -> all.contains(vip)));
            changed = rig.change(rig.director, "addr add 198.19.77.7/32 dev lo");
            seen(figures, "wanted", changed, rig.await(BEHIND_DEFAULT, Local.class::isInstance));
            changed = rig.change(rig.director, "addr del 198.18.1.100/32 dev b1");
            seen(figures, "removed", changed, rig.awaitLocal(all -> !all.contains(vip)));
            IpAddress six = IpAddress.of("2001:db8:1::100");
            changed = rig.change(rig.director, "addr add 2001:db8:1::100/128 dev b1 nodad");
            seen(figures, "IPv6", changed, rig.awaitLocal(all -> all.contains(six)));
        });
    }

    @Scenario("follow")
    @Test
    void aRouteIsSeen(Measurements measurements) throws Exception {
        run(measurements, "route", (rig, figures) -> {
            rig.warmUp(rig.director);
            int second = index(rig.director, "r2");
            long changed = rig.change(rig.director, "route replace 198.19.1.0/24 via 198.18.3.2");
            seen(
                    figures,
                    "replaced",
                    changed,
                    rig.await(BEHIND_GATEWAY, n -> n instanceof Resolved r && r.ifindex() == second));
            changed = rig.change(rig.director, "route add blackhole 198.19.1.9/32");
            seen(figures, "blackhole", changed, rig.await(BEHIND_GATEWAY, Unreachable.class::isInstance));
            assertThat(rig.nextHop(BEHIND_GATEWAY)).isEqualTo(new Unreachable("its route is a blackhole"));
            changed = rig.change(rig.director, "rule add to 198.19.77.7 unreachable pref 100");
            seen(figures, "rule", changed, rig.await(BEHIND_DEFAULT, Unreachable.class::isInstance));
            changed = rig.change(rig.director, "route replace 2001:db8:ff::/64 via 2001:db8:3::2");
            seen(
                    figures,
                    "IPv6",
                    changed,
                    rig.await(SIX_BEHIND_GATEWAY, n -> n instanceof Resolved r && r.ifindex() == second));
        });
    }

    @Scenario("follow")
    @Test
    void deadNextHopsDelayNoOther(Measurements measurements) throws Exception {
        run(measurements, "200 dead next hops", (rig, figures) -> {
            rig.warmUp(rig.director);
            Set<IpAddress> wanted = new HashSet<>(LIVE);
            for (int i = 0; i < 100; i++) wanted.add(IpAddress.v4(0xc6120164 + i)); // 198.18.1.100…
            for (int i = 0; i < 100; i++) wanted.add(IpAddress.of("2001:db8:1::" + (1_000 + i)));
            rig.change(rig.director, "neigh flush dev r1");
            long asked = System.nanoTime();
            rig.follower.follow(wanted);
            rig.await(IpAddress.of("198.18.1.199"), Unresolved.class::isInstance);
            IpAddress late = IpAddress.of("198.18.3.2");
            wanted.add(late);
            rig.follower.follow(wanted);
            seen(figures, "new", asked, rig.awaitResolved(late));
            long changed = rig.change(rig.director, "link set dev b1 mtu 1400");
            seen(figures, "changed", changed, rig.await(ON_LINK, n -> n instanceof Resolved r && r.mtu() == 1400));
            Thread.sleep(3_500); // they fail, and are asked for again
            changed = rig.change(rig.director, "route replace 198.19.1.0/24 via 198.18.3.2 mtu lock 1280");
            long heard = rig.await(BEHIND_GATEWAY, n -> n instanceof Resolved r && r.mtu() == 1280);
            seen(figures, "after they failed", changed, heard);
            figures.atLeast("probes", 400, rig.follower.counts().probes());
            for (IpAddress live : LIVE) rig.awaitResolved(live);
        });
    }

    /** Nothing but the follower makes the kernel ask again: no packet is ever sent to the server. */
    @Test
    void aServerThatWasReplacedInSilenceIsFound() throws Exception {
        try (FollowerRig rig = new FollowerRig()) {
            rig.director
                    .sysctl("net.ipv4.neigh.b1.delay_first_probe_time", "1")
                    .sysctl("net.ipv4.neigh.b1.retrans_time_ms", "100");
            rig.server.sysctl("net.ipv4.conf.d1.arp_notify", "0").sysctl("net.ipv6.conf.d1.ndisc_notify", "0");
            rig.follower.follow(Set.of(ON_LINK));
            long before = rig.resolved(ON_LINK).destinationMac();
            assertThat(before).isEqualTo(mac(rig.server, "d1"));
            rig.server.ip("link", "set", "dev", "d1", "address", "02:00:00:00:00:88");
            // What half a minute without traffic does: the kernel itself does nothing about a stale entry.
            rig.director.ip("neigh", "change", "198.18.1.2", "dev", "b1", "nud", "stale");
            rig.await(ON_LINK, to(0x02_00_00_00_00_88L));
        }
    }

    @Test
    void missedEventsAreCountedAndMadeUpFor() throws Exception {
        try (FollowerRig rig = new FollowerRig(4_096)) {
            rig.follower.follow(LIVE);
            for (IpAddress each : LIVE) rig.awaitResolved(each);
            long readings = rig.follower.counts().readings();
            rig.stopHearing();
            rig.director.ip("link", "set", "dev", "r2", "mtu", "1499"); // the listener blocks from here on
            Thread.sleep(200);
            rig.director.run("sh", "-c", "for i in $(seq 1 60); do echo link add ekd$i type veth; done | ip -batch -");
            rig.director.ip("link", "set", "dev", "b1", "mtu", "1333");
            rig.director.ip("addr", "add", "198.18.9.9/32", "dev", "lo");
            rig.hearAgain();
            rig.await(ON_LINK, n -> n instanceof Resolved r && r.mtu() == 1333);
            rig.awaitLocal(all -> all.contains(IpAddress.of("198.18.9.9")));
            FollowerCounts counts = rig.follower.counts();
            assertThat(counts.missed()).isPositive();
            assertThat(counts.readings()).isGreaterThan(readings);
            assertThat(counts.unreadable()).isZero();
            assertThat(rig.timesTablesChanged()).isPositive();
        }
    }

    @Test
    void moreThanTheBoundIsRefused() throws Exception {
        Set<IpAddress> many = new HashSet<>();
        for (int i = 0; i <= NextHopFollower.MAX_DESTINATIONS; i++) many.add(IpAddress.v4(0xc6120000 + i));
        try (FollowerRig rig = new FollowerRig()) {
            assertThatThrownBy(() -> rig.follower.follow(many)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
