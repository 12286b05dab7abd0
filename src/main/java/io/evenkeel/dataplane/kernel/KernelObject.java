package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import io.evenkeel.linux.PossibleCpus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/**
 * The BPF object that the build put into this program, in the kernel: its programs and the memory it shares with Java.
 * Belongs to one platform thread at a time, but counters may be read by any while this is open. Closing it lets go of
 * everything; what is attached or pinned stays.
 */
final class KernelObject implements AutoCloseable {
    private static final String RESOURCE = "/bpf/evenkeel.bpf.o";

    private final MapSizes sizes;
    private final Arena arena;
    private final BpfProgram ingress;
    private final BpfProgram egress;
    private final BpfProgram explain;
    private final MapMemory maps;

    private KernelObject(BpfObject object, MapSizes sizes, boolean fresh) {
        this.sizes = sizes;
        arena = Arena.ofShared();
        ingress = object.program("ek_ingress");
        egress = object.program("ek_egress");
        explain = object.program("ek_explain");
        maps = new MapMemory(
                memory(object, "ek_control"),
                memory(object, "ek_interfaces"),
                memory(object, "ek_own"),
                memory(object, "ek_own6"),
                memory(object, "ek_service_places"),
                memory(object, "ek_service_places6"),
                memory(object, "ek_endpoint_places"),
                memory(object, "ek_endpoint_places6"),
                memory(object, "ek_services"),
                memory(object, "ek_slots"),
                memory(object, "ek_servers"),
                memory(object, "ek_loads"),
                memory(object, "ek_next_hops"),
                memory(object, "ek_flows"),
                memory(object, "ek_wide_flows"),
                memory(object, "ek_service_counts"),
                memory(object, "ek_server_counts"),
                memory(object, "ek_pass_counts"),
                memory(object, "ek_explained"));
        tellSizes();
        if (!fresh) return;
        long seed = RandomGenerator.getDefault().nextLong();
        maps.control().set(ValueLayout.JAVA_LONG, Abi.offset(Abi.CONTROL, "flow_seed"), seed);
    }

    private MemorySegment memory(BpfObject object, String name) {
        try (BpfMap map = object.map(name)) {
            return map.memory(arena);
        }
    }

    private void tellSizes() {
        size("services", sizes.services());
        size("service_mask", sizes.serviceBuckets() - 1);
        size("slots", sizes.slots());
        size("servers", sizes.servers());
        size("endpoint_mask", sizes.endpointBuckets() - 1);
        size("own_mask", sizes.ownBuckets() - 1);
        size("flow_mask", sizes.flowBuckets() - 1);
        size("wide_flow_mask", sizes.wideFlowBuckets() - 1);
        for (FlowState state : FlowState.values()) {
            long at = Abi.word(Abi.offset(Abi.CONTROL, "lives"), state.number());
            maps.control().set(ValueLayout.JAVA_INT, at, Ticks.of(state.seconds() * 1_000_000_000L));
        }
    }

    private void size(String name, int value) {
        maps.control().set(ValueLayout.JAVA_INT, Abi.offset(Abi.CONTROL, "sizes", name), value);
    }

    /** The compiled object; empty if this program was built without clang. */
    static Optional<byte[]> bytes() {
        try (InputStream resource = KernelObject.class.getResourceAsStream(RESOURCE)) {
            return resource == null ? Optional.empty() : Optional.of(resource.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE + " of this program", e);
        }
    }

    /**
     * Compares the object's records with Java's, makes its maps, and has the kernel verify it.
     *
     * @param elf {@link #bytes}
     * @param log where the full log goes if the kernel refuses
     * @throws BpfException saying why not
     */
    static KernelObject load(Bpf bpf, byte[] elf, MapSizes sizes, Path log) {
        return load(bpf, elf, sizes, log, Map.of(), (_, _) -> {});
    }

    /**
     * As {@link #load(Bpf, byte[], MapSizes, Path)}, with maps that another process made.
     *
     * @param existing by name, all of them or none; they stay the caller's
     * @param made hears of each map of the loaded object, to pin it; only if there were none
     * @throws BpfException also if one is missing, or made by another version or with another size
     */
    static KernelObject load(
            Bpf bpf,
            byte[] elf,
            MapSizes sizes,
            Path log,
            Map<String, BpfMap> existing,
            BiConsumer<String, BpfMap> made) {
        try (BpfObject object = bpf.open(elf, "evenkeel")) {
            object.require(Abi.MIRROR);
            int cpus = PossibleCpus.count();
            object.maxEntries("ek_control", 1);
            object.maxEntries("ek_explained", 1);
            object.maxEntries("ek_interfaces", Abi.INTERFACES);
            object.maxEntries("ek_own", sizes.ownBuckets());
            object.maxEntries("ek_own6", sizes.ownBuckets());
            object.maxEntries("ek_service_places", 2 * sizes.serviceBuckets());
            object.maxEntries("ek_service_places6", 2 * sizes.serviceBuckets());
            object.maxEntries("ek_endpoint_places", 2 * sizes.endpointBuckets());
            object.maxEntries("ek_endpoint_places6", 2 * sizes.endpointBuckets());
            object.maxEntries("ek_services", 2 * sizes.services());
            object.maxEntries("ek_turns", sizes.services());
            object.maxEntries("ek_slots", 2 * sizes.slots());
            object.maxEntries("ek_servers", 2 * sizes.servers());
            object.maxEntries("ek_loads", sizes.servers());
            object.maxEntries("ek_next_hops", sizes.nextHops());
            object.maxEntries("ek_flows", sizes.flowBuckets());
            object.maxEntries("ek_wide_flows", sizes.wideFlowBuckets());
            object.maxEntries("ek_clocks", cpus);
            object.maxEntries("ek_scratches", cpus);
            object.maxEntries("ek_service_counts", cpus * sizes.services());
            object.maxEntries("ek_server_counts", cpus * sizes.servers());
            object.maxEntries("ek_pass_counts", cpus);
            boolean fresh = existing.isEmpty();
            if (!fresh) reuse(object, existing);
            object.load(log);
            KernelObject loaded = new KernelObject(object, sizes, fresh);
            if (!fresh) return loaded;
            for (String name : object.maps()) {
                try (BpfMap map = object.map(name)) {
                    made.accept(name, map);
                }
            }
            return loaded;
        }
    }

    private static void reuse(BpfObject object, Map<String, BpfMap> existing) {
        for (String name : object.maps()) {
            BpfMap map = existing.get(name);
            if (map == null) throw new BpfException("map " + name + " is missing");
            if (map.maxEntries() != object.maxEntries(name)) {
                throw new BpfException("map " + name + " exists with " + map.maxEntries()
                        + " entries, this build's has " + object.maxEntries(name));
            }
            object.reuse(name, map);
        }
    }

    MapSizes sizes() {
        return sizes;
    }

    MapMemory maps() {
        return maps;
    }

    /** For the driver of each interface. */
    BpfProgram ingress() {
        return ingress;
    }

    /** For the way out of each interface, at TC. */
    BpfProgram egress() {
        return egress;
    }

    /** For test runs. */
    BpfProgram explain() {
        return explain;
    }

    @Override
    public void close() {
        ingress.close();
        egress.close();
        explain.close();
        if (arena.scope().isAlive()) arena.close();
    }
}
