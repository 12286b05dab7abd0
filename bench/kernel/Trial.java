package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.kernel.Wrapper.Stub;
import io.evenkeel.dataplane.kernel.Wrapper.Verdict;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Measures one row: makes its flows, runs its rounds, and compares what was counted with the way that was meant. */
final class Trial {
    private static final int FLOWS_PER_BUCKET = 4;
    private static final int FULLNESS = 4; // the table has so many places for each flow, as MapSizes advises
    private static final int FEWEST_PLACES = 1 << 10;
    private static final int FIRST_CLIENT = 0x6440_0000; // 100.64.0.0
    private static final int FIRST_FRESH = 0x6460_0000;
    private static final int SEED = 7;

    /** A bucket overflows now and then, and its newcomer is dropped; more often than this voids the row. */
    private static final double MOST_LOST = 0.005;

    private final Wrapper wrapper;
    private final Tables tables;
    private final Row row;
    private final Row.Clients clients;
    private final MemorySegment flows;
    private int[] known = {};
    private int[] fresh = {};
    private MemorySegment snapshot = MemorySegment.NULL;
    private long runs;
    private long meant;
    private long dropped;
    private long made;

    Trial(Wrapper wrapper, Tables tables, Row row) {
        this.wrapper = wrapper;
        this.tables = tables;
        this.row = row;
        clients = row.clients();
        MemorySegment all = wrapper.object().maps().flows();
        flows = all.asSlice(0, Math.max(FEWEST_PLACES, clients.flows() * FULLNESS) * Abi.FLOW.byteSize());
    }

    Measured run(int rounds, int repeat) {
        prepare();
        int each = Math.max(repeat, 2 * clients.flows());
        round(each);
        runs = meant = dropped = made = 0;
        Counted before = counted();
        Measured measured = new Measured(row);
        for (int i = 0; i < rounds; i++) measured.rounds.add(round(each));
        prove(measured, before, counted());
        return measured;
    }

    // --- what a row begins with -------------------------------------------------------------------------------------

    private void prepare() {
        MemorySegment control = wrapper.object().maps().control();
        int buckets = (int) (flows.byteSize() / Abi.FLOW_BUCKET.byteSize());
        control.set(JAVA_INT, Abi.offset(Abi.CONTROL, "sizes", "flow_mask"), buckets - 1);
        flows.fill((byte) 0);
        wrapper.table(buckets);
        wrapper.frame(row.first(), row.grown());
        if (clients.many()) fill();
        else wrapper.ours(1);
        if (clients.fresh() > 0) {
            fresh = addresses(FIRST_FRESH, clients.fresh());
            snapshot = MemorySegment.ofArray(flows.toArray(JAVA_LONG));
        }
        send();
        if (row.way() == Row.Way.REPLY) wrapper.rememberRoute(Tables.HERE);
    }

    /** From now on the wrapper sends what is measured. */
    private void send() {
        wrapper.frame(row.frame(), row.grown());
        if (clients.fresh() > 0) wrapper.clients(fresh, 0, fresh.length);
        else if (clients.many()) wrapper.clients(known, 0, known.length);
    }

    /** Some more clients than are wanted, of whom those that found a place stay, in no order. */
    private void fill() {
        int some = clients.flows();
        int more = some / 8;
        int[] all = addresses(FIRST_CLIENT, some + more);
        wrapper.clients(all, 0, some);
        wrapper.ours(some);
        wrapper.clients(all, some, more);
        wrapper.ours(more);
        int[] found = new int[some + more];
        int count = 0;
        for (long at = 0; at < flows.byteSize(); at += Abi.FLOW.byteSize()) {
            long tag = flows.get(JAVA_LONG, at);
            if (tag != 0) found[count++] = (int) (tag >>> 32);
        }
        if (count < some) throw new IllegalStateException("only " + count + " flows could be made");
        shuffle(found, count);
        known = Arrays.copyOf(found, some);
        int[] spare = Arrays.copyOfRange(found, some, count);
        Arrays.sort(spare);
        for (long at = 0; at < flows.byteSize(); at += Abi.FLOW.byteSize()) {
            int client = (int) (flows.get(JAVA_LONG, at) >>> 32);
            if (Arrays.binarySearch(spare, client) >= 0)
                flows.asSlice(at, Abi.FLOW.byteSize()).fill((byte) 0);
        }
    }

    private static int[] addresses(int first, int count) {
        int[] addresses = new int[count];
        for (int i = 0; i < count; i++) addresses[i] = Abi.wire(first + i);
        return addresses;
    }

    private static void shuffle(int[] numbers, int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int swapped = numbers[i];
            numbers[i] = numbers[other];
            numbers[other] = swapped;
        }
    }

    // --- rounds -----------------------------------------------------------------------------------------------------

    /** Everything in turn, and what the others are compared with at both ends, so that a drift meets all alike. */
    private Measured.Round round(int repeat) {
        double trivial = wrapper.trivial(repeat);
        double empty = wrapper.stub(Stub.NOTHING, repeat);
        double read = clients.many() ? wrapper.stub(Stub.READ, repeat) : empty;
        double readInTurn = clients.many() ? wrapper.stub(Stub.READ_IN_TURN, repeat) : empty;
        double ours = ours(repeat);
        double emptyAgain = wrapper.stub(Stub.NOTHING, repeat);
        double grown = row.grown() > 0 ? wrapper.stub(Stub.GROW, repeat) : 0;
        double trivialAgain = wrapper.trivial(repeat);
        double emptyBoth = (empty + emptyAgain) / 2;
        return new Measured.Round(
                (trivial + trivialAgain) / 2,
                row.grown() > 0 ? plain(repeat) : emptyBoth,
                row.grown() > 0 ? grown : emptyBoth,
                clients.many() ? read : emptyBoth,
                clients.many() ? readInTurn : emptyBoth,
                ours);
    }

    /** The wrapped stub of a program that makes no room. */
    private double plain(int repeat) {
        wrapper.frame(row.frame(), 0);
        double nanos = wrapper.stub(Stub.NOTHING, repeat);
        wrapper.frame(row.frame(), row.grown());
        return nanos;
    }

    private double ours(int repeat) {
        if (clients.fresh() > 0) forgetNewFlows();
        long flowsBefore = count();
        long spoilt = wrapper.spoilt();
        long meantBefore = wrapper.verdicts(verdict());
        long droppedBefore = wrapper.verdicts(Verdict.DROP);
        int each = clients.fresh() > 0 ? clients.fresh() : repeat;
        double nanos = wrapper.ours(each);
        runs += each;
        meant += wrapper.verdicts(verdict()) - meantBefore;
        dropped += wrapper.verdicts(Verdict.DROP) - droppedBefore;
        made += count() - flowsBefore;
        if (wrapper.spoilt() != spoilt)
            throw new IllegalStateException(row.name() + ": a packet could not be restored");
        return nanos;
    }

    /** The table as it was, and in the processor's caches as far as those who have flows bring it there. */
    private void forgetNewFlows() {
        MemorySegment.copy(snapshot, 0, flows, 0, flows.byteSize());
        wrapper.frame(row.first(), row.grown());
        wrapper.clients(known, 0, known.length);
        wrapper.ours(known.length);
        send();
    }

    private Verdict verdict() {
        if (row.way() == Row.Way.PASS) return Verdict.PASS;
        return row.name().equals(Rows.ELSEWHERE) ? Verdict.REDIRECT : Verdict.TX;
    }

    private long count() {
        long count = 0;
        for (long at = 0; at < flows.byteSize(); at += Abi.FLOW.byteSize()) {
            if (flows.get(JAVA_LONG, at) != 0) count++;
        }
        return count;
    }

    // --- proof ------------------------------------------------------------------------------------------------------

    /** What the program has counted so far. */
    private record Counted(long forwarded, long replies, long dropped, long turns, long passed) {}

    private Counted counted() {
        if (row.service() < 0) return new Counted(0, 0, 0, 0, tables.passedUp());
        ServiceCounters counters = tables.counters(row.service());
        long drops =
                counters.drops().values().stream().mapToLong(Long::longValue).sum();
        return new Counted(
                counters.forwarded(), counters.replies(), drops, wrapper.turn(row.service()), tables.passedUp());
    }

    private void prove(Measured measured, Counted before, Counted after) {
        long turns = after.turns - before.turns;
        boolean way = switch (row.way()) {
            case TURN -> after.forwarded - before.forwarded == meant && turns == runs && made == 0;
            case HASH, FLOW -> after.forwarded - before.forwarded == meant && turns == 0 && made == 0;
            case NEW_FLOW -> after.forwarded - before.forwarded == meant && turns == runs && near(made, runs);
            case REPLY -> after.replies - before.replies == meant && made == 0;
            case PASS -> after.passed - before.passed == meant && made == 0;
        };
        boolean all = meant + dropped == runs && near(meant, runs) && after.dropped - before.dropped == dropped;
        measured.proved = way && all;
        measured.proof = "%,d of %,d %s".formatted(meant, runs, row.way().words);
        if (!measured.proved) {
            measured.proof += " (%s → %s; %,d dropped, %,d flows made)".formatted(before, after, dropped, made);
        }
    }

    private static boolean near(long some, long all) {
        return some >= all * (1 - MOST_LOST) && some <= all;
    }
}
