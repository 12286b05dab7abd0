package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.evenkeel.dataplane.Ability;
import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DataPlane;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.dataplane.Question;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfFilesystem;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The kernel plane: datagrams are forwarded by a BPF program at XDP, whatever this process does meanwhile. The contract's
 * rules say who may call what; beside them the thread {@code ek-netlink} keeps the ways to realservers fresh. What both
 * write is guarded by {@code this}.
 *
 * <p>A change is one aligned word, and the program reads it once a packet: whatever is received after the store is
 * treated the new way, so a change is complete at once. Only before the half that is not in force is written again, all
 * CPUs must have left it.
 */
public final class KernelPlane implements DataPlane {
    /** A new realserver's neighbour is mostly resolved within this, so that the first datagram finds its way. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private static final VarHandle WORD = JAVA_INT.varHandle();
    private static final long HALF = Abi.offset(Abi.CONTROL, "half");
    private static final long EPOCH = Abi.offset(Abi.CONTROL, "routes_epoch");
    private static final long STOPPING = Abi.offset(Abi.CONTROL, "stopping");

    /** What {@link #open} came to. */
    public sealed interface Opening {
        record Open(KernelPlane plane) implements Opening {}

        record Denied(Refused refused) implements Opening {}
    }

    /** A table in the half that is not in force. */
    private record Prepared(ForwardingTable table, ServiceNumbers.Numbered numbered, Groups groups, int half)
            implements Preparation.Ready {}

    /** Under which numbers a service and its realservers, by their slots, are counted. */
    private record Counted(int service, Map<Integer, Integer> servers) {}

    /**
     * Where a realserver is.
     *
     * @param direct only its MAC address says where a packet goes, so no gateway may be between (DR)
     */
    private record Destination(IpAddress address, boolean direct) {
        static Destination of(ForwardedServer server) {
            return new Destination(
                    server.endpoint().address(), server.forwarding() instanceof Forwarding.DirectRouting);
        }
    }

    private final KernelObject object;
    private final MapSizes sizes;
    private final Attachments attachments;
    private final Ways ways = new Ways();
    private final NextHopFollower follower;
    private final Thread followerThread;
    private final KernelCounters counters;
    private final TableHalf[] halves;
    private final Pins pins;
    private final ServiceNumbers services;
    private final ServerNumbers numbers;
    private final NextHopTable nextHops;
    private final OwnAddresses own;
    private final Explainer explainer;
    private final SplittableRandom random = new SplittableRandom();
    private final Inheritance inheritance;
    private Set<IpAddress> ownNow;
    private Map<Integer, Destination> destinations = Map.of(); // by realserver's number
    private final FlowTable flows;
    private final FlowSweeper sweeper;
    private Groups groups;
    private int inForce; // the half
    private Set<ServerNumbers.Place> standing; // in the table in force
    private boolean untouched; // another process's table is in force still
    private volatile boolean left;
    private Grace grace = Grace.OVER;
    private boolean replies;
    private volatile Map<Integer, Counted> counted = Map.of(); // by service slot
    private volatile List<String> shortages = List.of();
    private boolean closed;

    /** What the kernel plane can do, on any machine that can run it. */
    public static PlaneLimits limitsHere(int workers) {
        return new PlaneLimits(
                "kernel",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true,
                EnumSet.allOf(Ability.class),
                Abi.MOST_CANDIDATES,
                workers);
    }

    /**
     * Loads the program, with the maps that another process of this instance has left in force if there are, and starts
     * following. Nothing is attached before the first table, and what is in force stays so until then.
     *
     * @param directory where the verifier's log goes if the kernel refuses the program
     * @param instance names what is kept in the bpf filesystem
     * @param events hears of a broken follower; must neither block nor throw
     */
    public static Opening open(Path directory, Instance instance, Consumer<PlaneEvent> events) {
        if (KernelSupport.probe() instanceof KernelSupport.Lacking(List<Refused> missing)) {
            List<String> texts = missing.stream().map(Refused::toString).toList();
            return new Opening.Denied(new Refused("the kernel plane " + String.join("; it ", texts), ""));
        }
        Path filesystem = BpfFilesystem.find().orElseThrow();
        return switch (Pins.open(filesystem, instance.name(), Abi.VERSION)) {
            case Pins.Opening.Denied(Refused refused) -> new Opening.Denied(refused);
            case Pins.Opening.Open(Pins pins) -> {
                Opening opening = open(directory, pins, events);
                if (opening instanceof Opening.Denied) {
                    pins.removeDirectories();
                    pins.close();
                }
                yield opening;
            }
        };
    }

    private static Opening open(Path directory, Pins pins, Consumer<PlaneEvent> events) {
        byte[] elf = KernelObject.bytes().orElseThrow();
        Bpf bpf = Bpf.load(Bpf.LIBRARY);
        return switch (Takeover.begin(bpf, elf, MapSizes.USUAL, pins, directory.resolve("verifier.log"))) {
            case Takeover.Begun.Denied(Refused refused) -> new Opening.Denied(refused);
            case Takeover.Begun.With(KernelObject object, boolean inherits) -> {
                try {
                    yield new Opening.Open(new KernelPlane(bpf, object, inherits, pins, events));
                } catch (IOException | SyscallException refused) {
                    object.close();
                    yield new Opening.Denied(new Refused(String.valueOf(refused.getMessage()), ""));
                }
            }
        };
    }

    private KernelPlane(Bpf bpf, KernelObject object, boolean inherits, Pins pins, Consumer<PlaneEvent> events)
            throws IOException {
        this.object = object;
        this.pins = pins;
        sizes = object.sizes();
        attachments = new Attachments(bpf, object, pins);
        counters = new KernelCounters(object.maps(), sizes);
        services = new ServiceNumbers(sizes.services());
        numbers = new ServerNumbers(sizes.servers());
        halves = new TableHalf[] {
            new TableHalf(0, sizes, object.maps(), numbers), new TableHalf(1, sizes, object.maps(), numbers)
        };
        flows = new FlowTable(object.maps(), sizes);
        nextHops = new NextHopTable(object.maps().nextHops(), sizes);
        own = new OwnAddresses(object.maps(), sizes);
        explainer = new Explainer(object);
        ownNow = own.all();
        Inherited inherited = Inherited.read(object.maps(), sizes);
        inForce = inherited.half();
        groups = Groups.inherited(inherited.groups());
        standing = inherit(inherited);
        inheritance = inherited.forDirector(counters);
        untouched = inherits;
        WORD.setRelease(object.maps().control(), STOPPING, 0); // the last one may have died while it stopped
        follower = new NextHopFollower(new Listener());
        sweeper = FlowSweeper.start(flows, bug -> events.accept(new PlaneEvent.WorkerFailed(0, bug)));
        followerThread = Thread.ofPlatform().name("ek-netlink").daemon(true).start(() -> follow(events));
    }

    /** Everybody keeps the number that turns, counters and flows stand under. */
    private Set<ServerNumbers.Place> inherit(Inherited inherited) {
        services.inherit(inherited.services());
        Set<ServerNumbers.Place> places = new HashSet<>();
        for (Inherited.Server server : inherited.servers()) {
            numbers.inherit(server.place(), server.number(), server.generation());
            nextHops.inherit(server.number(), server.nextHop());
            places.add(server.place());
        }
        flows.generations().forEach(numbers::avoid);
        return places;
    }

    @Override
    public Inheritance inheritance() {
        return inheritance;
    }

    private void follow(Consumer<PlaneEvent> events) {
        try {
            follower.run();
        } catch (RuntimeException | Error bug) {
            events.accept(new PlaneEvent.WorkerFailed(0, bug));
        }
    }

    @Override
    public PlaneLimits limits() {
        return limitsHere(Runtime.getRuntime().availableProcessors());
    }

    @Override
    public Preparation prepare(ForwardingTable table) {
        try {
            findWays(table);
            grace.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        attachments.refresh();
        if (attachments.none()) {
            String why = attachments.refusals().isEmpty()
                    ? "no Ethernet interface is up and has an address"
                    : String.join("; ", attachments.refusals());
            return new Preparation.Denied(Optional.empty(), new Refused(why, ""));
        }
        return load(table);
    }

    /** Follows the ways to the table's realservers and to those in force, and gives those that are new a moment. */
    private void findWays(ForwardingTable table) throws InterruptedException {
        Set<IpAddress> wanted = new HashSet<>();
        for (ForwardedService service : table.services()) {
            for (ForwardedServer server : service.servers()) {
                wanted.add(server.endpoint().address());
            }
        }
        Set<IpAddress> fresh = new HashSet<>(wanted);
        synchronized (this) {
            for (Destination known : destinations.values()) {
                fresh.remove(known.address());
                wanted.add(known.address());
            }
        }
        follower.follow(wanted);
        ways.keepOnly(wanted);
        ways.await(fresh, PATIENCE);
    }

    /** Nobody reads the half that is not in force any more. */
    private synchronized Preparation load(ForwardingTable table) {
        halves[1 - inForce].clear();
        for (int number : numbers.keepOnly(standing)) {
            counters.forgetServer(number);
            nextHops.forget(number);
        }
        Optional<ServiceNumbers.Numbered> numbered = services.of(table);
        if (numbered.isEmpty()) {
            String what = "more virtual services than the kernel plane's maps hold: " + sizes.services();
            return new Preparation.Denied(Optional.empty(), new Refused(what, ""));
        }
        numbered.get().begun().forEach(counters::forgetService);
        Map<Integer, Destination> all = new HashMap<>(destinations);
        for (ForwardedService service : table.services()) {
            for (ForwardedServer server : service.servers()) {
                int number = numbers.of(new ServerNumbers.Place(service.key(), server.endpoint()));
                if (number < 0) continue; // the half will say so
                all.put(number, Destination.of(server));
                begin(number, Destination.of(server));
            }
        }
        int half = 1 - inForce;
        Groups next = groups.of(numbered.get().table());
        Optional<Refused> refused = halves[half].load(numbered.get().table(), next, nextHops::of, random.nextLong());
        if (refused.isPresent()) return new Preparation.Denied(Optional.empty(), refused.get());
        destinations = all;
        return new Prepared(table, numbered.get(), next, half);
    }

    /** As {@link #lead}; but a way that another process knew holds until the kernel has told us. */
    private void begin(int number, Destination destination) {
        NextHop way = ways.of(destination.address());
        boolean untold = way == null || way instanceof NextHop.Unresolved;
        if (!untold || !nextHops.inherited(number)) lead(number, destination);
    }

    /** Writes the way to a realserver as it is known now. */
    private void lead(int number, Destination destination) {
        int place = switch (ways.of(destination.address())) {
            case NextHop.Resolved way when destination.direct() && !way.onLink() -> nextHops.forget(number);
            case NextHop.Resolved way -> nextHops.put(number, way);
            case NextHop.Local _ -> nextHops.local(number);
            case NextHop.Unresolved _, NextHop.Unreachable _ -> nextHops.forget(number);
            case null -> nextHops.forget(number);
        };
        for (TableHalf half : halves) half.reroute(number, place);
    }

    @Override
    public synchronized CompletableFuture<Void> commit(Preparation.Ready ready) {
        Prepared prepared = (Prepared) ready;
        // A removed service is counted until its slot is given to another; its realservers' numbers are not kept.
        Map<Integer, Counted> next = new HashMap<>();
        counted.forEach((slot, gone) -> next.put(slot, new Counted(gone.service(), Map.of())));
        Map<Integer, Destination> current = new HashMap<>();
        Set<ServerNumbers.Place> places = new HashSet<>();
        replies = false;
        Map<Integer, Map<Integer, Integer>> byNumber = new HashMap<>();
        for (ForwardedService service : prepared.numbered().table().services()) {
            Map<Integer, Integer> servers = new HashMap<>();
            for (ForwardedServer server : service.servers()) {
                ServerNumbers.Place place = new ServerNumbers.Place(service.key(), server.endpoint());
                int number = numbers.of(place);
                places.add(place);
                servers.put(server.slot(), number);
                current.put(number, Destination.of(server));
            }
            byNumber.put(service.slot(), Map.copyOf(servers));
            replies |= service.responses() != 0;
        }
        prepared.numbered()
                .bySlot()
                .forEach((slot, number) ->
                        next.put(slot, new Counted(number, byNumber.getOrDefault(number, Map.of()))));
        FlowTable.Move move = flows.move(prepared.groups().moved(groups), prepared.groups());
        WORD.setRelease(object.maps().control(), HALF, prepared.half());
        move.finish();
        services.inForce(prepared.numbered());
        standing = places;
        untouched = false;
        groups = prepared.groups();
        inForce = prepared.half();
        grace = Grace.begin();
        destinations = current;
        counted = Map.copyOf(next);
        explainer.inForce(prepared.half(), prepared.numbered().table(), Map.copyOf(byNumber));
        shortages = attachments.refusals();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void abandon(Preparation.Ready ready) {
        // It stands in a half that nobody reads, until the next one is written over it.
    }

    @Override
    public synchronized CompletableFuture<Void> flip(ServerFlip flip) {
        int service = services.ofSlot(flip.serviceSlot());
        ServerFlip numbered = new ServerFlip(service, flip.serverSlot(), flip.usability(), flip.generation());
        for (TableHalf half : halves) half.flip(numbered);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CountersSnapshot counters() {
        Map<Integer, ServiceCounters> bySlot = new HashMap<>();
        Set<Integer> all = new HashSet<>();
        counted.forEach((slot, its) -> {
            bySlot.put(slot, counters.service(its.service(), its.servers()));
            all.add(its.service());
        });
        Map<PathCounter, Long> paths = new EnumMap<>(PathCounter.class);
        paths.put(PathCounter.XDP_PASSED_UP, counters.passedUp());
        paths.put(PathCounter.REPLIES_BY_STACK, counters.byStack(all));
        paths.put(PathCounter.EGRESS_REWRITTEN, counters.rewritten());
        paths.put(PathCounter.EGRESS_SPOILT, counters.spoilt());
        paths.put(PathCounter.ICMP_SENT, counters.complaints());
        paths.put(PathCounter.ICMP_SPARED, counters.complaintsSpared());
        paths.put(PathCounter.ICMP_BACK, counters.errorsBack());
        paths.put(PathCounter.ICMP_IN, counters.errorsIn());
        paths.put(PathCounter.ICMP_LOST, counters.errorsLost());
        paths.put(PathCounter.FRAGMENTS_FOLLOWED, counters.pieces());
        paths.put(PathCounter.FRAGMENTS_LOST, counters.piecesLost());
        paths.put(PathCounter.SOURCE_TRANSLATED, counters.translated(all));
        paths.put(PathCounter.AFFINITY_FULL, counters.unremembered(all));
        return new CountersSnapshot(System.nanoTime(), bySlot, paths);
    }

    @Override
    public CompletableFuture<Explanation> explain(Question question) {
        return explainer.explain(question);
    }

    @Override
    public List<String> shortages() {
        return shortages;
    }

    @Override
    public synchronized CompletableFuture<Void> stopTaking(Duration grace) {
        WORD.setRelease(object.maps().control(), STOPPING, 1);
        CompletableFuture<Void> done = new CompletableFuture<>();
        // Nothing is remembered of who waits for a reply: all get the same time.
        return replies
                ? done.completeOnTimeout(null, grace.toNanos(), TimeUnit.NANOSECONDS)
                : done.completeAsync(() -> null);
    }

    @Override
    public Optional<Refused> leave() {
        left = true;
        return Optional.empty();
    }

    /**
     * Takes the programs off all interfaces and forgets everything; but after {@link #leave}, and when what another
     * process has left was never replaced by a table of ours, that stays in force.
     */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        boolean stays = left || untouched;
        if (stays) attachments.leave();
        else attachments.close();
        follower.stop();
        boolean interrupted = false;
        while (followerThread.isAlive()) {
            try {
                followerThread.join();
            } catch (InterruptedException e) {
                interrupted = true; // its memory must not go before it
            }
        }
        follower.close();
        sweeper.stop();
        explainer.close();
        object.close();
        letPinsGo(stays);
        if (interrupted) Thread.currentThread().interrupt();
    }

    private void letPinsGo(boolean stays) {
        try {
            if (!stays) pins.remove();
        } catch (IOException refused) {
            throw new UncheckedIOException("cannot remove what is pinned under " + pins.set(), refused);
        } finally {
            pins.close();
        }
    }

    /** On ek-netlink. */
    private final class Listener implements NextHopListener {
        @Override
        public void nextHops(Map<IpAddress, NextHop> changed) {
            ways.tell(changed);
            synchronized (KernelPlane.this) {
                destinations.forEach((number, destination) -> {
                    if (changed.containsKey(destination.address())) lead(number, destination);
                });
            }
        }

        @Override
        public void localAddresses(Set<IpAddress> all) {
            synchronized (KernelPlane.this) {
                List<IpAddress> added = new ArrayList<>(all);
                added.removeAll(ownNow);
                List<IpAddress> removed = new ArrayList<>(ownNow);
                removed.removeAll(all);
                for (IpAddress address : added) own.add(address);
                for (IpAddress address : removed) own.remove(address);
                ownNow = Set.copyOf(all);
            }
        }

        @Override
        public void tablesChanged() {
            int epoch = (int) WORD.getAcquire(object.maps().control(), EPOCH);
            WORD.setRelease(object.maps().control(), EPOCH, epoch + 1);
        }
    }
}
