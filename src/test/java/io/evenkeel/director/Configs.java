package io.evenkeel.director;

import io.evenkeel.model.Check;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Configurations for tests. */
final class Configs {
    static final Forwarding NAT = new Forwarding.Nat();
    static final Duration DELAY_LOOP = Duration.ofSeconds(1);
    static final Duration TIMEOUT = Duration.ofMillis(400);

    private Configs() {}

    static ServiceKey key(int n) {
        return new ServiceKey(Protocol.UDP, Endpoint.of("198.18.0." + n + ":53"));
    }

    static Endpoint server(int n) {
        return Endpoint.of("198.19.0." + n + ":53");
    }

    static Configuration of(VirtualService... services) {
        return new Configuration(List.of(services), Configuration.DEFAULT_REPLY_PORTS, List.of());
    }

    static Check tcp(Endpoint target) {
        return tcp(target, 0, DELAY_LOOP, false);
    }

    static Check tcp(Endpoint target, int retry, Duration delayLoop, boolean alpha) {
        return new Check.Tcp(
                new Check.Timing(delayLoop, retry, Duration.ofMillis(200), Duration.ZERO, TIMEOUT, 1, 1, alpha),
                new Check.Target(target, Optional.empty(), 0, Optional.empty(), 0));
    }

    /** A check whose outcome may bring a weight. */
    static Check misc(String name) {
        return new Check.Misc(
                new Check.Timing(DELAY_LOOP, 0, Duration.ZERO, Duration.ZERO, TIMEOUT, 1, 1, false),
                List.of("/bin/" + name),
                TIMEOUT,
                true);
    }

    static ServiceBuilder service(int n) {
        return new ServiceBuilder(n);
    }

    static RealServer unchecked(Endpoint endpoint, int weight) {
        return new RealServer(endpoint, weight, NAT, 0, 0, false, false, List.of());
    }

    static RealServer checked(Endpoint endpoint, int weight) {
        return new RealServer(endpoint, weight, NAT, 0, 0, false, false, List.of(tcp(endpoint)));
    }

    static RealServer inhibited(RealServer s) {
        return new RealServer(s.endpoint(), s.weight(), s.forwarding(), 0, 0, true, s.alpha(), s.checks());
    }

    static RealServer alpha(RealServer s) {
        return new RealServer(s.endpoint(), s.weight(), s.forwarding(), 0, 0, s.inhibitOnFailure(), true, s.checks());
    }

    static RealServer withChecks(RealServer s, Check... checks) {
        return new RealServer(
                s.endpoint(), s.weight(), s.forwarding(), 0, 0, s.inhibitOnFailure(), s.alpha(), List.of(checks));
    }

    static final class ServiceBuilder {
        private final ServiceKey key;
        private final List<RealServer> servers = new ArrayList<>();
        Scheduling scheduling = new Scheduling.WeightedRoundRobin();
        boolean onePacket = true;
        Forwarding forwarding = NAT;
        OptionalInt responses = OptionalInt.of(0);
        VirtualService.ClientAddress clientAddress = VirtualService.ClientAddress.DIRECTOR;
        boolean transparent;
        boolean proxyProtocol;
        int quorum = 1;
        int hysteresis;
        Optional<VirtualService.SorryServer> sorry = Optional.empty();
        Optional<Duration> drainTimeout = Optional.empty();
        Duration udpTimeout = Duration.ofSeconds(30);

        private ServiceBuilder(int n) {
            key = key(n);
        }

        ServiceBuilder with(RealServer... more) {
            servers.addAll(List.of(more));
            return this;
        }

        ServiceBuilder scheduling(Scheduling value) {
            scheduling = value;
            return this;
        }

        ServiceBuilder quorum(int value, int slack) {
            quorum = value;
            hysteresis = slack;
            return this;
        }

        ServiceBuilder sorry(Endpoint endpoint) {
            sorry = Optional.of(new VirtualService.SorryServer(endpoint, NAT, false));
            return this;
        }

        ServiceBuilder drainTimeout(Duration value) {
            drainTimeout = Optional.of(value);
            return this;
        }

        VirtualService build() {
            return new VirtualService(
                    key,
                    scheduling,
                    onePacket,
                    forwarding,
                    Optional.empty(),
                    responses,
                    udpTimeout,
                    clientAddress,
                    transparent,
                    proxyProtocol,
                    false,
                    quorum,
                    hysteresis,
                    false,
                    false,
                    sorry,
                    drainTimeout,
                    Duration.ZERO,
                    servers);
        }
    }
}
