package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.kernel.NextHop.Local;
import io.evenkeel.dataplane.kernel.NextHop.Resolved;
import io.evenkeel.dataplane.kernel.NextHop.Unreachable;
import io.evenkeel.dataplane.kernel.NextHop.Unresolved;
import io.evenkeel.linux.Address;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkError;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetlinkReply.Refusal;
import io.evenkeel.linux.NetworkChange;
import io.evenkeel.linux.NetworkChange.LinkSet;
import io.evenkeel.linux.NetworkChange.NeighbourGone;
import io.evenkeel.linux.NetworkChange.NeighbourSet;
import io.evenkeel.linux.NetworkChange.RoutesChanged;
import io.evenkeel.linux.Route;
import io.evenkeel.model.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The follower's decisions in virtual time, against tables written down here. */
class FollowingTest {
    private static final long MILLI = 1_000_000;
    private static final IpAddress A = IpAddress.of("198.18.0.2");
    private static final IpAddress B = IpAddress.of("198.18.0.3");
    private static final IpAddress FAR = IpAddress.of("198.19.0.1");

    private final Tables kernel = new Tables();
    private final Heard heard = new Heard();
    private long now = Long.MAX_VALUE - 5 * MILLI; // the clock wraps early in every test
    private Following following;

    /** What the kernel would answer. */
    private static final class Tables implements Following.Kernel {
        final Map<IpAddress, NetlinkReply<Route>> routes = new HashMap<>();
        final Map<NeighbourKey, Neighbour> neighbours = new HashMap<>();
        final Map<Integer, Link> links = new HashMap<>();
        final List<Address> addresses = new ArrayList<>();
        final List<IpAddress> asked = new ArrayList<>();
        final List<NeighbourKey> probed = new ArrayList<>();
        boolean closed;

        @Override
        public NetlinkReply<Route> route(IpAddress destination) {
            asked.add(destination);
            return routes.getOrDefault(destination, NextHopsTest.refused(Errno.ENETUNREACH));
        }

        @Override
        public NetlinkReply<Neighbour> neighbour(NeighbourKey key) {
            Neighbour entry = neighbours.get(key);
            return entry == null ? new Refusal<>(new NetlinkError(Errno.ENOENT, "")) : new Answer<>(entry);
        }

        @Override
        public Optional<NetlinkError> resolve(NeighbourKey key) {
            probed.add(key);
            return Optional.empty();
        }

        @Override
        public NetlinkReply<List<Link>> links() {
            if (closed) return new Refusal<>(new NetlinkError(Errno.EAGAIN, "the table changed"));
            return new Answer<>(List.copyOf(links.values()));
        }

        @Override
        public NetlinkReply<List<Address>> addresses() {
            return new Answer<>(List.copyOf(addresses));
        }
    }

    private static final class Heard implements NextHopListener {
        final Map<IpAddress, NextHop> now = new HashMap<>();
        final List<Map<IpAddress, NextHop>> all = new ArrayList<>();
        final List<Set<IpAddress>> locals = new ArrayList<>();
        int tables;

        @Override
        public void nextHops(Map<IpAddress, NextHop> changed) {
            all.add(changed);
            now.putAll(changed);
        }

        @Override
        public void localAddresses(Set<IpAddress> all) {
            locals.add(all);
        }

        @Override
        public void tablesChanged() {
            tables++;
        }
    }

    @BeforeEach
    void twoServersOnOneLink() {
        kernel.links.put(3, NextHopsTest.link(3, 1500, true, true));
        for (IpAddress server : List.of(A, B)) {
            kernel.routes.put(server, NextHopsTest.onLink(3));
            reachable(server, 0xb);
        }
        following = new Following(kernel, heard, now);
        following.want(Set.of(A, B));
        work();
    }

    private Neighbour reachable(IpAddress address, long mac) {
        Neighbour entry = NextHopsTest.entry(3, address, mac, Neighbour.REACHABLE);
        kernel.neighbours.put(new NeighbourKey(3, address), entry);
        return entry;
    }

    private void work() {
        if (following.work(now)) following.spent(now, 0);
    }

    /** Lets time go on, and the follower do what is due, in steps of 1 ms. */
    private void pass(long millis) {
        for (long i = 0; i < millis; i++) {
            now += MILLI;
            if (following.nanosUntilDue(now) == 0) work();
        }
    }

    private void tell(NetworkChange change) {
        following.take(change, now);
        work();
    }

    @Test
    void whatIsWantedIsAskedAndToldOnce() {
        assertThat(heard.all)
                .containsExactly(Map.of(A, new Resolved(3, 0xb, 0xa3, 1500), B, new Resolved(3, 0xb, 0xa3, 1500)));
        pass(50);
        assertThat(kernel.asked).containsExactlyInAnyOrder(A, B);
        assertThat(kernel.probed).isEmpty();
        assertThat(following.counts().readings()).isOne();
    }

    @Test
    void eventsThatTouchEveryLookupAreAskedOnceWithinTenMilliseconds() {
        pass(1);
        kernel.routes.put(A, NextHopsTest.refused(Errno.ENETUNREACH));
        kernel.asked.clear();
        long before = now;
        for (int i = 0; i < 9; i++) {
            tell(new RoutesChanged());
            pass(1);
        }
        assertThat(kernel.asked).isEmpty();
        pass(1);
        assertThat(now - before).isLessThanOrEqualTo(Following.COALESCE_NANOS);
        assertThat(kernel.asked).containsExactlyInAnyOrder(A, B);
        assertThat(heard.now).containsEntry(A, new Unreachable("no route to it"));
        assertThat(heard.all).hasSize(2);
        assertThat(heard.all.getLast()).containsOnlyKeys(A);
    }

    @Test
    void aNeighboursChangeIsToldAtOnceAndAsksNothing() {
        kernel.asked.clear();
        tell(new NeighbourSet(reachable(A, 0xc)));
        assertThat(heard.all.getLast()).isEqualTo(Map.of(A, new Resolved(3, 0xc, 0xa3, 1500)));
        pass(100);
        assertThat(kernel.asked).isEmpty();
    }

    @Test
    void aStrangersChangeIsNotTold() {
        tell(new NeighbourSet(reachable(IpAddress.of("198.18.0.99"), 0xc)));
        assertThat(heard.all).hasSize(1);
        assertThat(heard.tables).as("but a cache of other ways must hear").isEqualTo(2);
    }

    @Test
    void aFailedNeighbourIsUnresolvedAtOnceAndAskedForAgainWhenTheKernelHasGivenUp() {
        tell(new NeighbourSet(NextHopsTest.entry(3, A, 0, Neighbour.FAILED)));
        assertThat(heard.all.getLast()).isEqualTo(Map.of(A, new Unresolved(3, A)));
        assertThat(kernel.probed).containsExactly(new NeighbourKey(3, A));
        pass(3_000);
        assertThat(kernel.probed).as("while the kernel asks").hasSize(1);
        tell(new NeighbourSet(NextHopsTest.entry(3, A, 0, Neighbour.FAILED)));
        assertThat(kernel.probed).hasSize(2);
        pass(500);
        tell(new NeighbourSet(NextHopsTest.entry(3, A, 0, Neighbour.FAILED)));
        assertThat(kernel.probed).as("not twice in a second").hasSize(2);
        pass(500);
        assertThat(kernel.probed).hasSize(3);
        pass(8_000);
        assertThat(kernel.probed).as("every 4 s if the kernel says nothing").hasSize(5);
        tell(new NeighbourSet(reachable(A, 0xd)));
        assertThat(heard.now).containsEntry(A, new Resolved(3, 0xd, 0xa3, 1500));
        pass(5_000);
        assertThat(kernel.probed).hasSize(5).containsOnly(new NeighbourKey(3, A));
    }

    @Test
    void aFlushedNeighbourThatAnswersAtOnceIsNotSeenToGo() {
        tell(new NeighbourGone(reachable(A, 0xb)));
        assertThat(kernel.probed).containsExactly(new NeighbourKey(3, A));
        pass(9);
        assertThat(heard.all).hasSize(1);
        tell(new NeighbourSet(reachable(A, 0xb)));
        pass(100);
        assertThat(heard.all).hasSize(1);
    }

    @Test
    void aFlushedNeighbourThatDoesNotAnswerIsUnresolvedAfterTenMilliseconds() {
        tell(new NeighbourGone(reachable(A, 0xb)));
        pass(10);
        assertThat(heard.all.getLast()).isEqualTo(Map.of(A, new Unresolved(3, A)));
    }

    @Test
    void aNeighbourThatIsFlushedAgainAndAgainDoesNotKeepAnotherFromBeingTold() {
        for (int i = 0; i < 30; i++) {
            tell(new NeighbourGone(reachable(A, 0xb)));
            if (i == 5) tell(new NeighbourGone(reachable(B, 0xb)));
            pass(1);
            tell(new NeighbourSet(reachable(A, 0xb)));
        }
        assertThat(heard.now).containsEntry(B, new Unresolved(3, B)).containsEntry(A, new Resolved(3, 0xb, 0xa3, 1500));
    }

    @Test
    void aStaleNeighbourIsConfirmedAndNotMoreThanOnceInSixSeconds() {
        tell(new NeighbourSet(NextHopsTest.entry(3, A, 0xb, Neighbour.STALE)));
        assertThat(kernel.probed).containsExactly(new NeighbourKey(3, A));
        assertThat(heard.all).hasSize(1);
        pass(5_990);
        assertThat(kernel.probed).hasSize(1);
        pass(20);
        assertThat(kernel.probed).hasSize(2);
    }

    @Test
    void aPermanentNeighbourIsNeverProbed() {
        tell(new NeighbourSet(NextHopsTest.entry(3, A, 0xe, Neighbour.PERMANENT)));
        pass(20_000);
        assertThat(heard.now).containsEntry(A, new Resolved(3, 0xe, 0xa3, 1500));
        assertThat(kernel.probed).isEmpty();
    }

    @Test
    void aLinksMtuMacAndCarrierAreToldAtOnce() {
        tell(new LinkSet(NextHopsTest.link(3, 1400, true, true)));
        assertThat(heard.now).containsEntry(B, new Resolved(3, 0xb, 0xa3, 1400));
        tell(new LinkSet(NextHopsTest.link(3, 1400, true, false)));
        assertThat(heard.now).containsEntry(A, new Unreachable("b3 has no carrier"));
        tell(new NetworkChange.LinkGone(3));
        assertThat(heard.now).containsEntry(A, new Unreachable("interface 3 is gone"));
    }

    @Test
    void aMessageAboutALinkThatChangesNothingAsksNothing() {
        kernel.asked.clear();
        tell(new LinkSet(NextHopsTest.link(3, 1500, true, true)));
        pass(100);
        assertThat(kernel.asked).isEmpty();
    }

    @Test
    void nobodyIsProbedOverALinkThatIsDownAndEveryoneWhenItIsBack() {
        tell(new LinkSet(NextHopsTest.link(3, 1500, false, false)));
        tell(new NeighbourGone(reachable(A, 0xb)));
        tell(new NeighbourGone(reachable(B, 0xb)));
        pass(3_000);
        assertThat(kernel.probed).isEmpty();
        tell(new LinkSet(NextHopsTest.link(3, 1500, true, true)));
        assertThat(kernel.probed).containsExactlyInAnyOrder(new NeighbourKey(3, A), new NeighbourKey(3, B));
    }

    @Test
    void anAddressIsOursUntilItsLastPlaceIsGone() {
        Address first = new Address(3, NeighbourKey.numeric(FAR), 32, 0, 0, -1, -1);
        Address second = new Address(4, NeighbourKey.numeric(FAR), 32, 0, 0, -1, -1);
        tell(new NetworkChange.AddressSet(first));
        tell(new NetworkChange.AddressSet(second));
        tell(new NetworkChange.AddressSet(new Address(4, NeighbourKey.numeric(FAR), 32, 0, 0, 5, 9)));
        assertThat(heard.locals).containsExactly(Set.of(FAR));
        tell(new NetworkChange.AddressGone(second));
        assertThat(heard.locals).hasSize(1);
        tell(new NetworkChange.AddressGone(first));
        assertThat(heard.locals).containsExactly(Set.of(FAR), Set.of());
    }

    @Test
    void anAddressThatAnotherMachineHasIsNotOurs() {
        tell(new NetworkChange.AddressSet(
                new Address(3, NeighbourKey.numeric(FAR), 128, 0, Address.DUPLICATE, -1, -1)));
        assertThat(heard.locals).isEmpty();
    }

    @Test
    void aWantedAddressThatBecomesOursIsLocal() {
        kernel.routes.put(A, new Answer<>(new Route(Route.Kind.LOCAL, List.of(), null, 0)));
        tell(new NetworkChange.AddressSet(new Address(3, NeighbourKey.numeric(A), 32, 0, 0, -1, -1)));
        pass(10);
        assertThat(heard.now).containsEntry(A, new Local());
    }

    @Test
    void afterMissedEventsEverythingIsReadAgain() {
        kernel.links.put(3, NextHopsTest.link(3, 1300, true, true));
        reachable(A, 0xf);
        kernel.addresses.add(new Address(3, NeighbourKey.numeric(FAR), 24, 0, 0, -1, -1));
        following.missed(now);
        work();
        assertThat(heard.now)
                .containsEntry(A, new Resolved(3, 0xf, 0xa3, 1300))
                .containsEntry(B, new Resolved(3, 0xb, 0xa3, 1300));
        assertThat(heard.locals).containsExactly(Set.of(FAR));
        assertThat(following.counts().missed()).isOne();
        assertThat(following.counts().readings()).isEqualTo(2);
    }

    @Test
    void aTableThatCannotBeReadIsTriedAgain() {
        kernel.closed = true;
        following.missed(now);
        work();
        assertThat(following.counts().refused()).isOne();
        kernel.closed = false;
        kernel.links.put(3, NextHopsTest.link(3, 1300, true, true));
        pass(99);
        assertThat(heard.all).hasSize(1);
        pass(1);
        assertThat(heard.now).containsEntry(A, new Resolved(3, 0xb, 0xa3, 1300));
    }

    @Test
    void anUnreadableMessageIsAMissedOne() {
        tell(new NetworkChange.Unreadable(16));
        assertThat(following.counts().unreadable()).isOne();
        assertThat(following.counts().readings()).isEqualTo(2);
    }

    @Test
    void theLoadOfAskingEverythingIsBound() {
        int rounds = 0;
        for (int i = 0; i < 1_000; i++) {
            kernel.asked.clear();
            following.take(new RoutesChanged(), now);
            if (following.nanosUntilDue(now) == 0 && following.work(now)) following.spent(now, 20 * MILLI);
            if (!kernel.asked.isEmpty()) rounds++;
            now += MILLI;
        }
        assertThat(rounds).as("rounds of 20 ms in a second").isBetween(9, 11);
    }

    @Test
    void manyDestinationsAreAskedInTurnsBetweenWhichEventsAreHeard() {
        Set<IpAddress> many = new HashSet<>();
        for (int i = 0; i < 2 * Following.QUESTIONS_A_TURN; i++) many.add(IpAddress.v4(0xc6130000 + i));
        kernel.asked.clear();
        following.want(many);
        work();
        assertThat(kernel.asked).hasSize(Following.QUESTIONS_A_TURN);
        assertThat(following.nanosUntilDue(now)).isZero();
        work();
        assertThat(heard.now).containsKeys(many.toArray(IpAddress[]::new));
    }

    @Test
    void whatIsNoLongerWantedIsNotTold() {
        tell(new NeighbourSet(NextHopsTest.entry(3, A, 0, Neighbour.FAILED)));
        following.want(Set.of(B));
        kernel.probed.clear();
        tell(new NeighbourSet(reachable(A, 0xc)));
        pass(5_000);
        assertThat(heard.now).containsEntry(A, new Unresolved(3, A));
        assertThat(kernel.probed).isEmpty();
    }

    @Test
    void aPathMtuThatTheKernelDoesNotTellOfIsSeenInTheEnd() {
        pass(1);
        kernel.routes.put(A, NextHopsTest.via(3, A, 1280));
        pass(30_000);
        assertThat(heard.now).containsEntry(A, new Resolved(3, 0xb, 0xa3, 1280));
    }

    @Test
    void oneOfManyBehindAGatewayCostsOneNeighbourAndOneProbe() {
        Set<IpAddress> far = Set.of(FAR, IpAddress.of("198.19.0.2"), IpAddress.of("198.19.0.3"));
        IpAddress gateway = IpAddress.of("198.18.0.254");
        for (IpAddress each : far) kernel.routes.put(each, NextHopsTest.via(3, gateway, 0));
        following.want(far);
        work();
        assertThat(heard.now).containsEntry(FAR, new Unresolved(3, gateway));
        assertThat(kernel.probed).containsExactly(new NeighbourKey(3, gateway));
        tell(new NeighbourSet(reachable(gateway, 0x11)));
        assertThat(heard.all.getLast()).containsOnlyKeys(far);
    }
}
