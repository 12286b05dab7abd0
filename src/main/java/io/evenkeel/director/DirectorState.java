package io.evenkeel.director;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Origins;
import io.evenkeel.model.ServiceKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All truth, as one immutable value: what was configured, what is known, what the plane was told. Only {@link
 * DirectorRule} makes the next one.
 *
 * @param services in the file's order
 * @param index where in {@code services} a key stands
 * @param lag how soon the plane takes up what changes
 * @param pending a table that the plane is preparing; null between events
 * @param stall the last time this loop was late
 * @param stopping whether no new work is taken
 */
record DirectorState(
        Configuration configuration,
        Origins origins,
        List<ServiceState> services,
        Map<ServiceKey, Integer> index,
        Slots slots,
        Tables tables,
        PlaneLag lag,
        Reloads reloads,
        Chance chance,
        Stall stall,
        @Nullable Pending pending,
        Stopping stopping) {

    /**
     * Services that were removed, and what they leave behind.
     *
     * @param removed their slots may still be named by flows
     * @param resting slots that nothing names any more
     * @param figures sums of services whose slots were given free
     * @param generationFloor no realserver begins at or below it
     */
    record Slots(List<RemovedService> removed, List<RestingSlot> resting, Figures figures, int generationFloor) {
        Slots {
            removed = List.copyOf(removed);
            resting = List.copyOf(resting);
        }
    }

    /**
     * A removed service.
     *
     * @param flowNanos idle life of its flows
     * @param generation no flow of it names a higher one
     * @param version the first table without it
     * @param figures the latest reading; null before the first
     * @param forgetting every worker has acknowledged the removal, and the time until nothing names it runs
     */
    record RemovedService(
            int slot,
            long flowNanos,
            int generation,
            long version,
            @Nullable ServiceCounters figures,
            boolean forgetting) {

        RemovedService read(ServiceCounters reading, boolean forgettingNow) {
            return new RemovedService(slot, flowNanos, generation, version, reading, forgettingNow);
        }
    }

    /** A slot that may be given to another service from {@code freeNanos} on. */
    record RestingSlot(int slot, long freeNanos) {}

    /**
     * What the plane was told.
     *
     * @param last the last table that it accepted
     * @param stale something changed that a table may show
     * @param acknowledged version that every worker has taken up
     * @param inFlight commits that are not acknowledged yet
     * @param late a commit takes longer than it should
     * @param trouble why the plane refused the latest table; empty if it did not
     * @param awaiting answers to be given when a version is acknowledged
     */
    record Tables(
            ForwardingTable last,
            boolean stale,
            long acknowledged,
            int inFlight,
            boolean late,
            String trouble,
            List<Awaiting> awaiting) {
        Tables {
            awaiting = List.copyOf(awaiting);
        }
    }

    /** An answer that waits until every worker has taken up {@code version}. */
    record Awaiting(long version, Action answer) {}

    record Reloads(boolean begun, long count, String last) {}

    /** Where identities and random numbers come from. */
    record Chance(long nextCheckId, long seed) {}

    /** This loop was late from one moment to the other. */
    record Stall(long fromNanos, long toNanos) {}

    /**
     * @param asked no new work is taken
     * @param done no reply is waited for any more
     * @param tickets who waits for that
     */
    record Stopping(boolean asked, boolean done, List<Long> tickets) {
        Stopping {
            tickets = List.copyOf(tickets);
        }
    }

    /** What becomes true when the plane accepts {@code table}. */
    sealed interface Pending {
        ForwardingTable table();

        /** The same configuration under changed verdicts or wishes. */
        record Refresh(ForwardingTable table, List<ServiceState> services) implements Pending {
            public Refresh {
                services = List.copyOf(services);
            }
        }

        /** Another configuration. */
        record Reload(ForwardingTable table, ReloadPlan plan, Event.Apply apply, Director.Applied applied)
                implements Pending {}
    }

    DirectorState {
        services = List.copyOf(services);
    }

    /** Before any configuration. */
    static DirectorState empty(long seed, long nowNanos) {
        Configuration nothing = new Configuration(List.of(), Configuration.DEFAULT_REPLY_PORTS, List.of());
        return new DirectorState(
                nothing,
                Origins.NONE,
                List.of(),
                Map.of(),
                new Slots(List.of(), List.of(), Figures.ZERO, 0),
                new Tables(
                        new ForwardingTable(0, List.of(), nothing.replyPorts(), List.of()),
                        false,
                        0,
                        0,
                        false,
                        "",
                        List.of()),
                PlaneLag.NONE,
                new Reloads(false, 0, ""),
                new Chance(1, seed),
                new Stall(nowNanos, nowNanos),
                null,
                new Stopping(false, false, List.of()));
    }

    @Nullable
    ServiceState service(ServiceKey key) {
        Integer at = index.get(key);
        return at == null ? null : services.get(at);
    }

    static Map<ServiceKey, Integer> indexOf(List<ServiceState> services) {
        Map<ServiceKey, Integer> index = new HashMap<>();
        for (int i = 0; i < services.size(); i++) index.put(services.get(i).key(), i);
        return Map.copyOf(index);
    }
}
