package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.kernel.NextHop.Resolved;
import io.evenkeel.dataplane.kernel.NextHop.Unresolved;
import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NetlinkError;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetworkChange;
import io.evenkeel.linux.Route;
import io.evenkeel.model.IpAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the follower knows and what it has to do next. Events only mark what they touch; {@link #work} asks the kernel for
 * that and no more, and tells the listener. Does no I/O of its own and reads no clock: time is {@code nowNanos}. Owned by
 * one thread.
 *
 * <p>Any change of a link, address, route or rule may change any lookup, so all wanted destinations are asked again, once
 * for all events of {@link #COALESCE_NANOS}. A neighbour's change touches only the destinations behind it.
 */
final class Following {
    /** How long events that touch every lookup are gathered before all are asked again. */
    static final long COALESCE_NANOS = 10_000_000;

    /** A next hop that is lost but may be answered at once stays what it was for this long. */
    static final long HOLD_NANOS = 10_000_000;

    /** Lookups of one {@link #work}: between two of these, events are heard. */
    static final int QUESTIONS_A_TURN = 512;

    /** After all was asked again, the next time comes no sooner than this many times what it took. */
    static final int REST = 4;

    /** All are asked again this often unasked: the kernel does not tell when a path MTU is learnt or forgotten. */
    static final long REFRESH_NANOS = 30_000_000_000L;

    /** After the kernel did not let us read a table. */
    static final long READ_AGAIN_NANOS = 100_000_000;

    /** What the kernel is asked for; answered at once. */
    interface Kernel {
        NetlinkReply<Route> route(IpAddress destination);

        NetlinkReply<Neighbour> neighbour(NeighbourKey key);

        Optional<NetlinkError> resolve(NeighbourKey key);

        NetlinkReply<List<Link>> links();

        NetlinkReply<List<Address>> addresses();
    }

    /** One wanted destination. */
    private static final class Destination {
        @Nullable
        NetlinkReply<Route> route;

        @Nullable
        NeighbourKey neighbour;

        @Nullable
        NextHop told;

        long heldUntil;
        boolean held;
    }

    /** A destination whose old next hop is kept until then, unless that has been decided otherwise. */
    private record Held(IpAddress destination, long untilNanos) {}

    private final Kernel kernel;
    private final NextHopListener listener;
    private final Map<Integer, Link> links = new HashMap<>();
    private final LocalAddresses addresses = new LocalAddresses();
    private final Map<IpAddress, Destination> wanted = new HashMap<>();
    private final Neighbours neighbours;
    private final LinkedHashSet<IpAddress> toAsk = new LinkedHashSet<>();
    private final ArrayDeque<Held> held = new ArrayDeque<>();

    private boolean readDue = true;
    private long readAt;
    private boolean askAllDue;
    private long askAllAt;
    private long restUntil;
    private long roundNanos;
    private long refreshAt;

    private Map<IpAddress, NextHop> changed = new LinkedHashMap<>();
    private boolean addressesChanged;
    private boolean tablesChanged;

    private long events;
    private long unreadable;
    private long missed;
    private long readings;
    private long questions;
    private long changes;
    private long refused;
    private String lastRefusal = "";

    Following(Kernel kernel, NextHopListener listener, long nowNanos) {
        this.kernel = kernel;
        this.listener = listener;
        neighbours = new Neighbours(nowNanos);
        readAt = nowNanos;
        restUntil = nowNanos;
        refreshAt = nowNanos + REFRESH_NANOS;
    }

    /** These destinations and no others. New ones are asked in the next {@link #work}. */
    void want(Set<IpAddress> destinations) {
        for (IpAddress old : List.copyOf(wanted.keySet())) {
            if (destinations.contains(old)) continue;
            Destination gone = wanted.remove(old);
            if (gone != null && gone.neighbour != null) neighbours.release(gone.neighbour, old);
            toAsk.remove(old);
            changed.remove(old);
        }
        for (IpAddress destination : destinations) {
            if (wanted.putIfAbsent(destination, new Destination()) == null) toAsk.add(destination);
        }
    }

    /** The kernel has dropped events. */
    void missed(long nowNanos) {
        missed++;
        readAll(nowNanos);
    }

    private void readAll(long atNanos) {
        if (readDue) return;
        readDue = true;
        readAt = later(atNanos, restUntil);
    }

    private void askAll(long nowNanos) {
        tablesChanged = true;
        if (askAllDue) return;
        askAllDue = true;
        askAllAt = later(nowNanos + COALESCE_NANOS, restUntil);
    }

    /** The kernel told of a change. */
    void take(NetworkChange change, long nowNanos) {
        events++;
        switch (change) {
            case NetworkChange.LinkSet(Link link) -> setLink(link, nowNanos);
            case NetworkChange.LinkGone(int index) -> {
                if (links.remove(index) != null) linkChanged(index, nowNanos);
            }
            case NetworkChange.AddressSet(Address address) -> addressChanged(addresses.set(address), nowNanos);
            case NetworkChange.AddressGone(Address address) -> addressChanged(addresses.remove(address), nowNanos);
            case NetworkChange.NeighbourSet(Neighbour entry) -> setNeighbour(NeighbourKey.of(entry), entry, nowNanos);
            case NetworkChange.NeighbourGone(Neighbour entry) -> setNeighbour(NeighbourKey.of(entry), null, nowNanos);
            case NetworkChange.RoutesChanged() -> askAll(nowNanos);
            case NetworkChange.Irrelevant() -> {}
            case NetworkChange.Unreadable(int _) -> {
                unreadable++;
                readAll(nowNanos);
            }
        }
    }

    private void setLink(Link link, long nowNanos) {
        // Most messages about links are about what we do not look at.
        if (!link.equals(links.put(link.index(), link))) linkChanged(link.index(), nowNanos);
    }

    private void linkChanged(int index, long nowNanos) {
        askAll(nowNanos);
        neighbours.linkChanged(index, nowNanos);
        for (NeighbourKey key : neighbours.on(index)) retell(key, nowNanos);
    }

    private void addressChanged(boolean really, long nowNanos) {
        if (!really) return;
        addressesChanged = true;
        askAll(nowNanos);
    }

    private void setNeighbour(NeighbourKey key, @Nullable Neighbour entry, long nowNanos) {
        tablesChanged = true;
        if (neighbours.set(key, entry, nowNanos)) retell(key, nowNanos);
    }

    /** Nanoseconds until {@link #work} has something to do; 0 if it has now. */
    long nanosUntilDue(long nowNanos) {
        if (!toAsk.isEmpty() || !changed.isEmpty() || addressesChanged || tablesChanged) return 0;
        long soonest = neighbours.nanosUntilDue(nowNanos);
        if (readDue) soonest = Math.min(soonest, readAt - nowNanos);
        if (askAllDue) soonest = Math.min(soonest, askAllAt - nowNanos);
        Held first = held.peek();
        if (first != null) soonest = Math.min(soonest, first.untilNanos - nowNanos);
        if (!wanted.isEmpty()) soonest = Math.min(soonest, refreshAt - nowNanos);
        return Math.max(0, soonest);
    }

    /**
     * Asks what is due, sends probes that are due, tells the listener. Call it when {@link #nanosUntilDue} is 0, after the
     * events that wait have been taken.
     *
     * @return true if lookups were made: {@link #spent} wants to know how long it took
     */
    boolean work(long nowNanos) {
        if (readDue && nowNanos - readAt >= 0) readTables(nowNanos);
        if (!askAllDue && nowNanos - refreshAt >= 0) {
            askAllDue = true;
            askAllAt = nowNanos;
        }
        if (askAllDue && toAsk.isEmpty() && nowNanos - askAllAt >= 0) {
            askAllDue = false;
            toAsk.addAll(wanted.keySet());
        }
        boolean asked = ask(nowNanos);
        releaseHeld(nowNanos);
        probe(nowNanos);
        tell();
        return asked;
    }

    /** The {@link #work} that began at {@code nowNanos} took so long: bounds how often all is asked. */
    void spent(long nowNanos, long nanos) {
        roundNanos += nanos;
        restUntil = nowNanos + nanos + REST * roundNanos;
        if (!toAsk.isEmpty()) return;
        roundNanos = 0;
        refreshAt = nowNanos + REFRESH_NANOS;
    }

    private void readTables(long nowNanos) {
        readings++;
        if (!(kernel.links() instanceof Answer<List<Link>>(List<Link> allLinks))
                || !(kernel.addresses() instanceof Answer<List<Address>>(List<Address> allAddresses))) {
            refuse("reading the tables");
            readAt = nowNanos + READ_AGAIN_NANOS;
            return;
        }
        readDue = false;
        links.clear();
        for (Link link : allLinks) links.put(link.index(), link);
        addressesChanged |= addresses.replace(allAddresses);
        tablesChanged = true;
        neighbours.forget();
        askAllDue = false;
        toAsk.addAll(wanted.keySet());
    }

    private boolean ask(long nowNanos) {
        int asked = 0;
        while (asked < QUESTIONS_A_TURN && !toAsk.isEmpty()) {
            IpAddress destination = toAsk.removeFirst();
            Destination known = wanted.get(destination);
            if (known == null) continue;
            asked++;
            questions++;
            ask(destination, known, nowNanos);
        }
        return asked > 0;
    }

    private void ask(IpAddress destination, Destination known, long nowNanos) {
        NetlinkReply<Route> route = kernel.route(destination);
        NeighbourKey key = NextHops.neighbour(destination, route);
        known.route = route;
        if (known.neighbour != null && !known.neighbour.equals(key)) neighbours.release(known.neighbour, destination);
        known.neighbour = key;
        if (key != null && neighbours.use(key, destination)) {
            Neighbour entry = kernel.neighbour(key) instanceof Answer<Neighbour>(Neighbour found) ? found : null;
            neighbours.set(key, entry, nowNanos);
            retell(key, nowNanos);
        }
        retell(destination, known, nowNanos);
    }

    private void retell(NeighbourKey key, long nowNanos) {
        for (IpAddress destination : neighbours.users(key)) {
            Destination known = wanted.get(destination);
            if (known != null) retell(destination, known, nowNanos);
        }
    }

    /** Works out a destination's next hop, and notes it for the listener if it is another than before. */
    private void retell(IpAddress destination, Destination known, long nowNanos) {
        NetlinkReply<Route> route = known.route;
        if (route == null) return;
        NeighbourKey key = known.neighbour;
        Link link = key == null ? null : links.get(key.ifindex());
        Neighbour entry = key == null ? null : neighbours.entry(key);
        NextHop next = NextHops.of(destination, route, link, entry);
        if (next.equals(known.told)) {
            known.held = false;
            return;
        }
        if (mayReturn(known, next, entry) && hold(destination, known, nowNanos)) return;
        known.held = false;
        known.told = next;
        changed.put(destination, next);
    }

    /** An entry that was flushed, or a gateway that is new, is mostly answered within a millisecond. */
    private static boolean mayReturn(Destination known, NextHop next, @Nullable Neighbour entry) {
        boolean failed = entry != null && (entry.state() & Neighbour.FAILED) != 0;
        return known.told instanceof Resolved && next instanceof Unresolved && !failed;
    }

    /** True while the old next hop is kept. */
    private boolean hold(IpAddress destination, Destination known, long nowNanos) {
        if (known.held) return nowNanos - known.heldUntil < 0;
        known.held = true;
        known.heldUntil = nowNanos + HOLD_NANOS;
        held.add(new Held(destination, known.heldUntil));
        return true;
    }

    private void releaseHeld(long nowNanos) {
        while (true) {
            Held first = held.peek();
            if (first == null || nowNanos - first.untilNanos < 0) return;
            held.remove();
            Destination known = wanted.get(first.destination);
            if (known == null || !known.held || known.heldUntil != first.untilNanos) continue;
            retell(first.destination, known, nowNanos);
        }
    }

    private void probe(long nowNanos) {
        while (true) {
            NeighbourKey key = neighbours.takeProbe(nowNanos, links);
            if (key == null) return;
            kernel.resolve(key).ifPresent(error -> refuse("resolving " + key.address() + ": " + error.text()));
        }
    }

    private void refuse(String why) {
        refused++;
        lastRefusal = why;
    }

    private void tell() {
        if (tablesChanged) listener.tablesChanged();
        tablesChanged = false;
        if (addressesChanged) listener.localAddresses(addresses.all());
        addressesChanged = false;
        if (changed.isEmpty()) return;
        changes += changed.size();
        Map<IpAddress, NextHop> now = changed;
        changed = new LinkedHashMap<>();
        listener.nextHops(now);
    }

    FollowerCounts counts() {
        return new FollowerCounts(
                events,
                unreadable,
                missed,
                readings,
                questions,
                neighbours.probes(),
                neighbours.probesHeld(),
                changes,
                refused,
                lastRefusal);
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
