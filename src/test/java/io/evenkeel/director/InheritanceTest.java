package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static io.evenkeel.director.Configs.tcp;
import static io.evenkeel.director.Configs.unchecked;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.Verdict;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A director that takes over from another begins with the health that it finds in force. */
class InheritanceTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private final Rig rig = new Rig();

    private void left(Map<Endpoint, Usability> usabilities) {
        Map<Endpoint, Inheritance.Server> servers = new HashMap<>();
        usabilities.forEach((server, usability) -> servers.put(server, new Inheritance.Server(usability, 1_000)));
        rig.plane.inheritance = new Inheritance(Map.of(key(1), servers));
    }

    private static Configuration three() {
        return Configs.of(service(1)
                .with(checked(server(1), 1), checked(server(2), 1), checked(server(3), 1))
                .build());
    }

    @Test
    void whoWasShutBeginsAsFailedAndTheOthersStayInUse() {
        left(Map.of(server(1), Usability.OPEN, server(2), Usability.SHUT));
        rig.apply(three());
        assertThat(rig.server(key(1), server(2)).state()).isEqualTo(RealServerState.FAILED);
        assertThat(rig.server(key(1), server(2)).evidence())
                .isEqualTo("not probed yet; the process before left it failed");
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.SHUT);
        assertThat(rig.server(key(1), server(1)).verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
        assertThat(rig.plane.usability(key(1), server(3))).isEqualTo(Usability.OPEN); // nobody knows it
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(2)).verdict()).isEqualTo(Verdict.UP);
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.OPEN);
    }

    @Test
    void whoWasInUseHasItsRetriesAndAlphaDoesNotTakeItOut() {
        left(Map.of(server(1), Usability.OPEN));
        rig.finds(server(1), Rig.BAD);
        rig.apply(Configs.of(service(1)
                .with(Configs.withChecks(unchecked(server(1), 1), tcp(server(1), 2, SECOND, true)))
                .build()));
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
        rig.plane.forward(key(1), server(1), 1_003);
        rig.run(Duration.ofMillis(300)); // the first probe and one retry of two
        assertThat(rig.probed).hasSizeGreaterThan(1);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
        rig.run(SECOND);
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.FAILED);
        // What the process before had forwarded was not in vain.
        assertThat(rig.server(key(1), server(1)).sentWhileFailed()).isEqualTo(3);
    }

    @Test
    void thatTheSorryServerGotNothingSaysNothing() {
        left(Map.of(server(1), Usability.OPEN, server(9), Usability.SHUT));
        rig.apply(Configs.of(
                service(1).with(checked(server(1), 1)).sorry(server(9)).build()));
        assertThat(rig.server(key(1), server(9)).verdict()).isNotEqualTo(Verdict.FAILED);
    }

    @Test
    void itCountsForTheFirstConfigurationOnly() {
        left(Map.of(server(1), Usability.OPEN, server(2), Usability.SHUT));
        rig.apply(Configs.of(service(1).with(checked(server(1), 1)).build()));
        rig.run(SECOND);
        rig.apply(three());
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.OPEN);
    }
}
