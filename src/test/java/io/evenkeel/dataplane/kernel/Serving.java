package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardedService.Affinity;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.Schedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A virtual service for test runs, as the director would compile it; what is not said is a tracked UDP service under wrr
 * by NAT. Realserver i is 198.18.1.(i + 1):6514 or [2001:db8:0:1::(i + 1)]:6514.
 */
final class Serving {
    static final int PORT = 6514;

    private final int slot;
    private final Endpoint vip;
    private Protocol protocol = Protocol.UDP;
    private Scheduling scheduling = new Scheduling.WeightedRoundRobin();
    private Forwarding forwarding = new Forwarding.Nat();
    private boolean onePacket;
    private int responses = ForwardedService.UNKNOWN_RESPONSES;
    private Duration life = Duration.ofMinutes(5);
    private @Nullable Affinity affinity;
    private int[] weights = {1, 1, 1};
    private int firstServer;
    private int also = -1;
    private int port = PORT;
    private int upper;
    private int lower;
    private @Nullable Boolean servers6;
    private final Set<Integer> draining = new TreeSet<>();
    private final Set<Integer> absent = new TreeSet<>();

    Serving(int slot, String vip) {
        this.slot = slot;
        this.vip = Frame.endpoint(vip);
    }

    Serving tcp() {
        protocol = Protocol.TCP;
        return this;
    }

    Serving onePacket() {
        onePacket = true;
        return this;
    }

    Serving by(Scheduling how) {
        scheduling = how;
        return this;
    }

    Serving direct() {
        forwarding = new Forwarding.DirectRouting();
        return this;
    }

    /** Through tunnels to realservers of this family. */
    Serving tunnel(Forwarding.Encapsulation kind, int tunnelPort, boolean outer6) {
        forwarding = new Forwarding.Tunnel(kind, tunnelPort);
        servers6 = outer6;
        return this;
    }

    Serving responses(int count) {
        responses = count;
        return this;
    }

    Serving life(Duration idle) {
        life = idle;
        return this;
    }

    Serving persistent(Duration idle, int prefix) {
        affinity = new Affinity(idle.toNanos(), prefix);
        return this;
    }

    Serving weights(int... each) {
        weights = each.clone();
        return this;
    }

    /** Its realservers begin so much further on. */
    Serving firstServer(int number) {
        firstServer = number;
        return this;
    }

    /** One realserver more, with weight 1: this one. */
    Serving also(int server) {
        also = server;
        weights = Arrays.copyOf(weights, weights.length + 1);
        weights[weights.length - 1] = 1;
        return this;
    }

    Serving port(int of) {
        port = of;
        return this;
    }

    Serving thresholds(int high, int low) {
        upper = high;
        lower = low;
        return this;
    }

    Serving draining(Set<Integer> which) {
        draining.addAll(which);
        return this;
    }

    /** Not in the schedule's table, though listed. */
    Serving absent(Set<Integer> which) {
        absent.addAll(which);
        return this;
    }

    static Endpoint endpoint(boolean v6, int server, int port) {
        return Frame.endpoint(
                (v6 ? "[2001:db8:0:1::" + Integer.toHexString(server + 1) + "]" : "198.18.1." + (server + 1)) + ":"
                        + port);
    }

    ForwardedService build() {
        List<ForwardedServer> servers = new ArrayList<>();
        List<Schedule.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            int server = also >= 0 && i == weights.length - 1 ? also : firstServer + i;
            Endpoint endpoint = endpoint(servers6 == null ? vip.address().v6() : servers6, server, port);
            boolean present = !absent.contains(i);
            int weight = present && !draining.contains(i) ? weights[i] : 0;
            Usability usability = !present ? Usability.SHUT : weight > 0 ? Usability.OPEN : Usability.HOLDING;
            servers.add(new ForwardedServer(i, endpoint, forwarding, weight, usability, 0, upper, lower));
            candidates.add(
                    new Schedule.Candidate(endpoint, weight, present ? weights[i] : 0, present, draining.contains(i)));
        }
        return new ForwardedService(
                slot,
                new ServiceKey(protocol, vip),
                Schedule.compile(scheduling, candidates, onePacket, false),
                onePacket,
                responses,
                life.toNanos(),
                affinity,
                false,
                false,
                0,
                servers);
    }
}
