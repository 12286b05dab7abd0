package io.evenkeel.director;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DataPlane;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.dataplane.Question;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A plane in memory: it records what it is told, keeps one usability and generation a slot as a worker would, counts
 * what a test lets it forward, and holds its caller to the contract.
 */
final class TestPlane implements DataPlane {
    static final PlaneLimits SOCKET = new PlaneLimits(
            "socket",
            Optional.of(new Refused("it has no link layer", "use the kernel plane")),
            Optional.of(new Refused("it has no link layer", "use the kernel plane")),
            Optional.of(new Refused("CAP_NET_ADMIN is missing", "grant CAP_NET_ADMIN")),
            false,
            Set.of(),
            1_024,
            1);

    record Slot(int service, int server) {}

    record Standing(Usability usability, int generation) {}

    record Prepared(ForwardingTable table) implements Preparation.Ready {}

    /** Everything it was told, in order, for a person. */
    final List<String> calls = new ArrayList<>();

    final Map<Slot, Standing> standing = new HashMap<>();
    final Map<Slot, Long> forwarded = new HashMap<>();
    private final Map<Integer, Long> byService = new HashMap<>();
    private final Map<Integer, ServiceKey> serviceOwner = new HashMap<>();
    private final Map<Slot, Endpoint> serverOwner = new HashMap<>();
    private final Map<Slot, Integer> highest = new HashMap<>();
    private final List<CompletableFuture<Void>> held = new ArrayList<>();
    PlaneLimits limits = SOCKET;
    ForwardingTable table = new ForwardingTable(0, List.of(), 0, List.of());
    Optional<Refused> refuses = Optional.empty();
    List<String> shortages = List.of();
    Inheritance inheritance = Inheritance.NONE;
    boolean holding;
    boolean stopping;
    int counterReadings;
    /** Counters of a removed service vanish with it, instead of staying until its slot is given away. */
    boolean forgetsRemoved;

    private @Nullable Prepared prepared;

    @Override
    public Inheritance inheritance() {
        return inheritance;
    }

    @Override
    public PlaneLimits limits() {
        return limits;
    }

    @Override
    public Preparation prepare(ForwardingTable next) {
        if (prepared != null) throw new AssertionError("prepared twice without commit or abandon");
        if (next.version() <= table.version()) throw new AssertionError("version " + next.version() + " is not new");
        contract(next);
        if (refuses.isPresent()) {
            calls.add("refuse " + next.version());
            return new Preparation.Denied(Optional.of(next.services().getFirst().key()), refuses.get());
        }
        calls.add("prepare " + next.version());
        prepared = new Prepared(next);
        return prepared;
    }

    private static void contract(ForwardingTable next) {
        Set<Integer> services = new HashSet<>();
        for (ForwardedService service : next.services()) {
            if (!services.add(service.slot())) throw new AssertionError("service slot twice: " + service.slot());
            Set<Integer> servers = new HashSet<>();
            Set<Endpoint> endpoints = new HashSet<>();
            for (ForwardedServer server : service.servers()) {
                if (!servers.add(server.slot())) throw new AssertionError("server slot twice: " + server.slot());
                if (!endpoints.add(server.endpoint())) throw new AssertionError("twice: " + server.endpoint());
            }
        }
    }

    @Override
    public CompletableFuture<Void> commit(Preparation.Ready ready) {
        if (!ready.equals(prepared)) throw new AssertionError("commits what was not prepared last");
        prepared = null;
        table = ready.table();
        calls.add("commit " + table.version());
        standing.clear();
        for (ForwardedService service : table.services()) {
            if (!service.key().equals(serviceOwner.put(service.slot(), service.key()))) {
                forwarded.keySet().removeIf(slot -> slot.service == service.slot());
                byService.remove(service.slot());
            }
            for (ForwardedServer server : service.servers()) {
                Slot slot = new Slot(service.slot(), server.slot());
                if (!server.endpoint().equals(serverOwner.put(slot, server.endpoint()))) forwarded.remove(slot);
                stands(slot, server.usability(), server.generation());
            }
        }
        return acknowledged();
    }

    @Override
    public void abandon(Preparation.Ready ready) {
        calls.add("abandon " + ready.table().version());
        prepared = null;
    }

    @Override
    public CompletableFuture<Void> flip(ServerFlip flip) {
        calls.add("flip " + flip.serviceSlot() + "/" + flip.serverSlot() + " " + flip.usability());
        Slot slot = new Slot(flip.serviceSlot(), flip.serverSlot());
        if (!standing.containsKey(slot)) throw new AssertionError("flips what is not in the table: " + flip);
        stands(slot, flip.usability(), flip.generation());
        return acknowledged();
    }

    private void stands(Slot slot, Usability usability, int generation) {
        Integer before = highest.merge(slot, generation, Math::max);
        if (before > generation) throw new AssertionError("generation of " + slot + " went down to " + generation);
        standing.put(slot, new Standing(usability, generation));
    }

    private CompletableFuture<Void> acknowledged() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (holding) held.add(done);
        else done.complete(null);
        return done;
    }

    /** Acknowledges all that was held back. */
    void release() {
        holding = false;
        List<CompletableFuture<Void>> now = List.copyOf(held);
        held.clear();
        now.forEach(done -> done.complete(null));
    }

    /** Lets the realserver get so many datagrams, whatever its state. */
    void forward(ServiceKey key, Endpoint server, long count) {
        TestPlane.Slot slot = slot(key, server);
        forwarded.merge(slot, count, Long::sum);
        byService.merge(slot.service, count, Long::sum);
    }

    Slot slot(ServiceKey key, Endpoint endpoint) {
        ForwardedService service = service(key);
        return new Slot(service.slot(), server(key, endpoint).slot());
    }

    ForwardedService service(ServiceKey key) {
        return table.services().stream()
                .filter(s -> s.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + key));
    }

    ForwardedServer server(ServiceKey key, Endpoint endpoint) {
        return service(key).servers().stream()
                .filter(s -> s.endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + endpoint));
    }

    /** What a worker would do with the realserver now. */
    Usability usability(ServiceKey key, Endpoint endpoint) {
        return standing(slot(key, endpoint)).usability;
    }

    Standing standing(Slot slot) {
        Standing now = standing.get(slot);
        if (now == null) throw new AssertionError("not in the plane: " + slot);
        return now;
    }

    @Override
    public CountersSnapshot counters() {
        counterReadings++;
        Map<Integer, List<ServerCounters>> servers = new TreeMap<>();
        forwarded.forEach((slot, count) -> servers.computeIfAbsent(slot.service, _ -> new ArrayList<>())
                .add(new ServerCounters(slot.server, count, 0, 0)));
        Map<Integer, ServiceCounters> services = new HashMap<>();
        byService.forEach((slot, sum) -> {
            if (forgetsRemoved && table.service(slot) == null) return;
            services.put(
                    slot,
                    new ServiceCounters(
                            sum, sum, 0, 0, 0, Map.of(), Map.of(), 0, servers.getOrDefault(slot, List.of())));
        });
        return new CountersSnapshot(0, services, Map.of());
    }

    @Override
    public CompletableFuture<Explanation> explain(Question question) {
        return CompletableFuture.completedFuture(
                new Explanation.Unknown(new Refused("this plane knows nothing of " + question.destination(), "")));
    }

    @Override
    public List<String> shortages() {
        return shortages;
    }

    @Override
    public CompletableFuture<Void> stopTaking(Duration grace) {
        stopping = true;
        calls.add("stopTaking " + grace);
        return acknowledged();
    }

    @Override
    public void close() {
        calls.add("close");
    }
}
