package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.Refused;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.Verdict;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.SlotTable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** From a probe to the plane. */
class VerdictTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private final Rig rig = new Rig();

    private void threeServers() {
        rig.apply(Configs.of(service(1)
                .with(checked(server(1), 1), checked(server(2), 1), checked(server(3), 1))
                .build()));
    }

    @Test
    void unknownForwardsFromTheFirstTableOn() {
        threeServers();
        assertThat(rig.server(key(1), server(2)).verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.OPEN);
        assertThat(((Rotation) rig.plane.service(key(1)).schedule()).length()).isEqualTo(3);
    }

    @Test
    void firstPassMakesItUpWithoutANewTable() {
        threeServers();
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(1)).verdict()).isEqualTo(Verdict.UP);
        assertThat(rig.server(key(1), server(1)).evidence()).isEqualTo("TCP_CHECK: connected");
        assertThat(rig.plane.calls).containsExactly("prepare 1", "commit 1");
    }

    @Test
    void failureIsFlippedBeforeTheTableIsMade() {
        threeServers();
        rig.run(SECOND);
        int mark = rig.plane.calls.size();
        rig.finds(server(2), Rig.BAD);
        rig.run(SECOND);
        assertThat(rig.callsSince(mark)).containsExactly("flip 0/1 SHUT", "prepare 2", "commit 2");
        assertThat(rig.server(key(1), server(2)).state()).isEqualTo(RealServerState.FAILED);
        assertThat(((Rotation) rig.plane.service(key(1)).schedule()).length()).isEqualTo(2);
        assertThat(rig.log.getLast())
                .isEqualTo("198.18.0.1:53/udp: realserver 198.19.0.2:53 is failed (was up): TCP_CHECK: refused");
    }

    @Test
    void failureBumpsTheGenerationAndReturnKeepsIt() {
        threeServers();
        rig.run(SECOND);
        int before = rig.plane.server(key(1), server(2)).generation();
        rig.finds(server(2), Rig.BAD);
        rig.run(SECOND);
        assertThat(rig.plane.server(key(1), server(2)).generation()).isEqualTo(before + 1);
        assertThat(rig.plane.server(key(1), server(1)).generation()).isEqualTo(before);
        rig.finds(server(2), Rig.GOOD);
        rig.run(SECOND);
        assertThat(rig.plane.server(key(1), server(2)).generation()).isEqualTo(before + 1);
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.OPEN);
        assertThat(((Rotation) rig.plane.service(key(1)).schedule()).length()).isEqualTo(3);
    }

    @Test
    void firstProbeIsAtOnceWithoutWarmup() {
        threeServers();
        rig.run(Duration.ofMillis(2));
        assertThat(rig.probed).hasSize(3);
    }

    @Test
    void alphaForwardsNothingUntilItHasPassed() {
        rig.finds(server(1), new ProbeOutcome.Worthless("no descriptor"));
        rig.apply(Configs.of(service(1)
                .with(Configs.alpha(checked(server(1), 1)), checked(server(2), 1))
                .build()));
        rig.run(SECOND);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.SHUT);
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.UNKNOWN);
        rig.finds(server(1), Rig.GOOD);
        rig.run(SECOND);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
    }

    @Test
    void worthlessProbeChangesNothing() {
        threeServers();
        rig.run(SECOND);
        int mark = rig.plane.calls.size();
        rig.finds(server(2), new ProbeOutcome.Worthless("no descriptor"));
        rig.run(Duration.ofSeconds(5));
        assertThat(rig.callsSince(mark)).isEmpty();
        assertThat(rig.server(key(1), server(2)).verdict()).isEqualTo(Verdict.UP);
        assertThat(rig.server(key(1), server(2)).evidence()).contains("no descriptor");
    }

    @Test
    void failureDuringOurOwnStallIsWorthless() {
        threeServers();
        rig.run(SECOND);
        int mark = rig.plane.calls.size();
        rig.probeNanos = Configs.TIMEOUT.toNanos();
        rig.finds(server(2), Rig.BAD);
        rig.run(Duration.ofMillis(200)); // the probe is under way
        rig.handle(new Event.Stalled(rig.now() - Duration.ofMillis(150).toNanos(), rig.now()));
        rig.finds(server(2), Rig.GOOD);
        rig.run(Duration.ofSeconds(2));
        assertThat(rig.callsSince(mark)).isEmpty();
        assertThat(rig.server(key(1), server(2)).verdict()).isEqualTo(Verdict.UP);
    }

    @Test
    void shortStallDoesNotExcuseAFailure() {
        threeServers();
        rig.run(SECOND);
        rig.probeNanos = Configs.TIMEOUT.toNanos();
        rig.finds(server(2), Rig.BAD);
        rig.run(Duration.ofMillis(200));
        rig.handle(new Event.Stalled(rig.now() - Duration.ofMillis(30).toNanos(), rig.now()));
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(2)).verdict()).isEqualTo(Verdict.FAILED);
    }

    @Test
    void lostOutcomeDoesNotEndTheProbing() {
        threeServers();
        rig.probeNanos = Duration.ofDays(1).toNanos();
        rig.run(Duration.ofSeconds(2));
        int before = rig.probed.size();
        rig.run(Duration.ofSeconds(20));
        assertThat(rig.probed.size()).isGreaterThan(before);
        assertThat(rig.server(key(1), server(1)).evidence()).contains("lost");
    }

    @Test
    void allChecksOfARealserverMustPass() {
        var two = Configs.withChecks(checked(server(1), 1), Configs.tcp(server(1)), Configs.misc("a"));
        rig.apply(Configs.of(service(1).with(two, checked(server(2), 1)).build()));
        rig.run(Duration.ofMillis(10));
        assertThat(rig.server(key(1), server(1)).verdict()).isEqualTo(Verdict.UP);
        rig.finds(server(1), Rig.BAD);
        rig.run(SECOND);
        rig.finds(server(1), Rig.GOOD);
        rig.run(Duration.ofMillis(900));
        assertThat(rig.server(key(1), server(1)).verdict()).isEqualTo(Verdict.FAILED);
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(1)).verdict()).isEqualTo(Verdict.UP);
    }

    @Test
    void dynamicWeightReachesTheTable() {
        rig.apply(Configs.of(service(1)
                .with(Configs.withChecks(checked(server(1), 5), Configs.misc("a")), checked(server(2), 5))
                .build()));
        rig.finds(server(1), new ProbeOutcome.Passed("exit status 12", OptionalInt.of(10)));
        rig.run(Duration.ofMillis(1500));
        assertThat(rig.plane.server(key(1), server(1)).weight()).isEqualTo(10);
        assertThat(rig.server(key(1), server(1)).weight()).isEqualTo(10);
        assertThat(((Rotation) rig.plane.service(key(1)).schedule()).length()).isEqualTo(3);
        rig.finds(server(1), new ProbeOutcome.Passed("exit status 2", OptionalInt.of(0)));
        rig.run(SECOND);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.HOLDING);
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.QUIESCED);
        rig.finds(server(1), Rig.GOOD); // exit status 0 says nothing about the weight
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(1)).weight()).isZero();
    }

    @Test
    void whatWasSentInVainIsCountedFromTheLastPassingProbe() {
        threeServers();
        rig.plane.forward(key(1), server(2), 1_000);
        rig.run(SECOND.plusMillis(500)); // probes at 0 and 1 s pass
        rig.plane.forward(key(1), server(2), 70);
        rig.finds(server(2), Rig.BAD);
        rig.plane.holding = true;
        rig.run(SECOND); // fails at 2 s
        rig.plane.forward(key(1), server(2), 7); // before every worker has heard of it
        rig.plane.release();
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(2)).sentWhileFailed()).isEqualTo(77);
        rig.finds(server(2), Rig.GOOD);
        rig.run(Duration.ofSeconds(3));
        rig.plane.forward(key(1), server(2), 100);
        rig.finds(server(2), Rig.BAD);
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(2)).sentWhileFailed()).isEqualTo(177);
    }

    @Test
    void changesWhileATableIsNotAcknowledgedAreSeveralAtMostAndNoneIsLost() {
        threeServers();
        rig.run(SECOND);
        rig.plane.holding = true;
        for (int i = 0; i < 10; i++) {
            rig.finds(server(2), i % 2 == 0 ? Rig.BAD : Rig.GOOD);
            rig.run(SECOND);
        }
        assertThat(rig.plane.table.version()).isEqualTo(1 + TableRule.MAX_IN_FLIGHT);
        assertThat(rig.snapshot().alarms()).anyMatch(alarm -> alarm.contains("not acknowledged"));
        rig.finds(server(2), Rig.BAD);
        rig.run(SECOND);
        rig.plane.release();
        rig.run(Duration.ofMillis(1));
        assertThat(rig.plane.table.version()).isEqualTo(2 + TableRule.MAX_IN_FLIGHT);
        assertThat(rig.plane.server(key(1), server(2)).usability()).isEqualTo(Usability.SHUT);
        assertThat(rig.snapshot().alarms()).isEmpty();
    }

    @Test
    void tableThatThePlaneRefusesIsTriedAgainAndRaisesAnAlarm() {
        threeServers();
        rig.run(SECOND);
        rig.plane.refuses = Optional.of(new Refused("no descriptor", "raise the limit"));
        rig.finds(server(2), Rig.BAD);
        rig.run(Duration.ofMillis(1500));
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.SHUT); // the flip stands
        assertThat(rig.snapshot().alarms()).anyMatch(alarm -> alarm.contains("no descriptor"));
        rig.plane.refuses = Optional.empty();
        rig.run(Duration.ofSeconds(2));
        assertThat(((Rotation) rig.plane.service(key(1)).schedule()).length()).isEqualTo(2);
        assertThat(rig.snapshot().alarms()).isEmpty();
    }

    @Test
    void failedOneLeavesAHashTableUnlessItIsInhibited() {
        for (boolean inhibit : new boolean[] {false, true}) {
            Rig hashing = new Rig();
            RealServer second = checked(server(2), 1);
            hashing.apply(Configs.of(service(1)
                    .scheduling(new Scheduling.Maglev(false, false))
                    .with(checked(server(1), 1), inhibit ? Configs.inhibited(second) : second, checked(server(3), 1))
                    .build()));
            hashing.run(SECOND);
            int[] before = picks(hashing);
            hashing.finds(server(2), Rig.BAD);
            hashing.run(SECOND);
            int[] after = picks(hashing);
            int refused = 0;
            int moved = 0;
            for (int client = 0; client < before.length; client++) {
                if (after[client] == Schedule.NONE) refused++;
                if (before[client] != 1 && after[client] != before[client]) moved++;
            }
            if (inhibit) { // IPVS's weight 0: its clients are refused, nobody else moves
                assertThat(refused).isPositive();
                assertThat(moved).isZero();
            } else {
                assertThat(refused).isZero();
            }
            hashing.finds(server(2), Rig.GOOD);
            hashing.run(SECOND);
            assertThat(picks(hashing)).isEqualTo(before);
        }
    }

    private static int[] picks(Rig rig) {
        ForwardedService service = rig.plane.service(key(1));
        int[] picks = new int[500];
        for (int client = 0; client < picks.length; client++) {
            picks[client] = ((SlotTable) service.schedule())
                    .pick(
                            false,
                            0,
                            client,
                            0,
                            0,
                            0,
                            i -> service.servers().get(i).usability() == Usability.OPEN);
        }
        return picks;
    }

    @Test
    void everythingFailingAtOnceRaisesAnAlarmAboutOurselves() {
        threeServers();
        rig.run(SECOND);
        for (int i : List.of(1, 2, 3)) rig.finds(server(i), Rig.BAD);
        rig.run(Duration.ofSeconds(2));
        assertThat(rig.snapshot().alarms()).anyMatch(alarm -> alarm.contains("own links"));
        rig.finds(server(3), Rig.GOOD);
        rig.run(Duration.ofSeconds(2));
        assertThat(rig.snapshot().alarms()).noneMatch(alarm -> alarm.contains("own links"));
    }
}
