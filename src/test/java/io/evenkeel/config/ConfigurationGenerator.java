package io.evenkeel.config;

import io.evenkeel.model.Check;
import io.evenkeel.model.Check.Http.StatusRange;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import io.evenkeel.model.VirtualService.ClientAddress;
import io.evenkeel.model.VirtualService.Persistence;
import io.evenkeel.model.VirtualService.SorryServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Any configuration that a file can mean, from a seed. */
final class ConfigurationGenerator {

    private static final List<String> WORDS =
            List.of("/", "/a#b", "/a!b", "/x\"y", "/{z}", "/ä", "/a\\b", "/a'b", "/\\\\", "/a$b", "/a\\#b");

    private static final List<String> ARGUMENTS = List.of(
            "/bin/x", "a b", "", "\"", "'", "\\", "$HOME", "${X}", "#", "!", "{", "}", "\t", "\n", "ä", "a\\x41");

    private final SplittableRandom random;

    ConfigurationGenerator(long seed) {
        this.random = new SplittableRandom(seed);
    }

    Configuration configuration() {
        Map<ServiceKey, VirtualService> services = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            VirtualService service = service();
            services.put(service.key(), service);
        }
        int ports = random.nextBoolean() ? Configuration.DEFAULT_REPLY_PORTS : 1 + random.nextInt(100_000);
        List<IpAddress> addresses = IntStream.range(0, random.nextInt(3))
                .mapToObj(i -> address(i == 0))
                .toList();
        return new Configuration(List.copyOf(services.values()), ports, addresses);
    }

    private VirtualService service() {
        boolean v6 = random.nextBoolean();
        boolean udp = random.nextBoolean();
        Optional<Persistence> persistence = maybe(() ->
                new Persistence(Duration.ofSeconds(1 + random.nextInt(2_678_400)), 1 + random.nextInt(v6 ? 128 : 32)));
        int port = persistence.isPresent() ? random.nextInt(3) : 1 + random.nextInt(65_535);
        ServiceKey key = new ServiceKey(udp ? Protocol.UDP : Protocol.TCP, new Endpoint(address(v6), port));
        boolean ops = udp && random.nextBoolean();
        Forwarding method = method();
        boolean nat = method instanceof Forwarding.Nat;
        boolean alpha = random.nextBoolean();
        List<RealServer> servers = servers(key, method, alpha);
        long weights =
                Math.max(1, servers.stream().mapToLong(RealServer::weight).sum());
        int quorum = (int) Math.min(Integer.MAX_VALUE, 1 + random.nextLong(weights));
        boolean transparent = udp && nat && random.nextInt(4) == 0;
        OptionalInt responses = transparent
                ? OptionalInt.of(0)
                : udp && random.nextBoolean() ? OptionalInt.of(random.nextInt(65_536)) : OptionalInt.empty();
        ClientAddress seen = nat && !transparent
                ? some(List.of(ClientAddress.values()))
                : random.nextBoolean() ? ClientAddress.KEEP : ClientAddress.UNSPECIFIED;
        Duration idle = udp && random.nextBoolean() ? time() : ops ? Duration.ofSeconds(30) : Duration.ofMinutes(5);
        return new VirtualService(
                key,
                scheduling(),
                ops,
                method,
                persistence,
                responses,
                idle,
                seen,
                transparent,
                nat && !transparent && random.nextBoolean(),
                random.nextBoolean(),
                quorum,
                random.nextInt(quorum),
                alpha,
                random.nextBoolean(),
                maybe(() -> sorry(key, method)),
                maybe(this::time),
                random.nextBoolean() ? Duration.ZERO : time(),
                servers);
    }

    private SorryServer sorry(ServiceKey key, Forwarding method) {
        Forwarding own = random.nextBoolean() ? method : method();
        boolean v6 = key.vip().address().v6() != (own instanceof Forwarding.Tunnel && random.nextBoolean());
        int port = key.vip().port() == 0 ? random.nextInt(3) : 1 + random.nextInt(65_535);
        return new SorryServer(new Endpoint(address(v6), port), own, random.nextBoolean());
    }

    private List<RealServer> servers(ServiceKey key, Forwarding method, boolean alpha) {
        Map<Endpoint, RealServer> servers = new LinkedHashMap<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            Forwarding own = random.nextInt(3) > 0 ? method : method();
            boolean v6 = key.vip().address().v6() != (own instanceof Forwarding.Tunnel && random.nextBoolean());
            boolean anyPort = own instanceof Forwarding.Nat && random.nextBoolean();
            Endpoint endpoint = new Endpoint(
                    address(v6),
                    anyPort ? 1 + random.nextInt(65_535) : key.vip().port());
            int upper = random.nextBoolean() ? 0 : random.nextInt(Integer.MAX_VALUE);
            int weight = random.nextInt(3) == 0 ? random.nextInt(Integer.MAX_VALUE) : random.nextInt(5);
            boolean ownAlpha = alpha != (random.nextInt(4) == 0);
            servers.put(
                    endpoint,
                    new RealServer(
                            endpoint,
                            weight,
                            own,
                            upper,
                            upper == 0 ? 0 : random.nextInt(upper),
                            random.nextBoolean(),
                            ownAlpha,
                            checks(endpoint)));
        }
        return List.copyOf(servers.values());
    }

    private List<Check> checks(Endpoint endpoint) {
        return IntStream.range(0, random.nextInt(3))
                .mapToObj(i -> check(endpoint))
                .toList();
    }

    private Check check(Endpoint server) {
        return switch (random.nextInt(5)) {
            case 0 -> new Check.Tcp(timing(), target(server));
            case 1 -> new Check.Ping(timing(), target(server));
            case 2 -> new Check.Http(timing(), target(server), urls(), some(List.of(Check.Http.Version.values())));
            case 3 -> {
                int shortest = random.nextInt(300);
                yield new Check.Udp(
                        timing(),
                        target(server),
                        new Check.HexBytes(
                                random.nextBoolean() ? CheckBinder.DEFAULT_PAYLOAD : hex("0123456789abcdef")),
                        maybe(() -> new Check.ReplyPattern(hex("0123456789abcdefX"))),
                        shortest,
                        shortest + random.nextInt(1_000));
            }
            default -> {
                Duration timeout = time();
                List<String> command = new ArrayList<>(List.of(random.nextBoolean() ? "/bin/x" : "/my dir/x"));
                for (int i = random.nextInt(4); i > 0; i--) command.add(some(ARGUMENTS));
                yield new Check.Misc(Inherited.withTimeout(timing(), timeout), command, timeout, random.nextBoolean());
            }
        };
    }

    private List<Check.Http.Url> urls() {
        return IntStream.range(0, 1 + random.nextInt(2))
                .mapToObj(i -> new Check.Http.Url(some(WORDS), maybe(() -> "h" + some(WORDS)), statuses()))
                .toList();
    }

    private List<StatusRange> statuses() {
        if (random.nextBoolean()) return List.of(new StatusRange(200, 299));
        return IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> {
                    int first = 100 + random.nextInt(500);
                    return new StatusRange(first, first + random.nextInt(600 - first));
                })
                .toList();
    }

    private Check.Timing timing() {
        Duration loop = time();
        return new Check.Timing(
                loop,
                random.nextInt(5),
                time(),
                random.nextBoolean() ? loop : time(),
                time(),
                1 + random.nextInt(3),
                1 + random.nextInt(3),
                random.nextBoolean());
    }

    private Check.Target target(Endpoint server) {
        boolean same = random.nextBoolean() || server.port() == 0;
        return new Check.Target(
                same ? server : new Endpoint(address(random.nextBoolean()), 1 + random.nextInt(65_535)),
                maybe(() -> address(random.nextBoolean())),
                random.nextInt(3) == 0 ? random.nextInt(65_536) : 0,
                maybe(() -> some(List.of("eth0", "lo", "bond0.1", "a#b"))),
                random.nextInt(3) == 0 ? random.nextInt() : 0);
    }

    private Scheduling scheduling() {
        String name = some(SchedulerChoice.NAMES);
        List<String> flags = new ArrayList<>();
        if (random.nextBoolean()) flags.add(name + "-port");
        if (random.nextBoolean()) flags.add(name + "-fallback");
        return SchedulerChoice.scheduling(name, Set.copyOf(flags)).orElseThrow();
    }

    private Forwarding method() {
        return switch (random.nextInt(6)) {
            case 0 -> new Forwarding.DirectRouting();
            case 1 -> new Forwarding.Tunnel(Forwarding.Encapsulation.IPIP, 0);
            case 2 -> new Forwarding.Tunnel(Forwarding.Encapsulation.GUE, 1 + random.nextInt(65_535));
            case 3 -> new Forwarding.Tunnel(Forwarding.Encapsulation.GRE, 0);
            default -> new Forwarding.Nat();
        };
    }

    private IpAddress address(boolean v6) {
        return v6 ? IpAddress.v6(random.nextLong(), random.nextLong(3)) : IpAddress.v4(random.nextInt());
    }

    private Duration time() {
        Duration seconds = Duration.ofSeconds(1 + random.nextInt(100));
        return random.nextBoolean() ? seconds : seconds.plusNanos(1_000L * random.nextInt(1_000_000));
    }

    private String hex(String digits) {
        StringBuilder text = new StringBuilder();
        for (int i = 2 * random.nextInt(8); i > 0; i--) text.append(digits.charAt(random.nextInt(digits.length())));
        return text.toString();
    }

    private <T> Optional<T> maybe(Supplier<T> value) {
        return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
    }

    private <T> T some(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
