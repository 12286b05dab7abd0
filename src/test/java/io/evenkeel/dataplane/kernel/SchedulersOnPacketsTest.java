package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.SlotTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The program picks what the room {@code schedule} picks: random services, weights, states, loads and clients, each packet
 * once explained and once run. The schedules themselves are held to IPVS elsewhere.
 */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class SchedulersOnPacketsTest {
    private static final int SETS = 48; // services with each scheduler
    private static final int CLIENTS = 60; // of each service

    @TempDir
    static Path directory;

    private static ProgramRig rig;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @BeforeAll
    static void load() {
        rig = ProgramRig.load(directory, ProgramRig.ROOMY);
    }

    @AfterAll
    static void unload() {
        rig.close();
    }

    static Stream<Scheduling> schedulers() {
        return Stream.of(
                new Scheduling.RoundRobin(),
                new Scheduling.WeightedRoundRobin(),
                new Scheduling.SourceHash(false, false),
                new Scheduling.SourceHash(false, true),
                new Scheduling.SourceHash(true, false),
                new Scheduling.SourceHash(true, true),
                new Scheduling.Maglev(false, false),
                new Scheduling.Maglev(false, true),
                new Scheduling.Maglev(true, false),
                new Scheduling.Maglev(true, true),
                new Scheduling.DestinationHash(),
                new Scheduling.LeastConnection(),
                new Scheduling.WeightedLeastConnection(),
                new Scheduling.ShortestExpectedDelay(),
                new Scheduling.NeverQueue(),
                new Scheduling.WeightedFailover(),
                new Scheduling.Overflow());
    }

    /** A service in force, as the model sees it: its realservers' states are random, and may be changed. */
    private static final class Model implements Schedule.Eligibility, Schedule.LoadView {
        final ForwardedService service;
        final Usability[] states;

        Model(ForwardedService service) {
            this.service = service;
            states = service.servers().stream().map(ForwardedServer::usability).toArray(Usability[]::new);
        }

        void flip(int index, Usability usability) {
            states[index] = usability;
            int generation = usability == Usability.SHUT ? 1 : 0;
            rig.flip(new ServerFlip(0, service.servers().get(index).slot(), usability, generation));
        }

        @Override
        public boolean usable(int index) {
            boolean anyOpen = List.of(states).contains(Usability.OPEN);
            return states[index] == Usability.OPEN || (!anyOpen && states[index] == Usability.SUSPECT);
        }

        @Override
        public boolean tolerable(int index) {
            return states[index] == Usability.OPEN || states[index] == Usability.SUSPECT;
        }

        private long load(int index, String what) {
            return rig.load(rig.number(0, index), what);
        }

        @Override
        public long active(int index) {
            return load(index, "active");
        }

        @Override
        public long inactive(int index) {
            return load(index, "inactive");
        }

        @Override
        public long forwardedLately(int index) {
            return load(index, "lately");
        }

        int pick(Endpoint client, long turn) {
            IpAddress from = client.address();
            IpAddress to = service.key().vip().address();
            return switch (service.schedule()) {
                case Rotation rotation -> rotation.pick(turn, this);
                case SlotTable table ->
                    table.pick(from.v6(), from.high(), from.low(), client.port(), to.high(), to.low(), this);
                case LeastPick least -> least.pick(this, this, turn);
            };
        }
    }

    private Set<Integer> some(int of, int oneIn) {
        Set<Integer> some = new TreeSet<>();
        for (int i = 0; i < of; i++) if (random.nextInt(oneIn) == 0) some.add(i);
        return some;
    }

    private int weight() {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> random.nextInt(1, 10);
            default -> random.nextInt(1, 400);
        };
    }

    private Endpoint client(boolean v6) {
        int port = random.nextInt(1, 65_536);
        if (v6)
            return new Endpoint(
                    IpAddress.v6(0x2001_0db8_0000_0000L | random.nextInt(1 << 20), random.nextLong()), port);
        return new Endpoint(IpAddress.v4(198 << 24 | 19 << 16 | random.nextInt(1 << 16)), port);
    }

    private static final Usability[] STATES = {
        Usability.OPEN, Usability.OPEN, Usability.OPEN, Usability.SUSPECT, Usability.HOLDING, Usability.SHUT
    };

    @ParameterizedTest
    @MethodSource("schedulers")
    void theProgramPicksWhatTheSchedulePicks(Scheduling scheduling) {
        System.out.println("seed " + seed);
        for (int set = 0; set < SETS; set++) {
            boolean v6 = random.nextBoolean();
            boolean onePacket = random.nextBoolean();
            boolean tcp = !onePacket && random.nextBoolean();
            int[] weights = new int[random.nextInt(5) == 0 ? random.nextInt(33, 40) : random.nextInt(1, 8)];
            for (int i = 0; i < weights.length; i++) weights[i] = weight();
            String vip = v6
                    ? "[2001:db8:0:2::" + Integer.toHexString(random.nextInt(1, 1 << 16)) + "]:514"
                    : "198.18.200." + random.nextInt(1, 255) + ":514";
            Set<Integer> absent = some(weights.length, 6);
            Set<Integer> draining = some(weights.length, 6);
            draining.removeAll(absent);
            Serving serving = new Serving(0, vip)
                    .by(scheduling)
                    .weights(weights)
                    .absent(absent)
                    .draining(draining);
            if (onePacket) serving.onePacket();
            if (tcp) serving.tcp();
            Model model = new Model(serving.build());
            rig.reset();
            rig.commit(model.service);
            boolean loads = random.nextBoolean();
            for (int i = 0; i < CLIENTS; i++) {
                if (i % 20 == 10) flipSome(model, absent, draining);
                if (loads) randomLoads(weights.length);
                String what = "%s, seed %d, set %d, client %d".formatted(scheduling, seed, set, i);
                sendOne(model, v6, tcp, what);
            }
            ServiceCounters counters = rig.counters(0, weights.length);
            assertThat(counters.received()).isEqualTo(CLIENTS);
            assertThat(counters.imbalance()).isZero();
            assertThat(rig.flows()).hasSize(onePacket ? 0 : (int) counters.forwarded());
        }
    }

    /** The absent are shut, and the draining are held; the others may be in any state. */
    private void flipSome(Model model, Set<Integer> absent, Set<Integer> draining) {
        for (int i = 0; i < model.states.length; i++) {
            if (absent.contains(i)
                    || draining.contains(i)
                    || model.service.servers().get(i).weight() == 0) continue;
            model.flip(i, STATES[random.nextInt(STATES.length)]);
        }
    }

    private void randomLoads(int servers) {
        for (int i = 0; i < servers; i++) {
            int bound = random.nextInt(8) == 0 ? Integer.MAX_VALUE : 6;
            for (String what : new String[] {"active", "inactive", "lately"}) {
                rig.load(rig.number(0, i), what, random.nextInt(bound));
            }
        }
    }

    private void sendOne(Model model, boolean v6, boolean tcp, String what) {
        Endpoint client = client(v6);
        Frame frame = new Frame().from(client).to(model.service.key().vip());
        if (tcp) frame.tcp(Frame.SYN);
        Explained told = rig.explain(frame);
        long turn = told instanceof Explained.Forwarded forwarded ? forwarded.turn() : rig.turn();
        int expected = model.pick(client, turn);
        long lately = expected < 0 ? 0 : model.forwardedLately(expected);
        TestRun run = rig.run(frame);
        if (expected == Schedule.NONE) {
            assertThat(told).as(what).satisfies(ProgramRig.dropped(0, DropReason.NO_REALSERVER));
            assertThat(run.answer()).as(what).isIn(ProgramRig.TX, ProgramRig.DROP); // told, or spared
            return;
        }
        assertThat(told)
                .as(what)
                .isInstanceOfSatisfying(
                        Explained.Forwarded.class,
                        forwarded -> assertThat(forwarded.server()).isEqualTo(rig.number(0, expected)));
        assertThat(run.packet())
                .as(what)
                .isEqualTo(frame.hopped(ProgramRig.mac(expected))
                        .to(Serving.endpoint(v6, expected, Serving.PORT))
                        .bytes());
        boolean counts = model.service.onePacket()
                && model.service.schedule() instanceof LeastPick least
                && least.rule() != LeastPick.Rule.WEIGHT
                && least.rule() != LeastPick.Rule.OVERFLOW;
        if (counts) assertThat(model.forwardedLately(expected)).as(what).isEqualTo(lately + 1);
    }
}
