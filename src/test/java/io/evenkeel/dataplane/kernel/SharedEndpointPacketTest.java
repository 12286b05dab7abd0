package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies through the real program, where services have realservers of their own and where they share them. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF})
class SharedEndpointPacketTest {
    private static final int SERVERS = 3;
    private static final Duration LIFE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static ClientNet net;
    private static ProgramRig rig;

    @BeforeAll
    static void load() {
        net = new ClientNet();
        rig = ProgramRig.load(directory).in(net);
    }

    @AfterAll
    static void unload() {
        rig.close();
        net.close();
    }

    @BeforeEach
    void forget() {
        rig.reset();
    }

    /** What a service is in these tests. */
    enum Kind {
        NOTED, // one-packet
        SILENT, // one-packet, and never answered
        TRACKED
    }

    private static String vip(boolean v6, int slot) {
        return (v6 ? "[2001:db8::" + (0x20 + slot) + "]" : "198.18.0." + (0x20 + slot)) + ":514";
    }

    private static void commit(boolean v6, Kind... kinds) {
        Serving[] services = new Serving[kinds.length];
        for (int slot = 0; slot < kinds.length; slot++) {
            services[slot] = new Serving(slot, vip(v6, slot)).life(LIFE);
            if (kinds[slot] != Kind.TRACKED) services[slot].onePacket();
            if (kinds[slot] == Kind.SILENT) services[slot].responses(0);
        }
        rig.commit(services);
    }

    private static String client(boolean v6, int client, int port) {
        return (v6 ? "[2001:db8::" + client + "]:" : "198.18.0." + client + ":") + port;
    }

    private static Frame ask(boolean v6, int slot, int client, int port) {
        return new Frame().from(client(v6, client, port)).to(vip(v6, slot));
    }

    /** The slot of the realserver that it went to. */
    private static int asked(boolean v6, int slot, int client, int port) {
        TestRun run = rig.run(ask(v6, slot, client, port));
        assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
        return run.packet()[5] - 1;
    }

    private static Frame answer(boolean v6, int server, int client, int port) {
        return new Frame()
                .from(Serving.endpoint(v6, server, Serving.PORT))
                .to(client(v6, client, port))
                .hops(50);
    }

    private static void assertLeavesFrom(boolean v6, int slot, int server, Frame answer, int client) {
        assertThat(rig.explain(answer)).isInstanceOfSatisfying(Explained.Replied.class, replied -> {
            assertThat(replied.service()).isEqualTo(slot);
            assertThat(replied.server()).isEqualTo(rig.number(slot, server));
        });
        long before = replies(slot, server);
        TestRun run = rig.run(answer);
        assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
        assertThat(run.packet())
                .isEqualTo(answer.copy()
                        .from(vip(v6, slot))
                        .hops(49)
                        .macs(ClientNet.clientMac(client), ClientNet.SOURCE_MAC)
                        .bytes());
        assertThat(replies(slot, server)).isEqualTo(before + 1);
    }

    private static long replies(int slot, int server) {
        return rig.counters(slot, SERVERS).servers().stream()
                .filter(counters -> counters.slot() == server)
                .mapToLong(counters -> counters.replies())
                .sum();
    }

    static Stream<Arguments> mixtures() {
        return Stream.of(
                        List.of(Kind.NOTED, Kind.NOTED),
                        List.of(Kind.NOTED, Kind.NOTED, Kind.NOTED),
                        List.of(Kind.TRACKED, Kind.TRACKED),
                        List.of(Kind.TRACKED, Kind.TRACKED, Kind.TRACKED),
                        List.of(Kind.NOTED, Kind.TRACKED),
                        List.of(Kind.TRACKED, Kind.NOTED, Kind.TRACKED),
                        List.of(Kind.TRACKED))
                .flatMap(kinds -> Stream.of(Arguments.of(false, kinds), Arguments.of(true, kinds)));
    }

    /** Each client talks to each service from a port of its own, and every realserver answers only whom it was asked by. */
    @ParameterizedTest
    @MethodSource("mixtures")
    void aReplyLeavesFromTheServiceThatWasAsked(boolean v6, List<Kind> kinds) {
        commit(v6, kinds.toArray(Kind[]::new));
        int[][] servers = new int[ClientNet.NEIGHBOURS + 1][kinds.size()];
        for (int client = 1; client <= ClientNet.NEIGHBOURS; client++) {
            for (int slot = 0; slot < kinds.size(); slot++) {
                servers[client][slot] = asked(v6, slot, client, 40_000 + slot);
            }
        }
        for (int client = 1; client <= ClientNet.NEIGHBOURS; client++) {
            for (int slot = 0; slot < kinds.size(); slot++) {
                int server = servers[client][slot];
                assertLeavesFrom(v6, slot, server, answer(v6, server, client, 40_000 + slot), client);
            }
        }
        for (int slot = 0; slot < kinds.size(); slot++) {
            assertThat(rig.counters(slot, SERVERS).imbalance()).isZero();
            assertThat(rig.counters(slot, SERVERS).replies()).isEqualTo(ClientNet.NEIGHBOURS);
            assertThat(rig.counters(slot, SERVERS).replyDrops()).isEmpty();
        }
    }

    /** Under one-packet scheduling any realserver of the service may have been asked; of a flow it is that one alone. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theReplyOfAnotherRealserverIsAStrangersWhenFlowsAreTracked(boolean v6) {
        commit(v6, Kind.NOTED, Kind.TRACKED);
        asked(v6, 0, 1, 40_000);
        for (int server = 0; server < SERVERS; server++) {
            assertLeavesFrom(v6, 0, server, answer(v6, server, 1, 40_000), 1);
        }
        int server = asked(v6, 1, 1, 40_001);
        Frame stranger = answer(v6, (server + 1) % SERVERS, 1, 40_001);
        // Which of the services counts it is the one that its endpoint names first.
        assertThat(rig.explain(stranger)).isInstanceOf(Explained.Dropped.class);
        TestRun run = rig.run(stranger);
        assertThat(run.answer()).isEqualTo(ProgramRig.DROP);
        assertThat(run.packet()).isEqualTo(stranger.bytes());
        assertThat(dropped(DropReason.REPLY_STRANGER, 2)).isEqualTo(1);
        assertLeavesFrom(v6, 1, server, answer(v6, server, 1, 40_001), 1);
    }

    private static long dropped(DropReason reason, int services) {
        long sum = 0;
        for (int slot = 0; slot < services; slot++) {
            sum += rig.counters(slot, SERVERS).replyDrops().getOrDefault(reason, 0L);
            assertThat(rig.counters(slot, SERVERS).imbalance()).isZero();
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReplyThatNobodyWaitsForIsUnexpectedWhereAServiceIsOnePacket(boolean v6) {
        commit(v6, Kind.TRACKED, Kind.NOTED);
        Frame answer = answer(v6, 0, 1, 40_000);
        assertThat(rig.run(answer).answer()).isEqualTo(ProgramRig.DROP);
        assertThat(dropped(DropReason.REPLY_UNEXPECTED, 2)).isEqualTo(1);
        asked(v6, 1, 1, 40_000);
        rig.ageAll(LIFE.plusSeconds(1));
        TestRun late = rig.run(answer);
        assertThat(late.answer()).as("too late").isEqualTo(ProgramRig.DROP);
        assertThat(late.packet()).isEqualTo(answer.bytes());
        assertThat(dropped(DropReason.REPLY_UNEXPECTED, 2)).isEqualTo(2);
    }

    /** The realserver may have connections of its own. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withoutAFlowATrackedRealserversPacketsPassUntouched(boolean v6) {
        commit(v6, Kind.TRACKED, Kind.TRACKED);
        Frame answer = answer(v6, 0, 1, 40_000);
        assertThat(rig.explain(answer)).isEqualTo(new Explained.Passed(PassReason.NO_FLOW));
        TestRun run = rig.run(answer);
        assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
        assertThat(run.packet()).isEqualTo(answer.bytes());
        assertThat(rig.passed(PassReason.NO_FLOW)).isEqualTo(1);
        int server = asked(v6, 0, 1, 40_000);
        rig.ageAll(LIFE.plusSeconds(1));
        assertThat(rig.run(answer(v6, server, 1, 40_000)).answer()).isEqualTo(ProgramRig.PASS);
        assertThat(rig.passed(PassReason.NO_FLOW)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerKeepsItsFlowAlive(boolean v6) {
        commit(v6, Kind.TRACKED, Kind.NOTED);
        for (int slot = 0; slot < 2; slot++) {
            rig.reset();
            int server = asked(v6, slot, 1, 40_000);
            rig.ageAll(LIFE.minusSeconds(2));
            assertLeavesFrom(v6, slot, server, answer(v6, server, 1, 40_000), 1);
            assertThat(Ticks.age(Ticks.at(System.nanoTime()), rig.flow().last()))
                    .isLessThan(3);
            assertThat(rig.flow().answered()).isTrue();
            assertThat(rig.flow().state()).isEqualTo(slot == 0 ? FlowState.UDP : FlowState.NOTE);
        }
    }

    /** What the second service is asked leaves from a port of ours, and its answer finds the client's again. */
    @ParameterizedTest
    @MethodSource("mixtures")
    void oneClientPortThatAsksServicesWithTheSameRealserversGetsEachAnswerFromWhomItAsked(
            boolean v6, List<Kind> kinds) {
        commit(v6, kinds.toArray(Kind[]::new));
        int first = asked(v6, 0, 1, 40_000);
        for (int slot = 1; slot < kinds.size(); slot++) {
            Frame question = ask(v6, slot, 1, 40_000);
            int port = 0;
            for (int time = 0; time < 3; time++) {
                assertThat(rig.explain(question)).isInstanceOf(Explained.Forwarded.class);
                TestRun run = rig.run(question);
                assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
                int server = run.packet()[5] - 1;
                int ports = v6 ? 54 : 34;
                int its = Short.toUnsignedInt(
                        java.nio.ByteBuffer.wrap(run.packet()).getShort(ports));
                assertThat(its).isNotEqualTo(40_000).isGreaterThanOrEqualTo(32_768);
                if (time > 0) assertThat(its).as("it keeps its port").isEqualTo(port);
                port = its;
                assertThat(run.packet())
                        .isEqualTo(question.hopped(ProgramRig.mac(server))
                                .from(client(v6, 1, port))
                                .to(Serving.endpoint(v6, server, Serving.PORT))
                                .bytes());
                Frame answer = answer(v6, server, 1, port);
                TestRun back = rig.run(answer);
                assertThat(back.packet())
                        .isEqualTo(answer.copy()
                                .from(vip(v6, slot))
                                .to(client(v6, 1, 40_000))
                                .hops(49)
                                .macs(ClientNet.clientMac(1), ClientNet.SOURCE_MAC)
                                .bytes());
            }
        }
        assertLeavesFrom(v6, 0, first, answer(v6, first, 1, 40_000), 1);
        assertThat(rig.flows()).hasSize(kinds.size());
        for (int slot = 0; slot < kinds.size(); slot++) {
            assertThat(rig.counters(slot, SERVERS).imbalance()).isZero();
            assertThat(rig.counters(slot, SERVERS).drops()).isEmpty();
        }
    }

    @Test
    void thePortOfAFlowWhoseRealserverFailedIsFreeForAnotherService() {
        commit(false, Kind.TRACKED, Kind.TRACKED);
        int server = asked(false, 0, 1, 40_000);
        rig.flip(new ServerFlip(0, server, Usability.SHUT, 1));
        int next = asked(false, 1, 1, 40_000);
        assertThat(rig.flow().owner()).isEqualTo(rig.number(1, next));
        assertThat(rig.load(rig.number(0, server), "inactive")).isZero();
        assertThat(rig.load(rig.number(1, next), "inactive")).isEqualTo(1);
    }

    @Test
    void aServiceThatIsNeverAnsweredWritesNothingAndAsksNobody() {
        commit(false, Kind.SILENT, Kind.NOTED);
        asked(false, 0, 1, 40_000);
        assertThat(rig.flows()).isEmpty();
        asked(false, 1, 1, 40_000);
        assertThat(rig.flow().state()).isEqualTo(FlowState.NOTE);
        asked(false, 0, 1, 40_000);
        assertLeavesFrom(false, 1, 0, answer(false, 0, 1, 40_000), 1);
        assertThat(rig.run(answer(false, 0, 1, 40_001)).answer()).isEqualTo(ProgramRig.DROP);
        assertThat(dropped(DropReason.REPLY_UNEXPECTED, 2)).isEqualTo(1);
    }

    @Test
    void aNoteIsRenewedByEveryDatagramAndEachTakesItsTurn() {
        commit(false, Kind.NOTED, Kind.NOTED);
        int first = asked(false, 0, 1, 40_000);
        for (int i = 1; i < 7; i++) {
            rig.ageAll(LIFE.minusSeconds(2));
            assertThat(asked(false, 0, 1, 40_000)).isEqualTo((first + i) % SERVERS);
            assertThat(Ticks.age(Ticks.at(System.nanoTime()), rig.flow().last()))
                    .isLessThan(3);
        }
        for (int i = 0; i < SERVERS; i++)
            assertThat(rig.load(rig.number(0, i), "inactive")).isZero();
        rig.ageAll(LIFE.plusSeconds(3));
        assertThat(rig.sweep()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnotherPortOrProtocolOfARealserverSendsIsNoneOfOurs(boolean v6) {
        commit(v6, Kind.NOTED);
        for (Frame frame : List.of(
                new Frame().from(Serving.endpoint(v6, 0, 99)).to(client(v6, 1, 40_000)),
                answer(v6, 0, 1, 40_000).tcp(Frame.ACK),
                answer(v6, SERVERS, 1, 40_000))) {
            TestRun run = rig.run(frame);
            assertThat(run.answer()).isEqualTo(ProgramRig.PASS);
            assertThat(run.packet()).isEqualTo(frame.bytes());
        }
        assertThat(rig.passed(PassReason.NO_SERVICE)).isEqualTo(3);
    }

    @Test
    void aReplyPassesWhileNewWorkIsRefused() {
        commit(false, Kind.TRACKED);
        int server = asked(false, 0, 1, 40_000);
        rig.stopping(true);
        try {
            assertThat(rig.run(ask(false, 0, 1, 40_001)).answer()).isEqualTo(ProgramRig.DROP);
            assertThat(rig.counters(0, SERVERS).drops()).containsExactly(Map.entry(DropReason.SHUTTING_DOWN, 1L));
            assertLeavesFrom(false, 0, server, answer(false, server, 1, 40_000), 1);
        } finally {
            rig.stopping(false);
        }
    }
}
