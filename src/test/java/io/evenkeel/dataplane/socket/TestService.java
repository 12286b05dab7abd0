package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.Schedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds the service of a test. Realservers get the slots 0, 1, … in order. */
final class TestService {
    private final int slot;
    private final Endpoint vip;
    private Scheduling scheduling = new Scheduling.WeightedRoundRobin();
    private boolean onePacket;
    private int responses = ForwardedService.UNKNOWN_RESPONSES;
    private Duration timeout = Duration.ofSeconds(30);
    private ForwardedService.@Nullable Affinity affinity;
    private Protocol protocol = Protocol.UDP;
    private boolean proxyProtocol;
    private boolean transparent;
    private Duration failbackGrace = Duration.ZERO;
    private final List<ForwardedServer> servers = new ArrayList<>();

    TestService(int slot, Endpoint vip) {
        this.slot = slot;
        this.vip = vip;
    }

    TestService ops() {
        onePacket = true;
        return this;
    }

    TestService tcp() {
        protocol = Protocol.TCP;
        return this;
    }

    TestService proxyProtocol() {
        proxyProtocol = true;
        return this;
    }

    TestService transparent() {
        transparent = true;
        return this;
    }

    TestService failbackGrace(Duration grace) {
        failbackGrace = grace;
        return this;
    }

    TestService responses(int expected) {
        responses = expected;
        return this;
    }

    TestService timeout(Duration udpTimeout) {
        timeout = udpTimeout;
        return this;
    }

    TestService scheduling(Scheduling wanted) {
        scheduling = wanted;
        return this;
    }

    TestService persistence(Duration life, int prefixLength) {
        affinity = new ForwardedService.Affinity(life.toNanos(), prefixLength);
        return this;
    }

    TestService server(Endpoint endpoint, int weight) {
        return server(endpoint, weight, Usability.OPEN, 0, 0);
    }

    TestService servers(Backend... backends) {
        for (Backend backend : backends) server(backend.endpoint(), 1);
        return this;
    }

    TestService server(Endpoint endpoint, int weight, Usability usability, int upper, int lower) {
        return serverAt(servers.size(), endpoint, weight, usability, upper, lower);
    }

    TestService serverAt(int itsSlot, Endpoint endpoint, int weight, Usability usability, int upper, int lower) {
        servers.add(new ForwardedServer(itsSlot, endpoint, new Forwarding.Nat(), weight, usability, 1, upper, lower));
        return this;
    }

    ForwardedService build() {
        List<Schedule.Candidate> candidates = servers.stream()
                .map(server -> new Schedule.Candidate(server.endpoint(), server.weight(), server.weight(), true))
                .toList();
        return new ForwardedService(
                slot,
                new ServiceKey(protocol, vip),
                Schedule.compile(scheduling, candidates, onePacket, false),
                onePacket,
                responses,
                timeout.toNanos(),
                affinity,
                transparent,
                proxyProtocol,
                failbackGrace.toNanos(),
                servers);
    }
}
