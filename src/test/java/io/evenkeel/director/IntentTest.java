package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.SlotTable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Drain and ready. */
class IntentTest {
    private final Rig rig = new Rig();

    private void twoServers(Optional<Duration> drainTimeout) {
        var builder = service(1).with(checked(server(1), 1), checked(server(2), 1));
        drainTimeout.ifPresent(builder::drainTimeout);
        rig.apply(Configs.of(builder.build()));
        rig.run(Duration.ofSeconds(1));
    }

    @Test
    void drainingKeepsFlowsAndTakesNoNewOnes() {
        twoServers(Optional.empty());
        int generation = rig.plane.server(key(1), server(1)).generation();
        rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.HOLDING);
        assertThat(rig.plane.server(key(1), server(1)).generation()).isEqualTo(generation);
        assertThat(((Rotation) rig.plane.service(key(1)).schedule()).length()).isEqualTo(1);
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.DRAINING);
        assertThat(rig.log.getLast()).endsWith("198.19.0.1:53 is draining (was up): the operator's wish");
        rig.intend(key(1), server(1), OperatorIntent.IN);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
        assertThat(((Rotation) rig.plane.service(key(1)).schedule()).length()).isEqualTo(2);
    }

    @Test
    void drainIsNotFlippedBecauseOnlyATableKnowsWhoTakesTheShare() {
        rig.apply(Configs.of(service(1)
                .scheduling(new Scheduling.SourceHash(false, false))
                .with(checked(server(1), 1), checked(server(2), 1))
                .build()));
        rig.run(Duration.ofSeconds(1));
        int mark = rig.plane.calls.size();
        rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        assertThat(rig.callsSince(mark)).containsExactly("prepare 2", "commit 2");
        SlotTable table = (SlotTable) rig.plane.service(key(1)).schedule();
        for (int client = 0; client < 1_000; client++) {
            assertThat(table.pick(false, 0, client, 0, 0, 0, index -> index == 1))
                    .isEqualTo(1);
        }
    }

    @Test
    void answerComesWhenEveryWorkerHasAcknowledged() {
        twoServers(Optional.empty());
        rig.plane.holding = true;
        var answer = rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        rig.run(Duration.ofMillis(100));
        assertThat(answer).isNotDone();
        rig.plane.release();
        rig.run(Duration.ofMillis(1));
        assertThat(answer).isCompletedWithValue(Optional.empty());
    }

    @Test
    void wishThatHoldsAlreadyIsAnsweredAtOnceAndChangesNothing() {
        twoServers(Optional.empty());
        int mark = rig.plane.calls.size();
        assertThat(rig.intend(key(1), server(1), OperatorIntent.IN)).isCompletedWithValue(Optional.empty());
        assertThat(rig.callsSince(mark)).isEmpty();
    }

    @Test
    void sameWishTwiceWaitsForTheSameTable() {
        twoServers(Optional.empty());
        rig.plane.holding = true;
        rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        var second = rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        assertThat(second).isNotDone();
        rig.plane.release();
        rig.run(Duration.ofMillis(1));
        assertThat(second).isCompletedWithValue(Optional.empty());
    }

    @Test
    void flowsMoveWhenTheDrainTimeIsOver() {
        twoServers(Optional.of(Duration.ofSeconds(10)));
        int generation = rig.plane.server(key(1), server(1)).generation();
        rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        rig.run(Duration.ofSeconds(9));
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.HOLDING);
        rig.run(Duration.ofSeconds(1).plusMillis(1));
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.SHUT);
        assertThat(rig.plane.server(key(1), server(1)).generation()).isEqualTo(generation + 1);
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.DRAINING);
        rig.intend(key(1), server(1), OperatorIntent.IN);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
    }

    @Test
    void readyInTimeKeepsTheFlows() {
        twoServers(Optional.of(Duration.ofSeconds(10)));
        int generation = rig.plane.server(key(1), server(1)).generation();
        rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        rig.run(Duration.ofSeconds(5));
        rig.intend(key(1), server(1), OperatorIntent.IN);
        rig.run(Duration.ofSeconds(20));
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
        assertThat(rig.plane.server(key(1), server(1)).generation()).isEqualTo(generation);
    }

    @Test
    void drainingOneThatFailsIsFailed() {
        twoServers(Optional.empty());
        rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        rig.finds(server(1), Rig.BAD);
        rig.run(Duration.ofSeconds(1));
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.SHUT);
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.FAILED);
        rig.finds(server(1), Rig.GOOD);
        rig.run(Duration.ofSeconds(1));
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.DRAINING);
    }

    @Test
    void drainingTheLastOneLetsTheSorryServerTakeNewFlowsAndKeepsTheOld() {
        rig.apply(Configs.of(
                service(1).with(checked(server(1), 1)).sorry(server(9)).build()));
        rig.run(Duration.ofSeconds(1));
        rig.intend(key(1), server(1), OperatorIntent.DRAINING);
        assertThat(rig.plane.usability(key(1), server(9))).isEqualTo(Usability.OPEN);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.HOLDING);
    }

    @Test
    void whoDoesNotExistIsRefusedWithARemedy() {
        rig.apply(Configs.of(
                service(1).with(checked(server(1), 1)).sorry(server(9)).build()));
        refused(rig.intend(key(7), server(1), OperatorIntent.DRAINING), "no virtual service 198.18.0.7:53/udp");
        refused(rig.intend(key(1), server(7), OperatorIntent.DRAINING), "no realserver 198.19.0.7:53");
        refused(rig.intend(key(1), server(9), OperatorIntent.DRAINING), "is the sorry server");
    }

    private static void refused(CompletableFuture<Optional<io.evenkeel.model.Refused>> answer, String part) {
        assertThat(answer).isCompleted();
        assertThat(answer.join()).hasValueSatisfying(refused -> {
            assertThat(refused.what()).contains(part);
            assertThat(refused.remedy()).contains("evenkeel status");
        });
    }
}
