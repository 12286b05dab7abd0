package io.evenkeel.director;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.director.DirectorState.RemovedService;
import io.evenkeel.model.Check;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Joins the director's state with a reading of the counters. Pure; any thread. */
final class SnapshotJoin {
    private SnapshotJoin() {}

    static Snapshot join(
            Director.About about,
            DirectorState state,
            CountersSnapshot counters,
            List<String> shortages,
            WallClock clock,
            long droppedEvents) {
        List<Snapshot.Service> services = new ArrayList<>(state.services().size());
        Figures figures = state.slots().figures();
        for (ServiceState service : state.services()) {
            ServiceCounters counted = counters.services().getOrDefault(service.slot(), Figures.NOTHING);
            figures = figures.plus(counted);
            services.add(service(service, counted, clock));
        }
        for (RemovedService removed : state.slots().removed()) {
            figures = figures.plus(
                    Figures.later(removed.figures(), counters.services().get(removed.slot())));
        }
        Snapshot.Totals totals = new Snapshot.Totals(
                figures.received(),
                figures.forwarded(),
                figures.local(),
                figures.repliesReceived(),
                figures.replies(),
                figures.drops(),
                figures.replyDrops(),
                figures.imbalance());
        return new Snapshot(
                about.version(),
                about.pid(),
                about.startedAt(),
                about.plane(),
                about.planeReason(),
                about.configurationFile(),
                state.tables().last().version(),
                state.tables().acknowledged(),
                state.lag().settled()
                        && state.tables().acknowledged()
                                == state.tables().last().version(),
                new Snapshot.Lag(state.lag().lastNanos() / 1_000, state.lag().worstNanos() / 1_000),
                state.reloads().count(),
                state.reloads().last(),
                alarms(state, shortages, droppedEvents),
                List.copyOf(services),
                totals,
                counters.paths());
    }

    private static Snapshot.Service service(ServiceState service, ServiceCounters counted, WallClock clock) {
        String state = service.sorryServes() ? "sorry" : service.quorumUp() ? "up" : "down";
        List<Snapshot.Server> servers = new ArrayList<>(service.servers().size());
        for (ServerState server : service.servers()) servers.add(server(server, counted, clock));
        return new Snapshot.Service(
                service.key(),
                service.config().scheduling().ipvsName(),
                service.config().onePacket(),
                state,
                new Snapshot.Quorum(
                        service.quorumUp(),
                        service.config().quorum(),
                        service.config().hysteresis(),
                        service.liveWeight()),
                counted.received(),
                counted.forwarded(),
                counted.local(),
                counted.repliesReceived(),
                counted.replies(),
                counted.drops(),
                counted.replyDrops(),
                counted.flowsMoved(),
                List.copyOf(servers));
    }

    private static Snapshot.Server server(ServerState server, ServiceCounters service, WallClock clock) {
        ServerCounters counted = new ServerCounters(server.place().slot(), 0, 0, 0);
        for (ServerCounters candidate : service.servers()) {
            if (candidate.slot() == server.place().slot()) counted = candidate;
        }
        return new Snapshot.Server(
                server.endpoint(),
                server.config().forwarding().word(),
                server.shownWeight(),
                server.shown(),
                server.verdict(),
                server.wish().intent(),
                clock.at(server.shownNanos()),
                server.health().evidence(),
                clock.at(server.health().evidenceNanos()),
                counted.forwarded(),
                counted.replies(),
                counted.flows(),
                server.vain().total(),
                server.sorry());
    }

    private static List<String> alarms(DirectorState state, List<String> shortages, long droppedEvents) {
        List<String> alarms = new ArrayList<>();
        if (state.tables().late()) alarms.add("a change is not acknowledged by every worker yet");
        if (!state.tables().trouble().isEmpty()) {
            alarms.add("the plane refuses the latest table: " + state.tables().trouble());
        }
        alarms.addAll(shortages);
        if (droppedEvents > 0) alarms.add(droppedEvents + " events were dropped: the director's mailbox was full");
        for (ServiceState service : state.services()) {
            boolean served = service.servers().stream().anyMatch(SnapshotJoin::takesNew);
            if (!served) alarms.add(service.key() + ": no realserver can be used");
            else if (service.sorryServes()) alarms.add(service.key() + ": quorum is lost, the sorry server serves");
            else if (!service.quorumUp()) alarms.add(service.key() + ": quorum is lost");
        }
        allFailedAtOnce(state, alarms);
        return List.copyOf(alarms);
    }

    private static boolean takesNew(ServerState server) {
        return server.place().usability() == Usability.OPEN || server.place().usability() == Usability.SUSPECT;
    }

    /** When everything fails within one interval, the fault is more likely ours than everybody's. */
    private static void allFailedAtOnce(DirectorState state, List<String> alarms) {
        Set<IpAddress> addresses = new HashSet<>();
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        long interval = 0;
        for (ServiceState service : state.services()) {
            for (ServerState server : service.servers()) {
                if (server.health().checks().isEmpty()) continue;
                if (server.verdict() != Verdict.FAILED) return;
                addresses.add(server.endpoint().address());
                first = Math.min(first, server.health().failedNanos());
                last = Math.max(last, server.health().failedNanos());
                for (CheckState check : server.health().checks())
                    interval = Math.max(interval, interval(check.check()));
            }
        }
        if (addresses.size() < 2 || last - first > interval) return;
        alarms.add("all " + addresses.size() + " realserver addresses failed within "
                + Duration.ofNanos(last - first).toMillis()
                + " ms: look at this director's own links and routes first");
    }

    private static long interval(Check check) {
        Check.Timing timing = check.timing();
        return ProbeRule.nanos(timing.delayLoop())
                + ProbeRule.nanos(timing.timeout())
                + timing.retry() * ProbeRule.nanos(timing.delayBeforeRetry());
    }
}
