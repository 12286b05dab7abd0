package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.DataPlane;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.dataplane.Question;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.linux.Libc;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The socket plane: ordinary sockets driven in batches by a few workers. No privilege, no kernel feature beyond Linux
 * 5.0's UDP_GRO and UDP_SEGMENT.
 *
 * <p>Threads: the director's thread alone calls prepare, commit, abandon, flip, stopTaking and close; counters may be read
 * from any. Futures complete on a worker's thread, so what depends on them must only post. Events come on workers'
 * threads.
 */
public final class SocketPlane implements DataPlane {
    private final List<Reactor> reactors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final PlaneLimits limits;
    private final IntSupplier openFileLimit;
    private final ReplyPorts.Limit portLimit = new ReplyPorts.Limit();
    private final StreamPool.Room streamRoom = new StreamPool.Room(0);
    private final PlanePreparation preparation;
    private volatile Map<ServiceKey, LiveService> live = Map.of();
    private volatile List<String> shortages = List.of();
    private boolean closed;

    /**
     * Starts the workers; nothing is forwarded before the first commit.
     *
     * @param workers threads that forward, ≥ 1
     * @param events taken on workers' threads; must neither block nor throw
     */
    public SocketPlane(int workers, Consumer<PlaneEvent> events) {
        this(workers, events, SendGather.MAX_SEGMENTS, Libc::openFileLimit);
    }

    /**
     * @param mostSegments 1 sends every datagram by itself: for tests that compare the ways
     * @param openFileLimit asked at every table: an operator may change it (prlimit)
     */
    SocketPlane(int workers, Consumer<PlaneEvent> events, int mostSegments, IntSupplier openFileLimit) {
        this.openFileLimit = openFileLimit;
        limits = SocketLimits.here(workers);
        for (int i = 0; i < workers; i++) reactors.add(new Reactor(i, portLimit, streamRoom, events, mostSegments));
        preparation = new PlanePreparation(reactors, limits, openFileLimit);
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().name("ek-plane-" + i).daemon(true).start(reactors.get(i)));
        }
    }

    /** What a socket plane could do on this machine, without opening one. */
    public static PlaneLimits limitsHere(int workers) {
        return SocketLimits.here(workers);
    }

    @Override
    public PlaneLimits limits() {
        return limits;
    }

    @Override
    public Preparation prepare(ForwardingTable table) {
        return preparation.prepare(table, live);
    }

    @Override
    public CompletableFuture<Void> commit(Preparation.Ready ready) {
        PreparedTable prepared = (PreparedTable) ready;
        Map<ServiceKey, LiveService> next = new HashMap<>();
        for (PreparedService service : prepared.services()) {
            service.live().adopt(service.compiled());
            service.live().oneWayOpened(service);
            next.put(service.live().key, service.live());
        }
        List<LiveService> removed = live.values().stream()
                .filter(service -> next.get(service.key) != service)
                .toList();
        grant(prepared.table());
        live = Map.copyOf(next);
        return everyWorker(done -> new Command.Install(prepared.services(), removed, done));
    }

    /** Sets the bounds of all that is opened on demand. */
    private void grant(ForwardingTable table) {
        int range = SocketLimits.portRange();
        int mostPorts = ReplyPorts.mostWithin(range, table.replyAddresses().size());
        DescriptorBudget.Demand demand = DescriptorBudget.Demand.of(table, reactors.size(), mostPorts);
        DescriptorBudget budget = DescriptorBudget.split(openFileLimit.getAsInt(), demand);
        portLimit.set(budget.replyPorts().granted(), table.replyAddresses());
        streamRoom.set(budget.connections().granted());
        List<String> lacking = new ArrayList<>(budget.shortages());
        if (demand.replyPorts() > 0 && table.replyPorts() > mostPorts) {
            lacking.add("room for " + mostPorts + " back ports for replies where reply_ports wants "
                    + table.replyPorts() + ": the system gives out " + range
                    + " ports (widen net.ipv4.ip_local_port_range, or list more reply_addresses)");
        }
        shortages = List.copyOf(lacking);
    }

    @Override
    public List<String> shortages() {
        return shortages;
    }

    /** Why {@code workers} could not even start under this process's limits; empty if they can. Opens nothing. */
    public static Optional<Refused> lacking(int workers) {
        return DescriptorBudget.shortOf(Libc.openFileLimit(), (long) workers * DescriptorBudget.PER_WORKER);
    }

    @Override
    public void abandon(Preparation.Ready ready) {
        ((PreparedTable) ready).close();
    }

    @Override
    public CompletableFuture<Void> flip(ServerFlip flip) {
        return everyWorker(done -> new Command.Flip(flip, done));
    }

    private CompletableFuture<Void> everyWorker(Function<Acknowledgement, Command> command) {
        Acknowledgement done = new Acknowledgement(reactors.size());
        Command same = command.apply(done);
        for (Reactor reactor : reactors) reactor.post(same);
        return done.future;
    }

    @Override
    public CountersSnapshot counters() {
        return CounterReading.of(live.values(), reactors);
    }

    @Override
    public CompletableFuture<Explanation> explain(Question question) {
        Inquiry inquiry = new Inquiry(question, question.reply() ? null : asked(question), reactors.size());
        // Put together on a thread of its own: workers have packets to see to.
        return everyWorker(done -> new Command.Explain(inquiry, done)).thenApplyAsync(_ -> inquiry.answer());
    }

    /** The service that gets a packet, as the kernel chooses among sockets: by its address, else one on any address. */
    private @Nullable LiveService asked(Question question) {
        Endpoint to = question.destination();
        Map<ServiceKey, LiveService> now = live;
        LiveService exact = now.get(new ServiceKey(question.protocol(), to));
        if (exact != null) return exact;
        IpAddress any = new IpAddress(to.address().v6(), 0, 0);
        return now.get(new ServiceKey(question.protocol(), new Endpoint(any, to.port())));
    }

    @Override
    public CompletableFuture<Void> stopTaking(Duration grace) {
        long deadline = System.nanoTime() + grace.toNanos();
        return everyWorker(done -> new Command.StopTaking(deadline, done));
    }

    /** Stops the workers and closes every socket; returns when they have ended. */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        everyWorker(Command.End::new);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true; // the sockets must be closed first
                }
            }
        }
        for (Reactor reactor : reactors) reactor.closeWake();
        if (interrupted) Thread.currentThread().interrupt();
    }
}
