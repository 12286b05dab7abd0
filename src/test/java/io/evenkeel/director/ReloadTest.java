package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Origin;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Position;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.Refused;
import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Another configuration: whole or not at all, and nothing is forgotten. */
class ReloadTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private final Rig rig = new Rig();

    private static Configuration twoServices() {
        return Configs.of(
                service(1).with(checked(server(1), 1), checked(server(2), 1)).build(),
                service(2).with(checked(server(1), 1), checked(server(2), 1)).build());
    }

    @Test
    void firstApplyIsAnsweredWhenEveryWorkerHasAcknowledged() {
        rig.plane.holding = true;
        var answer = rig.apply(twoServices());
        assertThat(answer).isNotDone();
        rig.plane.release();
        rig.run(Duration.ofMillis(1));
        assertThat(answer.join().applied()).isTrue();
        assertThat(answer.join().summary()).isEqualTo("2 services, 4 realservers");
        assertThat(rig.snapshot().reloads()).isZero();
    }

    @Test
    void equalConfigurationChangesNothingAtAll() {
        rig.apply(twoServices());
        rig.finds(server(2), Rig.BAD);
        rig.run(SECOND);
        Snapshot before = rig.snapshot();
        int calls = rig.plane.calls.size();
        int timers = rig.timers.size();
        Origins moved = new Origins(Map.of(key(1), origin(new Position("f", 9, 1))), Map.of());
        var answer = rig.apply(twoServices(), moved);
        rig.run(SECOND);
        assertThat(answer.join().summary()).isEqualTo("nothing changed");
        assertThat(rig.callsSince(calls)).isEmpty();
        assertThat(rig.timers.size()).isEqualTo(timers);
        Snapshot after = rig.snapshot();
        assertThat(after.tableVersion()).isEqualTo(before.tableVersion());
        assertThat(after.reloads()).isEqualTo(1);
        assertThat(after.services().getFirst().realservers().getLast().since())
                .isEqualTo(before.services().getFirst().realservers().getLast().since());
        assertThat(rig.core.state().origins()).isEqualTo(moved);
    }

    @Test
    void changeThatNoPlaneSeesMakesNoTable() {
        rig.apply(twoServices());
        rig.run(SECOND);
        int calls = rig.plane.calls.size();
        RealServer slower =
                Configs.withChecks(checked(server(1), 1), Configs.tcp(server(1), 0, Duration.ofSeconds(7), false));
        var answer = rig.apply(Configs.of(
                service(1).with(slower, checked(server(2), 1)).build(),
                service(2).with(checked(server(1), 1), checked(server(2), 1)).build()));
        rig.run(SECOND);
        assertThat(answer.join().summary()).isEqualTo("realservers: 0 added, 0 removed, 1 changed");
        assertThat(rig.callsSince(calls)).isEmpty();
    }

    @Test
    void healthWishesAndPlacesSurvive() {
        rig.apply(twoServices());
        rig.finds(server(2), Rig.BAD);
        rig.run(SECOND);
        rig.intend(key(2), server(1), OperatorIntent.DRAINING);
        TestPlane.Slot slot = rig.plane.slot(key(2), server(2));
        int generation = rig.plane.server(key(2), server(2)).generation();
        int timers = rig.timers.size();
        rig.apply(Configs.of(
                service(3).with(checked(server(5), 1)).build(),
                service(2)
                        .with(checked(server(4), 1), checked(server(2), 3), checked(server(1), 1))
                        .build(),
                service(1).with(checked(server(1), 1), checked(server(2), 1)).build()));
        assertThat(rig.plane.slot(key(2), server(2))).isEqualTo(slot);
        assertThat(rig.plane.server(key(2), server(2)).generation()).isEqualTo(generation);
        assertThat(rig.server(key(2), server(2)).state()).isEqualTo(RealServerState.FAILED);
        assertThat(rig.server(key(2), server(1)).state()).isEqualTo(RealServerState.DRAINING);
        assertThat(rig.plane.service(key(2)).servers().stream().map(s -> s.endpoint()))
                .containsExactly(server(4), server(2), server(1));
        assertThat(rig.timers.size()).isEqualTo(timers + 2); // two checks more
        assertThat(rig.snapshot().lastReload())
                .isEqualTo("services: 1 added, 0 removed, 0 changed; realservers: 2 added, 0 removed, 1 changed");
    }

    @Test
    void unchangedServiceKeepsItsVeryTable() {
        rig.apply(twoServices());
        Schedule before = rig.plane.service(key(1)).schedule();
        rig.apply(Configs.of(
                service(1).with(checked(server(1), 1), checked(server(2), 1)).build(),
                service(2).with(checked(server(1), 1)).build()));
        assertThat(rig.plane.service(key(1)).schedule()).isSameAs(before);
    }

    @Test
    void changedSchedulerIsCompiledAnew() {
        rig.apply(twoServices());
        rig.apply(Configs.of(service(1)
                .scheduling(new Scheduling.RoundRobin())
                .with(checked(server(1), 1), checked(server(2), 1))
                .build()));
        Schedule wrr = rig.plane.service(key(1)).schedule();
        rig.apply(Configs.of(service(1)
                .scheduling(new Scheduling.SourceHash(false, true))
                .with(checked(server(1), 1), checked(server(2), 1))
                .build()));
        assertThat(rig.plane.service(key(1)).schedule())
                .isNotSameAs(wrr)
                .isInstanceOf(io.evenkeel.schedule.SlotTable.class);
    }

    @Test
    void changedCheckBeginsAnewButAFailedRealserverStaysDownUntilItPasses() {
        rig.apply(twoServices());
        rig.finds(server(2), Rig.BAD);
        rig.run(SECOND);
        RealServer changed =
                Configs.withChecks(checked(server(2), 1), Configs.tcp(server(2), 3, Duration.ofSeconds(2), false));
        rig.apply(Configs.of(service(1).with(checked(server(1), 1), changed).build()));
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.SHUT);
        rig.finds(server(2), Rig.GOOD);
        rig.run(SECOND);
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.OPEN);
    }

    @Test
    void changedAlphaCheckDoesNotTakeDownWhoIsUp() {
        rig.apply(twoServices());
        rig.run(SECOND);
        RealServer changed =
                Configs.withChecks(checked(server(2), 1), Configs.tcp(server(2), 3, Duration.ofSeconds(2), true));
        rig.apply(Configs.of(service(1).with(checked(server(1), 1), changed).build()));
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.OPEN);
    }

    @Test
    void removedRealserverLeavesItsSlotToNobodyWhileFlowsMayNameIt() {
        rig.apply(twoServices());
        TestPlane.Slot slot = rig.plane.slot(key(1), server(2));
        int generation = rig.plane.server(key(1), server(2)).generation();
        rig.apply(Configs.of(
                service(1).with(checked(server(1), 1), checked(server(3), 1)).build()));
        assertThat(rig.plane.slot(key(1), server(3))).isNotEqualTo(slot);
        rig.run(Duration.ofSeconds(33)); // udp_timeout is 30 s
        rig.apply(Configs.of(service(1)
                .with(checked(server(1), 1), checked(server(3), 1), checked(server(4), 1))
                .build()));
        assertThat(rig.plane.slot(key(1), server(4))).isEqualTo(slot);
        assertThat(rig.plane.server(key(1), server(4)).generation()).isGreaterThan(generation + 1);
    }

    @Test
    void removedRealserverThatComesBackSoonRegainsItsSlotUnderANewGeneration() {
        rig.apply(twoServices());
        TestPlane.Slot slot = rig.plane.slot(key(1), server(2));
        int generation = rig.plane.server(key(1), server(2)).generation();
        rig.apply(Configs.of(service(1).with(checked(server(1), 1)).build()));
        rig.run(SECOND);
        rig.apply(twoServices());
        assertThat(rig.plane.slot(key(1), server(2))).isEqualTo(slot);
        assertThat(rig.plane.server(key(1), server(2)).generation()).isEqualTo(generation + 1);
    }

    @Test
    void totalsNeverGoDownWhenAServiceLeavesAndItsSlotIsGivenAway() {
        rig.apply(twoServices());
        rig.plane.forward(key(1), server(1), 100);
        rig.plane.forward(key(2), server(1), 40);
        assertThat(rig.snapshot().totals().forwarded()).isEqualTo(140);
        rig.apply(Configs.of(service(1).with(checked(server(1), 1)).build()));
        assertThat(rig.snapshot().totals().forwarded()).isEqualTo(140);
        rig.run(Duration.ofSeconds(40));
        assertThat(rig.snapshot().totals().forwarded()).isEqualTo(140);
        rig.apply(Configs.of(
                service(1).with(checked(server(1), 1)).build(),
                service(7).with(checked(server(1), 1)).build()));
        assertThat(rig.plane.service(key(7)).slot()).isEqualTo(1);
        rig.plane.forward(key(7), server(1), 5);
        assertThat(rig.snapshot().totals().forwarded()).isEqualTo(145);
        assertThat(rig.service(key(7)).forwarded()).isEqualTo(5);
    }

    @Test
    void removedServiceThatComesBackBeginsAtZeroAndTheTotalsKeepItsFigures() {
        for (boolean forgetful : new boolean[] {false, true}) {
            Rig again = new Rig();
            again.plane.forgetsRemoved = forgetful;
            again.apply(twoServices());
            again.plane.forward(key(2), server(1), 40);
            again.apply(Configs.of(service(1).with(checked(server(1), 1)).build()));
            assertThat(again.snapshot().totals().forwarded()).isEqualTo(40);
            again.run(SECOND);
            again.apply(twoServices());
            assertThat(again.service(key(2)).forwarded()).isZero();
            again.plane.forward(key(2), server(1), 2);
            assertThat(again.snapshot().totals().forwarded()).isEqualTo(42);
            again.run(Duration.ofSeconds(60));
            assertThat(again.snapshot().totals().forwarded()).isEqualTo(42);
        }
    }

    @Test
    void checksOfWhatWasRemovedEnd() {
        rig.apply(twoServices());
        rig.run(SECOND);
        rig.apply(Configs.of(service(1).with(checked(server(1), 1)).build()));
        rig.probed.clear();
        rig.run(Duration.ofSeconds(5));
        assertThat(rig.probed).containsOnly("198.18.0.1:53/udp/198.19.0.1:53");
    }

    private static Origin origin(Position position) {
        return new Origin(position, 1, "", List.of());
    }

    @Test
    void whatThePlaneRefusesChangesNothingAndSaysWhy() {
        rig.apply(twoServices());
        rig.run(SECOND);
        DirectorState before = rig.core.state();
        TestPlane plane = rig.plane;
        ForwardingTable table = plane.table;
        plane.refuses = Optional.of(new Refused("bind 198.18.0.9:53/udp: address in use", "stop who holds it"));
        Origins origins = new Origins(Map.of(key(9), origin(new Position("f.conf", 3, 1))), Map.of());
        var answer = rig.apply(Configs.of(service(9).with(checked(server(1), 1)).build()), origins);
        assertThat(answer.join().applied()).isFalse();
        assertThat(answer.join().summary()).contains("address in use").contains("stop who holds it");
        assertThat(answer.join().diagnostics()).anySatisfy(d -> {
            assertThat(d.severity()).isEqualTo(Diagnostic.Severity.ERROR);
            assertThat(d.position()).contains(new Position("f.conf", 3, 1));
        });
        assertThat(plane.table).isSameAs(table);
        DirectorState after = rig.core.state();
        assertThat(after.services()).isEqualTo(before.services());
        assertThat(after.slots()).isEqualTo(before.slots());
        assertThat(after.configuration()).isEqualTo(before.configuration());
        assertThat(rig.snapshot().lastReload()).startsWith("refused: bind");
        rig.run(Duration.ofSeconds(3));
        assertThat(rig.probed).noneMatch(label -> label.startsWith("198.18.0.9"));
    }

    @Test
    void whatThePlaneCannotDoIsRefusedBeforeItIsAsked() {
        rig.apply(twoServices());
        int calls = rig.plane.calls.size();
        RealServer direct = new RealServer(server(1), 1, new Forwarding.DirectRouting(), 0, 0, false, false, List.of());
        var answer = rig.apply(Configs.of(service(1).with(direct).build()));
        assertThat(answer.join().applied()).isFalse();
        assertThat(rig.callsSince(calls)).isEmpty();
    }

    @Test
    void placesThatAreAllNamedByFlowsAreRefusedUntilTheyRest() {
        int half = ForwardingTable.MAX_SERVERS * 2 / 3;
        rig.apply(Configs.of(service(1).with(many(0, half)).build()));
        int calls = rig.plane.calls.size();
        Configuration others = Configs.of(service(1).with(many(half, half)).build());
        Director.Applied refused = rig.apply(others).join();
        assertThat(refused.applied()).isFalse();
        assertThat(refused.summary()).contains("all 1024 places").contains("wait for udp_timeout");
        assertThat(rig.callsSince(calls)).isEmpty();
        rig.apply(Configs.of(service(1).with(many(0, 1)).build()));
        rig.run(Duration.ofSeconds(33));
        assertThat(rig.apply(others).join().applied()).isTrue();
    }

    private static RealServer[] many(int from, int count) {
        RealServer[] servers = new RealServer[count];
        for (int i = 0; i < count; i++) {
            Endpoint endpoint = new Endpoint(IpAddress.v4(0xc613_0000 + from + i), 53);
            servers[i] = Configs.unchecked(endpoint, 1);
        }
        return servers;
    }

    @Test
    void quorumIsJudgedAnewUnderNewBounds() {
        rig.apply(Configs.of(service(1)
                .with(checked(server(1), 1), checked(server(2), 1))
                .quorum(1, 0)
                .sorry(server(9))
                .build()));
        assertThat(rig.service(key(1)).state()).isEqualTo("up");
        rig.apply(Configs.of(service(1)
                .with(checked(server(1), 1), checked(server(2), 1))
                .quorum(3, 0)
                .sorry(server(9))
                .build()));
        assertThat(rig.service(key(1)).state()).isEqualTo("sorry");
        assertThat(rig.plane.usability(key(1), server(9))).isEqualTo(Usability.OPEN);
    }

    @Test
    void stoppingTakesNoNewConfigurationAndCompletesWhenThePlaneHas() {
        rig.apply(twoServices());
        rig.plane.holding = true;
        var stopped = rig.stop(Duration.ofSeconds(5));
        assertThat(rig.lastCall()).isEqualTo("stopTaking PT5S");
        assertThat(rig.apply(Configs.of(service(1).with(checked(server(1), 1)).build()))
                        .join()
                        .summary())
                .contains("stopping");
        assertThat(stopped).isNotDone();
        rig.plane.release();
        rig.run(Duration.ofMillis(1));
        assertThat(stopped).isCompleted();
        assertThat(rig.stop(Duration.ZERO)).isCompleted();
    }

    @Test
    void manyReloadsLeaveNothingBehind() {
        rig.apply(twoServices());
        rig.run(SECOND);
        int timers = rig.timers.size();
        for (int i = 0; i < 100; i++) {
            rig.apply(Configs.of(
                    service(1).with(checked(server(1 + i % 50), 1)).build(),
                    service(3 + i % 40).with(checked(server(1), 1)).build()));
            rig.run(Duration.ofMillis(200));
        }
        rig.apply(twoServices());
        rig.run(Duration.ofSeconds(100));
        assertThat(rig.timers.size()).isEqualTo(timers);
        assertThat(rig.core.state().slots().removed()).isEmpty();
        assertThat(rig.server(key(1), server(1)).since()).isAfter(Instant.MIN);
    }
}
