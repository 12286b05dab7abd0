package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.dataplane.kernel.ProgramRig.Flow;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

/** Persistence through the real program: a template leads a client's new flows where its first one went. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class PersistencePacketTest {
    private static final int SERVERS = 3;
    private static final Duration LIFE = Duration.ofSeconds(30);
    private static final Duration TEMPLATE_LIFE = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static ProgramRig rig;

    @BeforeAll
    static void load() {
        rig = ProgramRig.load(directory);
    }

    @AfterAll
    static void unload() {
        rig.close();
    }

    private static String vip(boolean v6) {
        return v6 ? "[2001:db8::2]:514" : "198.18.0.2:514";
    }

    private static Serving serving(boolean v6, boolean onePacket, int prefix) {
        Serving serving = new Serving(0, vip(v6)).life(LIFE).persistent(TEMPLATE_LIFE, prefix);
        return onePacket ? serving.onePacket() : serving;
    }

    @BeforeEach
    void forget() {
        rig.reset();
    }

    private static void commit(Serving serving) {
        rig.commit(serving);
        for (int i = 0; i < SERVERS; i++) rig.flip(new ServerFlip(0, i, Usability.OPEN, 0));
    }

    /** The slot of the realserver; what is explained is what happens. */
    private static int send(String from) {
        Frame frame = new Frame().from(from).to(vip(from.startsWith("[")));
        Explained told = rig.explain(frame);
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(ProgramRig.REDIRECT);
        int slot = run.packet()[5] - 1;
        assertThat(told)
                .isInstanceOfSatisfying(
                        Explained.Forwarded.class,
                        forwarded -> assertThat(forwarded.server()).isEqualTo(rig.number(0, slot)));
        return slot;
    }

    private static Flow template() {
        List<Flow> templates = rig.flows().stream()
                .filter(flow -> flow.state() == FlowState.TEMPLATE)
                .toList();
        assertThat(templates).hasSize(1);
        return templates.getFirst();
    }

    static Stream<Arguments> prefixes() {
        return Stream.of(false, true)
                .flatMap(onePacket -> Stream.of(
                        Arguments.of(onePacket, 32, "198.18.0.1:1000", "198.18.0.1:2000", "198.18.0.3:1000"),
                        Arguments.of(onePacket, 24, "198.18.3.1:1000", "198.18.3.255:1001", "198.18.2.1:1000"),
                        Arguments.of(onePacket, 31, "198.18.3.2:1000", "198.18.3.3:1001", "198.18.3.4:1000"),
                        Arguments.of(onePacket, 9, "198.18.3.2:1000", "198.127.3.3:1001", "198.128.3.4:1000"),
                        Arguments.of(onePacket, 0, "198.18.3.1:1000", "203.0.113.9:1001", null),
                        Arguments.of(onePacket, 128, "[2001:db8::1]:1", "[2001:db8::1]:2", "[2001:db8::3]:1"),
                        Arguments.of(
                                onePacket, 64, "[2001:db8:0:5::1]:1", "[2001:db8:0:5:f::2]:1", "[2001:db8:0:4::1]:1"),
                        Arguments.of(
                                onePacket, 49, "[2001:db8:0:7fff::1]:1", "[2001:db8::2]:1", "[2001:db8:0:8000::1]:1"),
                        Arguments.of(onePacket, 32, "[2001:db8::1]:1", "[2001:db8:ffff::1]:1", "[2001:db9::1]:1"),
                        Arguments.of(onePacket, 0, "[2001:db8::1]:1", "[fd00::1]:1", null)));
    }

    @ParameterizedTest
    @MethodSource("prefixes")
    void clientsWithOnePrefixGoToOneRealserver(boolean onePacket, int prefix, String one, String same, String other) {
        commit(serving(one.startsWith("["), onePacket, prefix));
        int first = send(one);
        for (int i = 0; i < 4; i++) {
            assertThat(send(same)).isEqualTo(first);
            assertThat(send(one)).isEqualTo(first);
        }
        assertThat(template().owner()).isEqualTo(rig.number(0, first));
        assertThat(template().group()).isEqualTo(Abi.TEMPLATES); // of service 0
        assertThat(rig.flows()).hasSize(onePacket ? 1 : 3);
        assertThat(rig.load(rig.number(0, first), "inactive"))
                .as("templates are no load")
                .isEqualTo(onePacket ? 0 : 2);
        if (other != null) assertThat(send(other)).as("another prefix").isEqualTo((first + 1) % SERVERS);
        assertThat(rig.unremembered(0)).isZero();
        assertThat(rig.counters(0, SERVERS).imbalance()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyNewFlowRenewsTheTemplateAndWithoutOneItIsOver(boolean onePacket) {
        commit(serving(false, onePacket, 24));
        int first = send("198.18.3.1:1000");
        rig.age(template(), TEMPLATE_LIFE.minusMillis(600));
        assertThat(send("198.18.3.2:1000")).isEqualTo(first);
        assertThat(Ticks.age(Ticks.at(System.nanoTime()), template().last())).isLessThan(3);
        rig.age(template(), TEMPLATE_LIFE.plusMillis(600));
        if (!onePacket) {
            assertThat(send("198.18.3.1:1000")).as("a flow needs no template").isEqualTo(first);
            assertThat(Ticks.age(Ticks.at(System.nanoTime()), template().last()))
                    .isGreaterThan(200);
        }
        assertThat(send("198.18.3.3:1000")).isEqualTo((first + 1) % SERVERS);
        assertThat(template().owner()).isEqualTo(rig.number(0, (first + 1) % SERVERS));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTemplateOfAFailedRealserverLeadsToTheNextAndDoesNotReturn(boolean onePacket) {
        commit(serving(true, onePacket, 64));
        int first = send("[2001:db8::1]:1");
        rig.flip(new ServerFlip(0, first, Usability.SHUT, 1));
        int second = send("[2001:db8::9]:1");
        assertThat(second).isNotEqualTo(first);
        rig.flip(new ServerFlip(0, first, Usability.OPEN, 1));
        assertThat(send("[2001:db8::8]:1")).isEqualTo(second);
        assertThat(send("[2001:db8::6]:1")).isEqualTo(second);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatIsHeldKeepsItsClientsButTheirTemplateRunsOut(boolean onePacket) {
        commit(serving(false, onePacket, 32));
        int first = send("198.18.0.1:1");
        rig.flip(new ServerFlip(0, first, Usability.HOLDING, 0));
        rig.age(template(), TEMPLATE_LIFE.minusSeconds(3));
        for (int i = 2; i < 6; i++) assertThat(send("198.18.0.1:" + i)).isEqualTo(first);
        assertThat(Ticks.age(Ticks.at(System.nanoTime()), template().last()))
                .as("not renewed")
                .isGreaterThan(200);
        rig.age(template(), TEMPLATE_LIFE.plusSeconds(1));
        assertThat(send("198.18.0.1:7")).isNotEqualTo(first);
    }

    @Test
    void aClientOfOneThatIsFullStaysWithIt() {
        commit(serving(false, false, 32).thresholds(1, 0));
        int first = send("198.18.0.1:1");
        assertThat(send("198.18.0.1:2")).isEqualTo(first);
        assertThat(send("198.18.0.1:3")).isEqualTo(first);
        assertThat(send("198.18.0.3:1")).isNotEqualTo(first);
    }

    @Test
    void twoServicesRememberTheSameClientEachForItself() {
        rig.commit(
                serving(false, true, 32).weights(1, 0, 0),
                new Serving(1, "198.18.0.4:514")
                        .firstServer(10)
                        .onePacket()
                        .persistent(TEMPLATE_LIFE, 32)
                        .weights(0, 1, 0));
        assertThat(rig.run(new Frame()).packet()[5]).isEqualTo((byte) 1);
        assertThat(rig.run(new Frame().to("198.18.0.4:514")).packet()[5]).isEqualTo((byte) 2);
        assertThat(rig.flows().stream().filter(flow -> flow.state() == FlowState.TEMPLATE))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientForWhomThereIsNoRoomIsServedWithoutAndCounted(boolean v6) {
        commit(serving(v6, true, v6 ? 128 : 32));
        int client = 1;
        while (rig.unremembered(0) == 0) {
            send(v6 ? "[2001:db8::%x]:1".formatted(0x1000 + client++) : "198.18.7." + client++ + ":1");
            assertThat(client).isLessThan(255);
        }
        String last = v6 ? "[2001:db8::%x]:1".formatted(0x1000 + client - 1) : "198.18.7." + (client - 1) + ":1";
        int templates = rig.flows().size();
        int before = send(last);
        assertThat(rig.unremembered(0)).isEqualTo(2);
        assertThat(send(last)).as("it takes turns").isEqualTo((before + 1) % SERVERS);
        assertThat(rig.flows()).hasSize(templates);
        rig.ageAll(TEMPLATE_LIFE.plusSeconds(1));
        int first = send(last);
        assertThat(send(last)).as("there is room again").isEqualTo(first);
        assertThat(rig.counters(0, SERVERS).imbalance()).isZero();
    }

    @Test
    void theSweeperFreesATemplateAfterItsOwnLife() {
        commit(serving(false, false, 24));
        send("198.18.3.1:1000");
        rig.ageAll(LIFE.plusSeconds(3));
        assertThat(rig.sweep()).as("the flow").isEqualTo(1);
        assertThat(template().state()).isEqualTo(FlowState.TEMPLATE);
        rig.ageAll(TEMPLATE_LIFE.plusSeconds(3));
        assertThat(rig.sweep()).isEqualTo(1);
        for (int i = 0; i < SERVERS; i++)
            assertThat(rig.load(rig.number(0, i), "inactive")).isZero();
    }
}
