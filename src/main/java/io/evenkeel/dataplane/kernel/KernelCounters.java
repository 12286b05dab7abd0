package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.linux.PossibleCpus;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what the program counted: each CPU's lane at a moment when no packet was half counted, so that both laws hold in
 * every reading. Any thread.
 */
final class KernelCounters {
    /** A packet is decided within microseconds; a lane that never rests that long is read as it is. */
    private static final int ATTEMPTS = 10_000;

    private final MapMemory maps;
    private final MapSizes sizes;
    private final FlowTable flows;
    private final int cpus = PossibleCpus.count();

    KernelCounters(MapMemory maps, MapSizes sizes) {
        this.maps = maps;
        this.sizes = sizes;
        flows = new FlowTable(maps, sizes);
    }

    /** What passed up, by why. */
    long passed(PassReason reason) {
        long sum = 0;
        for (int cpu = 0; cpu < cpus; cpu++) {
            sum += maps.passCounts().get(JAVA_LONG, cpu * PASS_BYTES + PASSED + reason.number() * 8L);
        }
        return sum;
    }

    /** All of them. */
    long passedUp() {
        long sum = 0;
        for (PassReason reason : PassReason.values()) sum += passed(reason);
        return sum;
    }

    /** ICMP errors of the program's own, and those that would have been too many. */
    long complaints() {
        return passCount(COMPLAINTS);
    }

    long complaintsSpared() {
        return passCount(COMPLAINTS_SPARED);
    }

    /** ICMP errors of others, translated for clients, for realservers, and those that had no way on. */
    long errorsBack() {
        return passCount(ERRORS_BACK);
    }

    long errorsIn() {
        return passCount(ERRORS_IN);
    }

    long errorsLost() {
        return passCount(ERRORS_LOST);
    }

    /** Fragments that followed the first of their datagram, and those that had no way on. */
    long pieces() {
        return passCount(PIECES);
    }

    long piecesLost() {
        return passCount(PIECES_LOST);
    }

    /** Packets that left through the egress program, and replies that it rewrote. */
    long left() {
        return passCount(LEFT);
    }

    long rewritten() {
        return passCount(REWRITTEN);
    }

    /** Replies that it could not rewrite, and dropped. */
    long spoilt() {
        return passCount(SPOILT);
    }

    /** Replies of these services that the stack had to route. */
    long byStack(Set<Integer> slots) {
        return serviceCount(slots, BY_STACK);
    }

    /** New clients of these services for whom there was no room for a template. */
    long unremembered(Set<Integer> slots) {
        return serviceCount(slots, UNREMEMBERED);
    }

    /** Packets of these services that left from another port than the client's. */
    long translated(Set<Integer> slots) {
        return serviceCount(slots, TRANSLATED);
    }

    private long serviceCount(Set<Integer> slots, long offset) {
        long sum = 0;
        for (int cpu = 0; cpu < cpus; cpu++) {
            for (int slot : slots) {
                long at = ((long) cpu * sizes.services() + slot) * SERVICE_BYTES;
                sum += maps.serviceCounts().get(JAVA_LONG, at + offset);
            }
        }
        return sum;
    }

    private long passCount(long offset) {
        long sum = 0;
        for (int cpu = 0; cpu < cpus; cpu++) sum += maps.passCounts().get(JAVA_LONG, cpu * PASS_BYTES + offset);
        return sum;
    }

    /**
     * One service's counters.
     *
     * @param numbers its realservers' numbers in the maps, by their slots
     */
    ServiceCounters service(int slot, Map<Integer, Integer> numbers) {
        long[] sums = new long[WORDS];
        long[] lane = new long[WORDS];
        for (int cpu = 0; cpu < cpus; cpu++) {
            long at = ((long) cpu * sizes.services() + slot) * SERVICE_BYTES;
            readAtRest(maps.serviceCounts().asSlice(at, SERVICE_BYTES), lane);
            for (int i = 0; i < WORDS; i++) sums[i] += lane[i];
        }
        return new ServiceCounters(
                sums[word(RECEIVED)],
                sums[word(FORWARDED)],
                sums[word(LOCAL)],
                sums[word(REPLIES_RECEIVED)],
                sums[word(REPLIES)],
                drops(sums, 0, Abi.REPLY_REASONS),
                drops(sums, Abi.REPLY_REASONS, Abi.REASONS.size()),
                sums[word(MOVED)],
                servers(numbers));
    }

    private static void readAtRest(MemorySegment from, long[] into) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long before = (long) WORD.getAcquire(from, BEAT);
            for (int i = 0; i < WORDS; i++) into[i] = from.get(JAVA_LONG, i * 8L);
            VarHandle.loadLoadFence();
            long after = (long) WORD.getAcquire(from, BEAT);
            if (before == after && (before & 1) == 0) return;
            Thread.onSpinWait();
        }
    }

    private static Map<DropReason, Long> drops(long[] sums, int from, int to) {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (int i = from; i < to; i++) {
            long count = sums[word(DROPPED) + i];
            if (count > 0) drops.put(Abi.REASONS.get(i), count);
        }
        return drops;
    }

    /** Packets forwarded under a realserver's number. */
    long forwarded(int number) {
        return serverCount(number, SERVER_FORWARDED);
    }

    private long serverCount(int number, long offset) {
        long sum = 0;
        for (int cpu = 0; cpu < cpus; cpu++) {
            sum += maps.serverCounts().get(JAVA_LONG, ((long) cpu * sizes.servers() + number) * SERVER_BYTES + offset);
        }
        return sum;
    }

    private List<ServerCounters> servers(Map<Integer, Integer> numbers) {
        List<ServerCounters> servers = new ArrayList<>();
        numbers.forEach((slot, number) -> {
            long forwarded = forwarded(number);
            long replies = serverCount(number, SERVER_REPLIES);
            long flows = Math.max(0, this.flows.flows(number)); // two words, read one after the other
            if (forwarded + replies + flows > 0) servers.add(new ServerCounters(slot, forwarded, replies, flows));
        });
        return servers;
    }

    /** Forgets what was counted for a realserver's number; nobody forwards to it any more. */
    void forgetServer(int number) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            maps.serverCounts()
                    .asSlice(((long) cpu * sizes.servers() + number) * SERVER_BYTES, SERVER_BYTES)
                    .fill((byte) 0);
        }
    }

    /** Forgets what was counted for a service's slot; it is in no table that packets see. */
    void forgetService(int slot) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            maps.serviceCounts()
                    .asSlice(((long) cpu * sizes.services() + slot) * SERVICE_BYTES, SERVICE_BYTES)
                    .fill((byte) 0);
        }
    }

    private static int word(long offset) {
        return (int) (offset / 8);
    }

    private static final VarHandle WORD = JAVA_LONG.varHandle();

    private static final long SERVICE_BYTES = Abi.SERVICE_COUNT.byteSize();
    private static final int WORDS = (int) (SERVICE_BYTES / 8);
    private static final long BEAT = Abi.offset(Abi.SERVICE_COUNT, "beat");
    private static final long RECEIVED = Abi.offset(Abi.SERVICE_COUNT, "received");
    private static final long FORWARDED = Abi.offset(Abi.SERVICE_COUNT, "forwarded");
    private static final long LOCAL = Abi.offset(Abi.SERVICE_COUNT, "local");
    private static final long MOVED = Abi.offset(Abi.SERVICE_COUNT, "moved");
    private static final long UNREMEMBERED = Abi.offset(Abi.SERVICE_COUNT, "unremembered");
    private static final long TRANSLATED = Abi.offset(Abi.SERVICE_COUNT, "translated");
    private static final long REPLIES_RECEIVED = Abi.offset(Abi.SERVICE_COUNT, "replies_received");
    private static final long REPLIES = Abi.offset(Abi.SERVICE_COUNT, "replies");
    private static final long BY_STACK = Abi.offset(Abi.SERVICE_COUNT, "by_stack");
    private static final long DROPPED = Abi.offset(Abi.SERVICE_COUNT, "dropped");
    private static final long SERVER_BYTES = Abi.SERVER_COUNT.byteSize();
    private static final long SERVER_FORWARDED = Abi.offset(Abi.SERVER_COUNT, "forwarded");
    private static final long SERVER_REPLIES = Abi.offset(Abi.SERVER_COUNT, "replies");
    private static final long PASS_BYTES = Abi.PASS_COUNT.byteSize();
    private static final long PASSED = Abi.offset(Abi.PASS_COUNT, "packets");
    private static final long COMPLAINTS = Abi.offset(Abi.PASS_COUNT, "complaints");
    private static final long COMPLAINTS_SPARED = Abi.offset(Abi.PASS_COUNT, "complaints_spared");
    private static final long ERRORS_BACK = Abi.offset(Abi.PASS_COUNT, "errors_back");
    private static final long ERRORS_IN = Abi.offset(Abi.PASS_COUNT, "errors_in");
    private static final long ERRORS_LOST = Abi.offset(Abi.PASS_COUNT, "errors_lost");
    private static final long PIECES = Abi.offset(Abi.PASS_COUNT, "pieces");
    private static final long PIECES_LOST = Abi.offset(Abi.PASS_COUNT, "pieces_lost");
    private static final long LEFT = Abi.offset(Abi.PASS_COUNT, "left");
    private static final long REWRITTEN = Abi.offset(Abi.PASS_COUNT, "rewritten");
    private static final long SPOILT = Abi.offset(Abi.PASS_COUNT, "spoilt");
}
