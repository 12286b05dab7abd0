package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The real program on single packets: exact bytes, verdict and counters. 198.18.0.2:514 is dealt to 198.18.1.1 … 3, port
 * 6514, behind interface 7.
 */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class PacketTest {
    private static final int ABORTED = 0;
    private static final int DROP = 1;
    private static final int PASS = 2;
    private static final int TX = 3;
    private static final int REDIRECT = 4;

    @TempDir
    Path directory;

    private ProgramRig rig;

    @BeforeEach
    void load() {
        rig = ProgramRig.load(directory);
        rig.commit(ProgramRig.service(0, "198.18.0.2:514", 1, 1, 1));
    }

    @AfterEach
    void unload() {
        rig.close();
    }

    @Test
    void everyDatagramIsRewrittenForTheNextRealserver() {
        for (int turn = 0; turn < 6; turn++) {
            TestRun run = rig.run(new Frame());
            assertThat(run.answer()).isEqualTo(REDIRECT);
            assertThat(run.packet())
                    .isEqualTo(new Frame()
                            .to("198.18.1." + (1 + turn % 3) + ":6514")
                            .hops(63)
                            .macs("02:00:00:00:01:0" + (1 + turn % 3), "02:00:00:00:00:07")
                            .bytes());
        }
        ServiceCounters counters = rig.counters(0, 3);
        assertThat(counters.received()).isEqualTo(6);
        assertThat(counters.forwarded()).isEqualTo(6);
        assertThat(counters.imbalance()).isZero();
        assertThat(counters.servers()).extracting(ServerCounters::forwarded).containsOnly(2L);
    }

    @Test
    void aDatagramWithoutAChecksumStaysWithout() {
        assertThat(rig.run(new Frame().withoutChecksum()).packet())
                .isEqualTo(new Frame()
                        .withoutChecksum()
                        .to("198.18.1.1:6514")
                        .hops(63)
                        .macs("02:00:00:00:01:01", "02:00:00:00:00:07")
                        .bytes());
    }

    @Test
    void optionsTravelAlong() {
        TestRun run = rig.run(new Frame().options(10));
        assertThat(run.answer()).isEqualTo(REDIRECT);
        assertThat(run.packet())
                .isEqualTo(new Frame()
                        .options(10)
                        .to("198.18.1.1:6514")
                        .hops(63)
                        .macs("02:00:00:00:01:01", "02:00:00:00:00:07")
                        .bytes());
    }

    static Stream<Arguments> dropped() {
        return Stream.of(
                Arguments.of(new Frame().hops(1), DropReason.TTL_EXPIRED),
                Arguments.of(new Frame().ipLengthMore(1), DropReason.MALFORMED),
                Arguments.of(new Frame().udpLengthMore(1), DropReason.MALFORMED),
                Arguments.of(new Frame().udpLengthMore(-32), DropReason.MALFORMED),
                Arguments.of(new Frame().payload(new byte[1_473]), DropReason.TOO_BIG),
                Arguments.of(new Frame().from("0.0.0.0:40000"), DropReason.IMPOSSIBLE_SOURCE),
                Arguments.of(new Frame().from("127.0.0.1:40000"), DropReason.IMPOSSIBLE_SOURCE),
                Arguments.of(new Frame().from("224.0.0.5:40000"), DropReason.IMPOSSIBLE_SOURCE),
                Arguments.of(new Frame().from("255.255.255.255:40000"), DropReason.IMPOSSIBLE_SOURCE),
                Arguments.of(new Frame().from("198.18.0.7:40000"), DropReason.IMPOSSIBLE_SOURCE), // the director's own
                Arguments.of(new Frame().from("198.18.0.2:514"), DropReason.IMPOSSIBLE_SOURCE)); // the service itself
    }

    @ParameterizedTest
    @MethodSource("dropped")
    void whatCannotBeSentIsDroppedAndCountedOnce(Frame frame, DropReason reason) {
        TestRun run = rig.run(frame);
        if (reason == DropReason.TTL_EXPIRED) {
            assertThat(run.answer()).as("the client is told").isEqualTo(TX);
        } else {
            assertThat(run.answer()).isEqualTo(DROP);
            assertThat(run.packet()).isEqualTo(frame.bytes());
        }
        ServiceCounters counters = rig.counters(0, 3);
        assertThat(counters.drops()).containsExactly(Map.entry(reason, 1L));
        assertThat(counters.received()).isEqualTo(1);
        assertThat(counters.imbalance()).isZero();
    }

    @Test
    void noTurnIsTakenForWhatIsNotSent() {
        rig.run(new Frame().hops(1));
        rig.run(new Frame().ipLengthMore(1));
        assertThat(rig.run(new Frame()).packet()).isEqualTo(toServer(1));
    }

    static Stream<Arguments> passed() {
        return Stream.of(
                Arguments.of(new Frame().to("198.18.0.2:515"), PassReason.NO_SERVICE),
                Arguments.of(new Frame().to("198.18.0.3:514"), PassReason.NO_SERVICE),
                Arguments.of(new Frame().macs("02:00:00:00:00:09", "02:00:00:00:00:02"), PassReason.ELSEWHERE),
                Arguments.of(new Frame().macs("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02"), PassReason.ELSEWHERE),
                Arguments.of(new Frame().type(0x86dd), PassReason.OTHER),
                Arguments.of(new Frame().protocol(132), PassReason.OTHER),
                Arguments.of(new Frame().to("198.18.0.3:514").fragment(0x2001), PassReason.OTHER),
                Arguments.of(new Frame().from("198.18.1.2:6514").to("198.18.0.7:40000"), PassReason.OWN_ADDRESS));
    }

    @ParameterizedTest
    @MethodSource("passed")
    void whatIsNoneOfOursPassesUntouchedAndIsCountedOnce(Frame frame, PassReason reason) {
        TestRun run = rig.run(frame);
        assertThat(run.answer()).isEqualTo(PASS);
        assertThat(run.packet()).isEqualTo(frame.bytes());
        for (PassReason each : PassReason.values()) {
            assertThat(rig.passed(each)).as("%s", each).isEqualTo(each == reason ? 1 : 0);
        }
        assertThat(rig.counters(0, 3).received()).isZero();
    }

    @Test
    void aFrameThatEndsInsideAHeaderPassesUp() {
        byte[] whole = new Frame().bytes();
        for (int length = 14; length < 42; length++) {
            byte[] part = java.util.Arrays.copyOf(whole, length);
            TestRun run = rig.run(part);
            assertThat(run.answer()).as("%d bytes", length).isEqualTo(PASS);
            assertThat(run.packet()).isEqualTo(part);
        }
        assertThat(rig.passed(PassReason.TRUNCATED)).isEqualTo(42 - 14);
    }

    @Test
    void theTurnsOfAFailedRealserverAreDealtToTheOthersAndItReturns() {
        rig.flip(new ServerFlip(0, 1, Usability.SHUT, 1));
        assertThat(forward(300)).containsOnly(Map.entry(1, 150), Map.entry(3, 150));
        rig.flip(new ServerFlip(0, 1, Usability.OPEN, 1));
        assertThat(forward(300)).containsOnly(Map.entry(1, 100), Map.entry(2, 100), Map.entry(3, 100));
    }

    @Test
    void theProgramPicksWhatTheRotationPicks() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int set = 0; set < 40; set++) {
            int[] weights = new int[random.nextInt(1, 10)];
            for (int i = 0; i < weights.length; i++) weights[i] = random.nextInt(0, 12);
            ForwardedService service = ProgramRig.service(0, "198.18.0.2:514", weights);
            rig.commit(service);
            boolean[] open = new boolean[weights.length];
            for (int i = 0; i < open.length; i++) {
                open[i] = random.nextInt(3) > 0;
                rig.flip(new ServerFlip(0, i, open[i] ? Usability.OPEN : Usability.SHUT, 0));
            }
            Rotation rotation = (Rotation) service.schedule();
            for (int i = 0; i < 60; i++) {
                Explained told = rig.explain(new Frame());
                TestRun run = rig.run(new Frame());
                if (told instanceof Explained.Forwarded forwarded) {
                    int expected = rotation.pick(forwarded.turn(), candidate -> open[candidate]);
                    assertThat(forwarded.server()).as("told, seed %d", seed).isEqualTo(rig.number(0, expected));
                    assertThat(run.packet()).as("done, seed %d", seed).isEqualTo(toServer(expected + 1));
                } else {
                    assertThat(rotation.pick(0, candidate -> open[candidate])).isEqualTo(Schedule.NONE);
                    assertThat(run.answer()).as("told or spared").isIn(TX, DROP);
                }
            }
        }
    }

    @Test
    void suspectsServeOnlyWhileNobodyIsOpen() {
        rig.flip(new ServerFlip(0, 0, Usability.SUSPECT, 0));
        assertThat(forward(30)).containsOnlyKeys(2, 3);
        rig.flip(new ServerFlip(0, 1, Usability.SHUT, 1));
        rig.flip(new ServerFlip(0, 2, Usability.HOLDING, 0));
        assertThat(forward(30)).containsOnlyKeys(1);
        rig.flip(new ServerFlip(0, 0, Usability.SHUT, 1));
        TestRun run = rig.run(new Frame());
        assertThat(run.answer()).as("the client is told").isEqualTo(TX);
        assertThat(rig.counters(0, 3).drops()).containsExactly(Map.entry(DropReason.NO_REALSERVER, 1L));
    }

    @Test
    void anUnknownWayIsADropWithThatReason() {
        rig.forgetWay(1);
        Map<Integer, Integer> seen = forward(30);
        assertThat(seen).containsOnly(Map.entry(1, 10), Map.entry(3, 10));
        assertThat(rig.counters(0, 3).drops()).containsExactly(Map.entry(DropReason.NO_ROUTE, 10L));
    }

    @Test
    void anotherTableKeepsTheTurn() {
        assertThat(rig.run(new Frame()).packet()).isEqualTo(toServer(1));
        rig.commit(ProgramRig.service(0, "198.18.0.2:514", 1, 1, 1));
        assertThat(rig.run(new Frame()).packet()).isEqualTo(toServer(2));
        rig.commit(ProgramRig.service(0, "198.18.0.2:515", 1, 1, 1));
        assertThat(rig.run(new Frame()).answer()).isEqualTo(PASS);
    }

    @Test
    void aReplyWithoutARouteIsDroppedWithThatReason() {
        TestRun run = rig.run(new Frame().from("198.18.1.1:6514").to("240.0.0.1:40000"));
        assertThat(run.answer()).isEqualTo(DROP);
        ServiceCounters counters = rig.counters(0, 3);
        assertThat(counters.replyDrops()).containsExactly(Map.entry(DropReason.REPLY_NO_ROUTE, 1L));
        assertThat(counters.repliesReceived()).isEqualTo(1);
        assertThat(counters.imbalance()).isZero();
    }

    @Test
    void explainingTellsTheWayAndChangesNothing() {
        rig.run(new Frame());
        Explained told = rig.explain(new Frame());
        assertThat(told).isEqualTo(new Explained.Forwarded(0, 1, 1, 1, new Explained.Known(false, false, 0), false));
        assertThat(rig.explain(new Frame())).isEqualTo(told);
        assertThat(rig.counters(0, 3).received()).isEqualTo(1);
        assertThat(rig.run(new Frame()).packet()).isEqualTo(toServer(2));
        assertThat(rig.explain(new Frame().hops(1)))
                .isEqualTo(new Explained.Dropped(0, DropReason.TTL_EXPIRED, Optional.empty()));
        assertThat(rig.explain(new Frame().to("198.18.0.2:99"))).isEqualTo(new Explained.Passed(PassReason.NO_SERVICE));
        rig.flip(new ServerFlip(0, 2, Usability.SHUT, 1));
        assertThat(rig.explain(new Frame())).isInstanceOfSatisfying(Explained.Forwarded.class, forwarded -> {
            assertThat(forwarded.turn()).isEqualTo(2);
            assertThat(forwarded.firstChoice()).isEqualTo(2);
            assertThat(forwarded.server()).isNotEqualTo(2);
        });
    }

    private static byte[] toServer(int server) {
        return new Frame()
                .to("198.18.1." + server + ":6514")
                .hops(63)
                .macs("02:00:00:00:01:0" + server, "02:00:00:00:00:07")
                .bytes();
    }

    /** Sends so many datagrams; answers how many left for each realserver, by the last octet of its address. */
    private Map<Integer, Integer> forward(int count) {
        Map<Integer, Integer> seen = new HashMap<>();
        for (int i = 0; i < count; i++) {
            TestRun run = rig.run(new Frame());
            assertThat(run.answer()).isNotEqualTo(ABORTED);
            if (run.answer() == REDIRECT) seen.merge((int) run.packet()[33], 1, Integer::sum);
        }
        return seen;
    }
}
