package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.Refused;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The time from a verdict to the plane, in virtual time. */
class PlaneLagTest {
    private final Rig rig = new Rig();

    @BeforeEach
    void two() {
        rig.apply(Configs.of(
                service(1).with(checked(server(1), 1), checked(server(2), 1)).build()));
        rig.run(Duration.ofSeconds(3));
    }

    @Test
    void itLastsFromTheVerdictToTheAcknowledgementOfTheTableThatCarriesIt() {
        assertThat(rig.snapshot().settled()).isTrue();
        rig.plane.holding = true;
        rig.finds(server(1), Rig.BAD);
        runUntil(RealServerState.FAILED);
        assertThat(rig.snapshot().settled()).isFalse();
        assertThat(rig.snapshot().tableVersion()).isEqualTo(rig.snapshot().tableAcknowledged() + 1);
        rig.run(Duration.ofMillis(7));
        rig.plane.release();
        rig.deliver();
        assertThat(rig.snapshot().settled()).isTrue();
        assertThat(rig.snapshot().tableAcknowledged()).isEqualTo(rig.snapshot().tableVersion());
        assertThat(rig.snapshot().planeLag().lastMicros()).isBetween(7_000L, 8_000L);
        assertThat(rig.snapshot().planeLag().worstMicros())
                .isEqualTo(rig.snapshot().planeLag().lastMicros());

        rig.finds(server(1), Rig.GOOD);
        runUntil(RealServerState.UP);
        assertThat(rig.snapshot().settled()).isTrue();
        assertThat(rig.snapshot().planeLag().lastMicros()).isZero();
        assertThat(rig.snapshot().planeLag().worstMicros()).isBetween(7_000L, 8_000L);
    }

    @Test
    void whatIsShownButNotYetInATableIsNotSettled() {
        rig.suspect(key(1), server(1));
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.SUSPECT);
        assertThat(rig.snapshot().tableVersion()).isEqualTo(rig.snapshot().tableAcknowledged());
        assertThat(rig.snapshot().settled()).as("its table is not made yet").isFalse();
        rig.deliver();
        assertThat(rig.snapshot().settled()).isTrue();
    }

    @Test
    void aRefusedTableKeepsTheChangeWaiting() {
        rig.plane.refuses = Optional.of(new Refused("no memory", ""));
        rig.finds(server(1), Rig.BAD);
        runUntil(RealServerState.FAILED);
        assertThat(rig.snapshot().settled()).isFalse();
        rig.plane.refuses = Optional.empty();
        rig.run(Duration.ofSeconds(2));
        assertThat(rig.snapshot().settled()).isTrue();
        assertThat(rig.snapshot().planeLag().lastMicros()).isBetween(900_000L, 1_100_000L);
    }

    @Test
    void changesOfOneTableCountFromTheFirst() {
        rig.plane.holding = true;
        for (int i = 0; i < 2 * TableRule.MAX_IN_FLIGHT; i++) {
            rig.intend(key(1), server(2), i % 2 == 0 ? OperatorIntent.DRAINING : OperatorIntent.IN);
            rig.run(Duration.ofMillis(1));
        }
        rig.plane.release();
        rig.run(Duration.ofMillis(1));
        assertThat(rig.snapshot().settled()).isTrue();
        assertThat(rig.snapshot().planeLag().worstMicros()).isBetween(8_000L, 9_000L);
    }

    private void runUntil(RealServerState state) {
        for (int i = 0; i < 5_000 && rig.server(key(1), server(1)).state() != state; i++) {
            rig.run(Duration.ofMillis(1));
        }
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(state);
    }
}
