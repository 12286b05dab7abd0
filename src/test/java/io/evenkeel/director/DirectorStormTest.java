package io.evenkeel.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Refused;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.SlotTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Random histories of verdicts, wishes, signs, reloads, slow acknowledgements and refusals. Whatever happens: the plane
 * ends up with what the law says of each realserver, generations never go down and slots are unique (the plane in memory
 * checks both at every call), totals never go down, everybody is answered.
 */
class DirectorStormTest {
    private static final int HISTORIES = 60;
    private static final int EVENTS = 250;
    private static final int SERVICES = 4;
    private static final int SERVERS = 5;
    private static final Endpoint SORRY = Configs.server(9);

    private final List<CompletableFuture<?>> asked = new ArrayList<>();
    private final Map<String, Integer> generations = new HashMap<>();
    private long total;

    @Test
    void lawHoldsAfterEveryHistory() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int history = 0; history < HISTORIES; history++) {
            long itsSeed = random.nextLong();
            try {
                play(new SplittableRandom(itsSeed), itsSeed);
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("history " + history + " of seed " + seed, failed);
            }
        }
    }

    private void play(SplittableRandom random, long seed) {
        Rig rig = new Rig(seed, false);
        asked.clear();
        generations.clear();
        total = 0;
        Configuration configuration = configuration(random);
        asked.add(rig.apply(configuration));
        for (int event = 0; event < EVENTS; event++) {
            configuration = disturb(rig, random, configuration);
            rig.run(Duration.ofMillis(random.nextInt(400)));
            forward(rig, random);
            atAnyTime(rig);
        }
        rig.plane.refuses = Optional.empty();
        rig.plane.release();
        rig.run(Duration.ofSeconds(2));
        rig.plane.release();
        rig.run(Duration.ofMillis(1));
        atRest(rig, configuration);
    }

    private Configuration disturb(Rig rig, SplittableRandom random, Configuration configuration) {
        Endpoint server = Configs.server(1 + random.nextInt(SERVERS));
        ServiceKey key = Configs.key(1 + random.nextInt(SERVICES));
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> rig.finds(server, Rig.BAD);
            case 3, 4, 5 -> rig.finds(server, Rig.GOOD);
            case 6 -> rig.finds(server, new ProbeOutcome.Passed("weight", OptionalInt.of(random.nextInt(4))));
            case 7 ->
                asked.add(rig.intend(key, server, random.nextBoolean() ? OperatorIntent.IN : OperatorIntent.DRAINING));
            case 8 -> {
                if (known(rig, key, server)) rig.suspect(key, server);
            }
            case 9 -> {
                Configuration next = configuration(random);
                CompletableFuture<Director.Applied> answer = rig.apply(next);
                asked.add(answer);
                return rig.core.state().configuration();
            }
            case 10 -> {
                rig.plane.holding = true;
                if (random.nextBoolean()) rig.plane.release();
            }
            case 11 ->
                rig.plane.refuses = random.nextInt(3) == 0
                        ? Optional.of(new Refused("no descriptor", "raise the limit"))
                        : Optional.empty();
            default -> throw new AssertionError();
        }
        return configuration;
    }

    private static boolean known(Rig rig, ServiceKey key, Endpoint server) {
        return rig.plane.table.services().stream()
                .filter(s -> s.key().equals(key))
                .flatMap(s -> s.servers().stream())
                .anyMatch(s -> s.endpoint().equals(server));
    }

    private static void forward(Rig rig, SplittableRandom random) {
        for (ForwardedService service : rig.plane.table.services()) {
            ForwardedServer server =
                    service.servers().get(random.nextInt(service.servers().size()));
            rig.plane.forward(service.key(), server.endpoint(), random.nextInt(50));
        }
    }

    private void atAnyTime(Rig rig) {
        long now = rig.snapshot().totals().forwarded();
        assertThat(now).as("total forwarded").isGreaterThanOrEqualTo(total);
        total = now;
        for (ServiceState service : rig.core.state().services()) {
            for (ServerState server : service.servers()) {
                int generation = server.place().generation();
                int before =
                        generations.merge(service.slot() + "/" + server.place().slot(), generation, Math::max);
                assertThat(generation).isGreaterThanOrEqualTo(before);
                assertThat(server.place().usability()).isEqualTo(law(service, server));
            }
        }
    }

    private void atRest(Rig rig, Configuration configuration) {
        assertThat(asked).allMatch(CompletableFuture::isDone);
        assertThat(rig.core.state().configuration()).isEqualTo(configuration);
        assertThat(rig.core.state().tables().awaiting()).isEmpty();
        assertThat(rig.plane.table.services()).hasSameSizeAs(configuration.services());
        for (VirtualService wanted : configuration.services()) {
            ServiceState service = rig.core.state().service(wanted.key());
            if (service == null) throw new AssertionError("no " + wanted.key());
            for (ServerState server : service.servers()) {
                Usability law = law(service, server);
                String where = service.key() + " " + server.endpoint();
                assertThat(rig.plane.server(service.key(), server.endpoint()).usability())
                        .as(where)
                        .isEqualTo(law);
                assertThat(rig.plane.usability(service.key(), server.endpoint()))
                        .as(where)
                        .isEqualTo(law);
                assertThat(rig.plane.server(service.key(), server.endpoint()).generation())
                        .as(where)
                        .isEqualTo(server.place().generation());
            }
            picksOnlyWhoMayBePicked(rig.plane.service(wanted.key()));
        }
    }

    /** The law of the table, written out once more. */
    private static Usability law(ServiceState service, ServerState server) {
        boolean sorryServes =
                !service.quorumUp() && service.config().sorryServer().isPresent();
        boolean isSorry = service.config().sorryServer().isPresent()
                && service.config().sorryServer().get().endpoint().equals(server.endpoint());
        boolean listed = service.config().realServers().stream()
                .anyMatch(r -> r.endpoint().equals(server.endpoint()));
        if (isSorry && sorryServes) return Usability.OPEN;
        if (!listed) return Usability.SHUT;
        return switch (server.shown()) {
            case FAILED -> Usability.SHUT;
            case DRAINING -> !server.alive() || server.wish().expired() ? Usability.SHUT : Usability.HOLDING;
            case QUIESCED -> server.alive() && !sorryServes ? Usability.HOLDING : Usability.SHUT;
            case SUSPECT -> server.alive() && !sorryServes ? Usability.SUSPECT : Usability.SHUT;
            case UNKNOWN, UP -> server.alive() && !sorryServes ? Usability.OPEN : Usability.SHUT;
        };
    }

    private static void picksOnlyWhoMayBePicked(ForwardedService service) {
        Schedule.Eligibility eligible =
                index -> switch (service.servers().get(index).usability()) {
                    case OPEN, SUSPECT -> true;
                    case HOLDING, SHUT -> false;
                };
        boolean anybody = false;
        for (int i = 0; i < service.servers().size(); i++) anybody |= eligible.usable(i);
        for (int turn = 0; turn < 50; turn++) {
            int pick = switch (service.schedule()) {
                case Rotation rotation -> rotation.pick(turn, eligible);
                case SlotTable table -> table.pick(false, 0, turn, 0, 0, 0, eligible);
                case LeastPick least -> least.pick(IDLE, eligible, turn);
            };
            assertThat(pick == Schedule.NONE).as("%s", service).isEqualTo(!anybody);
            if (pick != Schedule.NONE) assertThat(eligible.usable(pick)).isTrue();
        }
    }

    private static final Schedule.LoadView IDLE = new Schedule.LoadView() {
        @Override
        public long active(int index) {
            return 0;
        }

        @Override
        public long inactive(int index) {
            return 0;
        }

        @Override
        public long forwardedLately(int index) {
            return 0;
        }
    };

    private static Configuration configuration(SplittableRandom random) {
        List<VirtualService> services = new ArrayList<>();
        for (int s = 1; s <= SERVICES; s++) {
            if (random.nextInt(4) == 0 && (s < SERVICES || !services.isEmpty())) continue;
            Configs.ServiceBuilder builder = Configs.service(s);
            for (int r = 1; r <= SERVERS; r++) {
                if (random.nextInt(3) > 0 || r == SERVERS) builder.with(realServer(random, r));
            }
            builder.quorum(1 + random.nextInt(3), 0);
            if (random.nextBoolean()) builder.sorry(random.nextInt(4) == 0 ? Configs.server(SERVERS) : SORRY);
            if (random.nextBoolean()) builder.drainTimeout(Duration.ofSeconds(random.nextInt(5)));
            builder.udpTimeout = Duration.ofSeconds(1 + random.nextInt(10));
            builder.scheduling = switch (random.nextInt(3)) {
                case 0 -> new Scheduling.RoundRobin();
                case 1 -> new Scheduling.Maglev(false, true);
                default -> new Scheduling.WeightedLeastConnection();
            };
            services.add(builder.build());
        }
        return Configs.of(services.toArray(VirtualService[]::new));
    }

    private static RealServer realServer(SplittableRandom random, int n) {
        RealServer server = Configs.checked(Configs.server(n), random.nextInt(1, 5));
        if (random.nextInt(4) == 0)
            server = Configs.withChecks(server, Configs.misc("a"), Configs.tcp(server.endpoint()));
        if (random.nextInt(5) == 0) server = Configs.withChecks(server);
        if (random.nextInt(5) == 0) server = Configs.inhibited(server);
        if (random.nextInt(5) == 0) server = Configs.alpha(server);
        return server;
    }
}
