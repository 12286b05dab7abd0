package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfProgram;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loaded program with tables, without interfaces: for test runs. Packets come in on interface 1, which is the loopback
 * of the calling thread's namespace.
 */
final class ProgramRig implements AutoCloseable {
    static final int ABORTED = 0;
    static final int DROP = 1;
    static final int PASS = 2;
    static final int TX = 3;
    static final int REDIRECT = 4;

    static final String OUT_MAC = "02:00:00:00:00:07";
    static final String OWN = "198.18.0.7";
    static final String OWN6 = "2001:db8::7";
    static final MapSizes SMALL = new MapSizes(16, 64, 32_768, 64, 32);
    static final MapSizes ROOMY = new MapSizes(16, 64, 32_768, 65_536, 65_536);

    private static final int IN = 1;
    private static final int OUT = 7;
    private static final int MTU = 1_500;

    private static final VarHandle WORD = JAVA_LONG.varHandle();

    private final MapSizes sizes;
    private final KernelObject object;
    private final TableHalf[] halves;
    private final ServerNumbers numbers;
    private final NextHopTable nextHops;
    private final KernelCounters counters;
    private final FlowTable flows;
    private @Nullable ClientNet net;
    private final Set<ServerNumbers.Place> standing = new HashSet<>(); // in the table that is committed last
    private final Map<Integer, Map<Integer, Integer>> given = new HashMap<>(); // service slot → server slot → number
    private Groups groups = Groups.NONE;
    private int half;

    /**
     * A place of the flow table that is taken.
     *
     * @param port the client's
     * @param group of its service; of a template the service
     */
    record Flow(boolean wide, long at, int port, int group, int owner, int generation, int last, int octet) {
        FlowState state() {
            return FlowState.of(octet).orElseThrow();
        }

        boolean answered() {
            return (octet & FlowState.ANSWERED) != 0;
        }
    }

    private ProgramRig(KernelObject object, MapSizes sizes) {
        this.object = object;
        this.sizes = sizes;
        numbers = new ServerNumbers(sizes.servers());
        halves = new TableHalf[] {
            new TableHalf(0, sizes, object.maps(), numbers), new TableHalf(1, sizes, object.maps(), numbers)
        };
        nextHops = new NextHopTable(object.maps().nextHops(), sizes);
        counters = new KernelCounters(object.maps(), sizes);
        flows = new FlowTable(object.maps(), sizes);
        MemorySegment in = object.maps().interfaces().asSlice(IN * Abi.INTERFACE.byteSize());
        MemorySegment.copy(
                MemorySegment.ofArray(Frame.mac("02:00:00:00:00:01")), 0, in, Abi.offset(Abi.INTERFACE, "address"), 6);
        in.set(JAVA_INT, 0, IN);
        OwnAddresses own = new OwnAddresses(object.maps(), sizes);
        own.add(IpAddress.of(OWN));
        own.add(IpAddress.of(OWN6));
    }

    static ProgramRig load(Path directory) {
        return load(directory, SMALL);
    }

    static ProgramRig load(Path directory, MapSizes sizes) {
        byte[] elf = KernelObject.bytes().orElseThrow();
        return new ProgramRig(KernelObject.load(Bpf.load(Bpf.LIBRARY), elf, sizes, directory.resolve("log")), sizes);
    }

    /** A one-packet service; realserver i is 198.18.1.(i + 1):6514. */
    static ForwardedService service(int slot, String vip, int... weights) {
        return new Serving(slot, vip).onePacket().weights(weights).build();
    }

    /** Forgets flows, loads and counters, but neither tables nor turns. */
    void reset() {
        MapMemory maps = object.maps();
        for (MemorySegment each : List.of(
                maps.flows(),
                maps.wideFlows(),
                maps.loads(),
                maps.serviceCounts(),
                maps.serverCounts(),
                maps.passCounts())) {
            each.fill((byte) 0);
        }
    }

    void commit(Serving... services) {
        commit(Arrays.stream(services).map(Serving::build).toArray(ForwardedService[]::new));
    }

    void commit(ForwardedService... services) {
        standing.clear();
        for (ForwardedService service : services) {
            for (ForwardedServer server : service.servers()) {
                int number = number(service, server);
                if (nextHops.of(number) > NextHopTable.LOCAL) continue;
                IpAddress from = IpAddress.of(server.endpoint().address().v6() ? OWN6 : OWN);
                long to = 0x0200_0000_0101L + server.slot();
                nextHops.put(number, new NextHop.Resolved(OUT, to, 0x0200_0000_0007L, MTU, from, true));
            }
        }
        ForwardingTable table = table(services);
        Groups next = groups.of(table);
        halves[1 - half].load(table, next, nextHops::of, 42).ifPresent(refused -> {
            throw new AssertionError(refused.toString());
        });
        FlowTable.Move move = flows.move(next.moved(groups), next);
        half ^= 1;
        object.maps().control().set(JAVA_INT, Abi.offset(Abi.CONTROL, "half"), half);
        move.finish();
        groups = next;
    }

    private static ForwardingTable table(ForwardedService... services) {
        return new ForwardingTable(1, List.of(services), 0, List.of());
    }

    static ForwardingTable table(Serving... services) {
        return table(Arrays.stream(services).map(Serving::build).toArray(ForwardedService[]::new));
    }

    /** The service with an upper threshold for each realserver. */
    static ForwardedService withThresholds(ForwardedService of, int... upper) {
        List<ForwardedServer> servers = new ArrayList<>();
        for (ForwardedServer server : of.servers()) {
            servers.add(new ForwardedServer(
                    server.slot(),
                    server.endpoint(),
                    server.forwarding(),
                    server.weight(),
                    server.usability(),
                    server.generation(),
                    upper[server.slot()],
                    0));
        }
        return new ForwardedService(
                of.slot(),
                of.key(),
                of.schedule(),
                of.onePacket(),
                of.responses(),
                of.udpTimeoutNanos(),
                of.persistence(),
                of.transparent(),
                of.proxyProtocol(),
                of.failbackGraceNanos(),
                servers);
    }

    /** The MAC address of the way to the realserver in this slot of its service. */
    static String mac(int serverSlot) {
        return "02:00:00:00:01:%02x".formatted(1 + serverSlot);
    }

    private int number(ForwardedService service, ForwardedServer server) {
        ServerNumbers.Place place = new ServerNumbers.Place(service.key(), server.endpoint());
        int number = numbers.of(place);
        if (number < 0) {
            for (int freed : numbers.keepOnly(standing)) nextHops.forget(freed);
            number = numbers.of(place);
        }
        standing.add(place);
        given.computeIfAbsent(service.slot(), _ -> new HashMap<>()).put(server.slot(), number);
        return number;
    }

    void flip(ServerFlip flip) {
        for (TableHalf each : halves) each.flip(flip);
    }

    /** The next table finds them anew. */
    void forgetWays() {
        for (int number = 0; number < sizes.servers(); number++) nextHops.forget(number);
    }

    void forgetWay(int number) {
        lead(number, nextHops.forget(number));
    }

    /** The realserver is this machine. */
    void here(int number) {
        lead(number, nextHops.local(number));
    }

    private void lead(int number, int place) {
        for (TableHalf each : halves) each.reroute(number, place);
    }

    TestRun run(Frame frame) {
        return run(frame.bytes());
    }

    TestRun run(byte[] frame) {
        return run(object.ingress(), frame);
    }

    private TestRun run(BpfProgram program, byte[] frame) {
        return net == null ? program.testRun(frame, 1) : net.in(() -> program.testRun(frame, 1));
    }

    /** As {@link #run}, on a thread that is in the clients' namespace already. */
    TestRun runHere(byte[] frame) {
        return object.ingress().testRun(frame, 1);
    }

    /** From now on packets come in there. */
    ProgramRig in(ClientNet clients) {
        net = clients;
        return this;
    }

    Explained explain(Frame frame) {
        return explain(frame.bytes());
    }

    Explained explain(byte[] frame) {
        run(object.explain(), frame);
        return Explained.read(object.maps().explained());
    }

    /** That it is dropped for this reason, whoever was picked before. */
    static Consumer<Explained> dropped(int service, DropReason reason) {
        return told -> assertThat(told).isInstanceOfSatisfying(Explained.Dropped.class, dropped -> {
            assertThat(dropped.reason()).isEqualTo(reason);
            assertThat(dropped.service()).isEqualTo(service);
        });
    }

    /** The number of the outcome that is explained. */
    int explained(Frame frame) {
        run(object.explain(), frame.bytes());
        return explained("outcome");
    }

    /** The turn that was explained last. */
    long turn() {
        return object.maps().explained().get(JAVA_LONG, Abi.offset(Abi.EXPLAINED, "turn"));
    }

    /** One member of what the program explained last. */
    int explained(String member) {
        return object.maps().explained().get(JAVA_INT, Abi.offset(Abi.EXPLAINED, member));
    }

    ServiceCounters counters(int slot, int servers) {
        Map<Integer, Integer> bySlot = new HashMap<>();
        for (int i = 0; i < servers; i++) bySlot.put(i, number(slot, i));
        return counters.service(slot, bySlot);
    }

    /** The number in the maps of a service's realserver. */
    int number(int slot, int server) {
        Integer number = given.getOrDefault(slot, Map.of()).get(server);
        if (number == null) throw new AssertionError("no realserver " + server + " of service " + slot);
        return number;
    }

    long passed(PassReason reason) {
        return counters.passed(reason);
    }

    long complaints() {
        return counters.complaints();
    }

    long complaintsSpared() {
        return counters.complaintsSpared();
    }

    long errorsBack() {
        return counters.errorsBack();
    }

    long errorsIn() {
        return counters.errorsIn();
    }

    long errorsLost() {
        return counters.errorsLost();
    }

    long unremembered(int slot) {
        return counters.unremembered(Set.of(slot));
    }

    long byStack(int slot) {
        return counters.byStack(Set.of(slot));
    }

    /** What a realserver carries: {@code active}, {@code inactive}, {@code lately} or {@code overloaded}. */
    long load(int number, String what) {
        return object.maps().loads().get(JAVA_LONG, number * Abi.LOAD.byteSize() + Abi.offset(Abi.LOAD, what));
    }

    void load(int number, String what, long value) {
        object.maps().loads().set(JAVA_LONG, number * Abi.LOAD.byteSize() + Abi.offset(Abi.LOAD, what), value);
    }

    /** All flows, notes and templates. */
    List<Flow> flows() {
        List<Flow> found = new ArrayList<>();
        for (boolean wide : new boolean[] {false, true}) {
            MemorySegment memory = memory(wide);
            long step = wide ? Abi.WIDE_FLOW.byteSize() : Abi.FLOW.byteSize();
            for (long at = wide ? Abi.offset(Abi.WIDE_FLOW, "flow") : 0; at < memory.byteSize(); at += step) {
                long tag = memory.get(JAVA_LONG, at);
                if (tag != 0) found.add(flow(wide, at, tag, memory.get(JAVA_LONG, at + Long.BYTES)));
            }
        }
        return found;
    }

    private static Flow flow(boolean wide, long at, long tag, long value) {
        return new Flow(
                wide,
                at,
                Short.toUnsignedInt(Abi.wire((short) (tag >>> 16))),
                (int) tag & 0xffff,
                (int) (value >>> 48),
                (int) (value >>> 32) & 0xffff,
                (int) (value >>> 8) & 0xff_ffff,
                (int) value & 0xff);
    }

    /** The only one there is. */
    Flow flow() {
        List<Flow> all = flows();
        if (all.size() != 1) throw new AssertionError("flows: " + all);
        return all.getFirst();
    }

    /** Lets its last packet have come so much earlier. */
    void age(Flow flow, Duration by) {
        write(flow, Ticks.at(System.nanoTime()) - Ticks.of(by.toNanos()), flow.octet());
    }

    /** Every flow, note and template. */
    void ageAll(Duration by) {
        for (Flow flow : flows()) age(flow, by);
    }

    /** As {@link #age}, of about half of the flows, and of none that a packet changes meanwhile. */
    void ageSome(SplittableRandom random, Duration by) {
        for (Flow flow : flows()) {
            MemorySegment memory = memory(flow.wide());
            long value = memory.get(JAVA_LONG, flow.at() + Long.BYTES);
            long aged =
                    aged(flow(flow.wide(), flow.at(), 0, value), Ticks.at(System.nanoTime()) - Ticks.of(by.toNanos()));
            if (value != 0 && random.nextBoolean()) WORD.compareAndSet(memory, flow.at() + Long.BYTES, value, aged);
        }
    }

    private static long aged(Flow flow, int last) {
        return (long) flow.owner() << 48 | (long) flow.generation() << 32 | (last & 0xff_ffffL) << 8 | flow.octet();
    }

    /** Puts a flow into a state, as if its last packet had just come. The load is left as it is. */
    void state(Flow flow, int octet) {
        write(flow, Ticks.at(System.nanoTime()), octet);
    }

    private void write(Flow flow, int last, int octet) {
        long value = (long) flow.owner() << 48 | (long) flow.generation() << 32 | (last & 0xff_ffffL) << 8 | octet;
        memory(flow.wide()).set(JAVA_LONG, flow.at() + Long.BYTES, value);
    }

    private MemorySegment memory(boolean wide) {
        return wide ? object.maps().wideFlows() : object.maps().flows();
    }

    /** Frees what is over, as the sweeper does; answers how many flows that were. */
    int sweep() {
        return flows.sweep(0, 1, Ticks.at(System.nanoTime()));
    }

    FlowTable table() {
        return flows;
    }

    MapMemory maps() {
        return object.maps();
    }

    MapSizes sizes() {
        return sizes;
    }

    /** Refuses new work, or takes it again. */
    void stopping(boolean stop) {
        object.maps().control().set(JAVA_INT, Abi.offset(Abi.CONTROL, "stopping"), stop ? 1 : 0);
    }

    /** Routes towards clients are looked up again. */
    void forgetRoutes() {
        long epoch = Abi.offset(Abi.CONTROL, "routes_epoch");
        object.maps().control().set(JAVA_INT, epoch, object.maps().control().get(JAVA_INT, epoch) + 1);
    }

    /** All memory that explaining must not change. */
    List<byte[]> everything() {
        MapMemory maps = object.maps();
        List<byte[]> all = new ArrayList<>();
        for (MemorySegment each : List.of(
                maps.control(),
                maps.interfaces(),
                maps.own(),
                maps.own6(),
                maps.servicePlaces(),
                maps.servicePlaces6(),
                maps.endpointPlaces(),
                maps.endpointPlaces6(),
                maps.services(),
                maps.slots(),
                maps.servers(),
                maps.loads(),
                maps.nextHops(),
                maps.flows(),
                maps.wideFlows(),
                maps.serviceCounts(),
                maps.serverCounts(),
                maps.passCounts())) {
            all.add(each.toArray(JAVA_BYTE));
        }
        return all;
    }

    @Override
    public void close() {
        object.close();
    }
}
