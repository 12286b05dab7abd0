package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The flows as the program writes them ({@code flow.h}), from outside: frees those whose time is over, moves those of a
 * service that has come into another group, and lists. Traffic goes on meanwhile; whoever changes a word first wins it by
 * compare-and-swap. One thread at a time sweeps; moving is the director's.
 */
final class FlowTable {
    /** A flow is freed so much later than it is over that no packet can be in the middle of renewing it. */
    private static final int MARGIN_TICKS = 8;

    /** Idle life of a UDP flow whose realserver and service have gone, so that nobody says how long it may idle. */
    private static final int ORPHAN_TICKS = Ticks.of(300_000_000_000L);

    private final MapMemory maps;
    private final MapSizes sizes;

    FlowTable(MapMemory maps, MapSizes sizes) {
        this.maps = maps;
        this.sizes = sizes;
    }

    /**
     * A flow that was seen.
     *
     * @param wide its place is in the wide table
     * @param at the place of its tag, in bytes
     */
    private record Seen(boolean wide, long at, long tag, long value) {
        int group() {
            return (int) tag & 0xffff;
        }

        int owner() {
            return (int) (value >>> 48);
        }

        int last() {
            return (int) (value >>> 8) & ((1 << Abi.TICK_BITS) - 1);
        }
    }

    private MemorySegment memory(boolean wide) {
        return wide ? maps.wideFlows() : maps.flows();
    }

    /**
     * Frees what is over in one part of the table.
     *
     * @param part 0..parts−1
     * @param now tick
     * @return flows that were freed
     */
    int sweep(int part, int parts, int now) {
        int freed = 0;
        for (boolean wide : new boolean[] {false, true}) {
            long bytes = memory(wide).byteSize() / BUCKET_BYTES / parts * BUCKET_BYTES;
            long end = part == parts - 1 ? memory(wide).byteSize() : (part + 1) * bytes;
            for (long at = part * bytes + first(wide); at < end; at += step(wide)) {
                long tag = memory(wide).get(JAVA_LONG, at);
                if (tag == 0 || tag == Abi.FLOW_BUSY) continue;
                Seen seen = seen(wide, at);
                if (Ticks.age(now, seen.last()) > life(seen) + MARGIN_TICKS && end(seen)) freed++;
            }
        }
        return freed;
    }

    private Seen seen(boolean wide, long at) {
        long tag = memory(wide).get(JAVA_LONG, at);
        return new Seen(wide, at, tag, memory(wide).get(JAVA_LONG, at + VALUE));
    }

    private static long first(boolean wide) {
        return wide ? WIDE_TAG : 0;
    }

    private static long step(boolean wide) {
        return wide ? Abi.WIDE_FLOW.byteSize() : Abi.FLOW.byteSize();
    }

    /** How long it may idle, in ticks. */
    private int life(Seen seen) {
        FlowState state = FlowState.of(seen.value).orElse(FlowState.TCP_NONE);
        if (state.tcp()) return Ticks.of(state.seconds() * 1_000_000_000L);
        int service = service(seen);
        if (service < 0 || service >= sizes.services()) return ORPHAN_TICKS;
        long record = ((long) half() * sizes.services() + service) * Abi.SERVICE.byteSize();
        return maps.services().get(JAVA_INT, record + (state == FlowState.TEMPLATE ? TEMPLATE_LIFE : LIFE));
    }

    /** The service it belongs to, by slot; one that nobody has if its realserver has left the table. */
    private int service(Seen seen) {
        if (FlowState.of(seen.value).orElse(FlowState.TCP_NONE) == FlowState.NOTE) return seen.owner();
        if (seen.owner() >= sizes.servers()) return Abi.NOWHERE;
        return maps.servers().get(JAVA_INT, server(seen.owner()) + SERVER_SERVICE);
    }

    private int half() {
        return maps.control().get(JAVA_INT, HALF);
    }

    private long server(int number) {
        return ((long) half() * sizes.servers() + number) * Abi.SERVER.byteSize();
    }

    /** Counts as its realserver's load: a flow, not a note, nor a template, nor one that somebody is just freeing. */
    private boolean loads(Seen seen) {
        FlowState state = FlowState.of(seen.value).orElse(FlowState.TCP_NONE);
        boolean flow = state != FlowState.NOTE && state != FlowState.TEMPLATE;
        return flow && seen.value != 0 && seen.owner() < sizes.servers();
    }

    /** Which word it counts in. */
    private static long load(Seen seen) {
        boolean active = FlowState.of(seen.value).orElse(FlowState.TCP_NONE).active();
        return seen.owner() * Abi.LOAD.byteSize() + (active ? ACTIVE : INACTIVE);
    }

    /** Frees the place, and takes the flow from its realserver's load; false if a packet was first. */
    private boolean end(Seen seen) {
        if (!free(seen)) return false;
        if (!loads(seen)) return true;
        WORD.getAndAdd(maps.loads(), load(seen), -1L);
        long load = seen.owner() * Abi.LOAD.byteSize();
        long flows = (long) WORD.getAcquire(maps.loads(), load + ACTIVE)
                + (long) WORD.getAcquire(maps.loads(), load + INACTIVE);
        int lower = maps.servers().get(JAVA_INT, server(seen.owner()) + LOWER);
        if (flows < lower) WORD.setRelease(maps.loads(), load + OVERLOADED, 0L);
        return true;
    }

    /** The value first: from then on nobody renews or moves it. */
    private boolean free(Seen seen) {
        MemorySegment memory = memory(seen.wide);
        if (!WORD.compareAndSet(memory, seen.at + VALUE, seen.value, 0L)) return false;
        WORD.compareAndSet(memory, seen.at, seen.tag, 0L);
        return true;
    }

    /** Flows that stand under a group's number which is not theirs any more. */
    final class Move {
        private final List<Seen> left = new ArrayList<>();

        /** Frees the old places; the table with the new groups is in force. */
        void finish() {
            for (Seen seen : left) endAt(seen);
        }

        /** Whatever its last packets made of it: nobody looks for it there any more. */
        private void endAt(Seen seen) {
            for (Seen last = seen; last.tag() == seen.tag() && !end(last); last = seen(seen.wide(), seen.at())) {
                Thread.onSpinWait();
            }
        }
    }

    /**
     * Copies the flows of services that come into another group, so that they are found there too. Until the old places
     * are freed a flow counts twice: each place that is ended takes off its own, whoever ends it.
     *
     * @param from the groups they were in, by service slot
     */
    Move move(Map<Integer, Integer> from, Groups to) {
        Move move = new Move();
        if (from.isEmpty()) return move;
        for (boolean wide : new boolean[] {false, true}) {
            for (long at = first(wide); at < memory(wide).byteSize(); at += step(wide)) {
                long tag = memory(wide).get(JAVA_LONG, at);
                if (tag == 0 || (tag & Abi.TEMPLATES) != 0) continue;
                Seen seen = seen(wide, at);
                int service = service(seen);
                Integer old = from.get(service);
                if (old == null || old != seen.group()) continue;
                if (copy(seen, to.of(service))) move.left.add(seen);
            }
        }
        return move;
    }

    private boolean copy(Seen seen, int group) {
        long tag = (seen.tag & ~0xffffL) | group;
        int[] client = new int[4];
        for (int i = 0; i < 4 && seen.wide; i++) {
            client[i] = memory(true).get(JAVA_INT, seen.at - WIDE_TAG + (long) i * Integer.BYTES);
        }
        long mix = mix(tag, client, seen.wide);
        for (int bucket : new int[] {(int) (mix ^ mix >>> 32), (int) (mix >>> 32)}) {
            int mask = seen.wide ? sizes.wideFlowBuckets() - 1 : sizes.flowBuckets() - 1;
            long from = (bucket & mask) * BUCKET_BYTES + first(seen.wide);
            for (long at = from; at < from + BUCKET_BYTES - first(seen.wide); at += step(seen.wide)) {
                if (!WORD.compareAndSet(memory(seen.wide), at, 0L, (long) Abi.FLOW_BUSY)) continue;
                memory(seen.wide).set(JAVA_LONG, at + VALUE, seen.value);
                for (int i = 0; i < 4 && seen.wide; i++) {
                    memory(true).set(JAVA_INT, at - WIDE_TAG + (long) i * Integer.BYTES, client[i]);
                }
                if (loads(seen)) WORD.getAndAdd(maps.loads(), load(seen), 1L);
                WORD.setRelease(memory(seen.wide), at, tag);
                return true;
            }
        }
        return false; // no room: it begins anew
    }

    /** {@code ek_make_key}. */
    private long mix(long tag, int[] client, boolean wide) {
        long mix = (tag ^ maps.control().get(JAVA_LONG, FLOW_SEED)) * MIX_1;
        mix ^= mix >>> 32;
        if (wide) {
            mix = (mix ^ (Integer.toUnsignedLong(client[0]) << 32 | Integer.toUnsignedLong(client[1]))) * MIX_1;
            mix ^= mix >>> 32;
            mix = (mix ^ (Integer.toUnsignedLong(client[2]) << 32 | Integer.toUnsignedLong(client[3]))) * MIX_1;
            mix ^= mix >>> 32;
        }
        return mix * MIX_2;
    }

    /** The highest generation that flows name of each realserver, by its number. */
    Map<Integer, Integer> generations() {
        Map<Integer, Integer> highest = new HashMap<>();
        for (boolean wide : new boolean[] {false, true}) {
            for (long at = first(wide); at < memory(wide).byteSize(); at += step(wide)) {
                long tag = memory(wide).get(JAVA_LONG, at);
                if (tag == 0 || tag == Abi.FLOW_BUSY) continue;
                Seen seen = new Seen(wide, at, tag, memory(wide).get(JAVA_LONG, at + VALUE));
                if (FlowState.of(seen.value).orElse(FlowState.NOTE) == FlowState.NOTE) continue;
                highest.merge(seen.owner(), (int) (seen.value >>> 32) & 0xffff, Math::max);
            }
        }
        return highest;
    }

    /** Flows, notes and templates there are now, in both tables. */
    long count() {
        long count = 0;
        for (boolean wide : new boolean[] {false, true}) {
            for (long at = first(wide); at < memory(wide).byteSize(); at += step(wide)) {
                if (memory(wide).get(JAVA_LONG, at) != 0) count++;
            }
        }
        return count;
    }

    /** What a realserver carries now: active and inactive flows together. */
    long flows(int number) {
        long load = number * Abi.LOAD.byteSize();
        return (long) WORD.getAcquire(maps.loads(), load + ACTIVE)
                + (long) WORD.getAcquire(maps.loads(), load + INACTIVE);
    }

    private static final VarHandle WORD = JAVA_LONG.varHandle();
    private static final long MIX_1 = 0x9e3779b97f4a7c15L;
    private static final long MIX_2 = 0xd6e8feb86659fd93L;

    private static final long BUCKET_BYTES = Abi.FLOW_BUCKET.byteSize();
    private static final long VALUE = Abi.offset(Abi.FLOW, "value");
    private static final long WIDE_TAG = Abi.offset(Abi.WIDE_FLOW, "flow");
    private static final long HALF = Abi.offset(Abi.CONTROL, "half");
    private static final long FLOW_SEED = Abi.offset(Abi.CONTROL, "flow_seed");
    private static final long LIFE = Abi.offset(Abi.SERVICE, "life");
    private static final long TEMPLATE_LIFE = Abi.offset(Abi.SERVICE, "template_life");
    private static final long SERVER_SERVICE = Abi.offset(Abi.SERVER, "service");
    private static final long LOWER = Abi.offset(Abi.SERVER, "lower");
    private static final long ACTIVE = Abi.offset(Abi.LOAD, "active");
    private static final long INACTIVE = Abi.offset(Abi.LOAD, "inactive");
    private static final long OVERLOADED = Abi.offset(Abi.LOAD, "overloaded");
}
