package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Unknown;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Question;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.Route;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Has the program itself say where a packet would go: {@code ek_explain} is run on a frame made for it, and writes what it
 * finds into a map of its own. Questions are answered one after another on a thread {@code ek-explain}, which is there
 * while there are any: the kernel may wait for a lock of its own, and the map has room for one answer.
 *
 * <p>The director's thread alone calls {@link #inForce}; {@link #explain} and {@link #close} may be called from any.
 */
final class Explainer implements AutoCloseable {
    /** Questions that may wait; the control socket has not more connections. */
    private static final int MAX_WAITING = 64;

    /** A table comes into force between two looks: then it is asked again. */
    private static final int TRIES = 5;

    /** More than a commit takes from the word that it stores to telling us. */
    private static final long COMMIT_NANOS = 1_000_000;

    private static final long HALF = Abi.offset(Abi.CONTROL, "half");
    private static final long INTERFACE_BYTES = Abi.INTERFACE.byteSize();
    private static final long INDEX = Abi.offset(Abi.INTERFACE, "index");
    private static final long ADDRESS = Abi.offset(Abi.INTERFACE, "address");
    private static final int MAC_BYTES = 6;

    /** What the program's numbers mean, while {@code half} is in force. */
    private record InForce(int half, ForwardingTable table, Map<Integer, Map<Integer, Integer>> numbers) {}

    /** An interface that the program is attached to, and what a frame for it is addressed to. */
    private record Entrance(int index, MemorySegment mac) {}

    private final KernelObject object;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("ek-explain").daemon().factory());
    private volatile InForce inForce = new InForce(0, new ForwardingTable(0, List.of(), 0, List.of()), Map.of());

    Explainer(KernelObject object) {
        this.object = object;
    }

    /**
     * A table is in force now.
     *
     * @param numbers of realservers, by slot of the service and their own
     */
    void inForce(int half, ForwardingTable table, Map<Integer, Map<Integer, Integer>> numbers) {
        inForce = new InForce(half, table, numbers);
    }

    CompletableFuture<Explanation> explain(Question question) {
        CompletableFuture<Explanation> answer = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    answer.complete(ask(question));
                } catch (SyscallException refused) {
                    answer.complete(new Unknown(new Refused(String.valueOf(refused.getMessage()), "")));
                } catch (RuntimeException bug) {
                    answer.completeExceptionally(bug);
                }
            });
        } catch (RejectedExecutionException full) {
            String why = thread.isShutdown() ? "the director is stopping" : "too many questions are waiting";
            answer.complete(new Unknown(new Refused(why, "")));
        }
        return answer;
    }

    private Explanation ask(Question question) {
        if (question.source().address().v6() != question.destination().address().v6()) {
            return unknown("the kernel plane does not translate between IPv4 and IPv6", "");
        }
        List<Entrance> attached = attached();
        if (attached.isEmpty()) return unknown("the kernel plane is attached to no interface", "");
        Map<Integer, String> names = new HashMap<>();
        Entrance entrance;
        try (RouteSocket kernel = new RouteSocket()) {
            for (Link link : kernel.links().require("interfaces")) names.put(link.index(), link.name());
            entrance = entrance(kernel, question.source().address(), attached);
        }
        byte[] frame = ExplainedPacket.frame(question, entrance.mac.toArray(JAVA_BYTE));
        for (int i = 0; i < TRIES; i++) {
            InForce now = inForce;
            if (!current(now)) LockSupport.parkNanos(COMMIT_NANOS);
            object.explain().testRunOn(frame, entrance.index);
            if (!current(now)) continue;
            ProgramReasons reasons = new ProgramReasons(object, now.half, now.table, now.numbers, names, question);
            Explanation explanation = reasons.of(Explained.read(object.maps().explained()));
            if (current(now)) return explanation;
        }
        return unknown("the table changes faster than it can be asked about", "ask again");
    }

    private boolean current(InForce then) {
        int half = object.maps().control().get(JAVA_INT, HALF) & 1;
        return half == then.half && inForce.table.version() == then.table.version();
    }

    static Unknown unknown(String what, String remedy) {
        return new Unknown(new Refused(what, remedy));
    }

    private List<Entrance> attached() {
        List<Entrance> attached = new ArrayList<>();
        MemorySegment records = object.maps().interfaces();
        for (long at = 0; at < records.byteSize(); at += INTERFACE_BYTES) {
            int index = records.get(JAVA_INT, at + INDEX);
            if (index != 0) attached.add(new Entrance(index, records.asSlice(at + ADDRESS, MAC_BYTES)));
        }
        return attached;
    }

    /** Where a packet from there most likely comes in: where one to it would go out. */
    private static Entrance entrance(RouteSocket kernel, IpAddress from, List<Entrance> attached) {
        if (kernel.route(NeighbourKey.numeric(from)) instanceof NetlinkReply.Answer<Route>(Route route)) {
            for (Entrance each : attached) {
                if (route.paths().stream().anyMatch(path -> path.index() == each.index)) return each;
            }
        }
        return attached.getFirst();
    }

    /** Returns when the questions that wait are answered. */
    @Override
    public void close() {
        thread.shutdown();
        boolean interrupted = false;
        while (!thread.isTerminated()) {
            try {
                thread.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true; // its memory must not go before it
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
