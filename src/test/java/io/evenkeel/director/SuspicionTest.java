package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static io.evenkeel.director.Configs.unchecked;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.RealServerState;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Passive signs. */
class SuspicionTest {
    private final Rig rig = new Rig();

    @BeforeEach
    void twoCheckedAndOneUnchecked() {
        RealServer slow =
                Configs.withChecks(checked(server(1), 1), Configs.tcp(server(1), 2, Duration.ofSeconds(30), false));
        rig.apply(Configs.of(service(1)
                .with(slow, checked(server(2), 1), unchecked(server(3), 1))
                .build()));
        rig.run(Duration.ofSeconds(5));
    }

    @Test
    void suspectIsFlippedAtOnceAndProbedAtOnce() {
        int mark = rig.plane.calls.size();
        int before = rig.probed.size();
        rig.suspect(key(1), server(1));
        assertThat(rig.callsSince(mark)).containsExactly("flip 0/0 SUSPECT");
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.SUSPECT);
        assertThat(rig.server(key(1), server(1)).evidence()).isEqualTo("port unreachable");
        rig.probeNanos = Duration.ofMillis(50).toNanos();
        rig.run(Duration.ofMillis(10));
        assertThat(rig.probed.stream().skip(before)).contains("198.18.0.1:53/udp/198.19.0.1:53");
        assertThat(rig.plane.server(key(1), server(1)).usability()).isEqualTo(Usability.SUSPECT);
    }

    @Test
    void passingProbeEndsTheSuspicion() {
        rig.suspect(key(1), server(1));
        rig.run(Duration.ofMillis(10));
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.UP);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.OPEN);
    }

    @Test
    void suspicionLastsWhileTheRetriesRunAndThenItIsFailed() {
        rig.finds(server(1), Rig.BAD);
        rig.suspect(key(1), server(1));
        rig.run(Duration.ofMillis(150)); // two retries, 200 ms apart, are to come
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.SUSPECT);
        rig.run(Duration.ofMillis(500));
        assertThat(rig.server(key(1), server(1)).state()).isEqualTo(RealServerState.FAILED);
        assertThat(rig.plane.usability(key(1), server(1))).isEqualTo(Usability.SHUT);
    }

    @Test
    void probeThatBeganBeforeTheSignDoesNotAnswerIt() {
        rig.probeNanos = Duration.ofMillis(100).toNanos();
        rig.run(Duration.ofMillis(50)); // server 2 is being probed: its good answer is on the way
        int before = rig.probed.size();
        rig.finds(server(2), Rig.BAD);
        rig.suspect(key(1), server(2));
        rig.run(Duration.ofMillis(60));
        assertThat(rig.server(key(1), server(2)).state()).isEqualTo(RealServerState.SUSPECT);
        assertThat(rig.probed).hasSize(before + 1);
        rig.run(Duration.ofMillis(100));
        assertThat(rig.server(key(1), server(2)).state()).isEqualTo(RealServerState.FAILED);
    }

    @Test
    void withoutChecksASuspicionEndsByItself() {
        rig.suspect(key(1), server(3));
        assertThat(rig.plane.usability(key(1), server(3))).isEqualTo(Usability.SUSPECT);
        rig.run(Duration.ofMillis(900));
        assertThat(rig.plane.usability(key(1), server(3))).isEqualTo(Usability.SUSPECT);
        rig.run(Duration.ofMillis(200));
        assertThat(rig.plane.usability(key(1), server(3))).isEqualTo(Usability.OPEN);
    }

    @Test
    void worthlessProbesDoNotHoldASuspicionForEver() {
        rig.finds(server(2), new ProbeOutcome.Worthless("no descriptor"));
        rig.suspect(key(1), server(2));
        rig.run(Duration.ofMillis(500));
        assertThat(rig.server(key(1), server(2)).state()).isEqualTo(RealServerState.SUSPECT);
        rig.run(Duration.ofSeconds(2));
        assertThat(rig.server(key(1), server(2)).state()).isEqualTo(RealServerState.UP);
    }

    @Test
    void signAboutAnOlderGenerationOrNobodyIsIgnored() {
        int mark = rig.plane.calls.size();
        for (PlaneEvent.Suspicion sign : new PlaneEvent.Suspicion[] {
            new PlaneEvent.Suspicion(0, 1, 0, "old", rig.now()),
            new PlaneEvent.Suspicion(0, 77, 1, "nobody", rig.now()),
            new PlaneEvent.Suspicion(99, 1, 1, "nothing", rig.now())
        }) {
            rig.handle(new Event.Plane(sign));
        }
        rig.run(Duration.ofMillis(10));
        assertThat(rig.callsSince(mark)).isEmpty();
    }

    @Test
    void manySignsCannotMakeUsProbeFasterThanTheGap() {
        int before = rig.probed.size();
        for (int i = 0; i < 1_000; i++) {
            rig.suspect(key(1), server(1));
            rig.run(Duration.ofMillis(1));
        }
        assertThat(rig.probed.stream().skip(before).filter(label -> label.contains("198.19.0.1")))
                .hasSizeLessThanOrEqualTo(11);
    }

    @Test
    void suspectCountsForQuorum() {
        rig.suspect(key(1), server(1));
        assertThat(rig.service(key(1)).quorum().liveWeight()).isEqualTo(3);
    }

    @Test
    void oneThatIsSuspectedAgainAndAgainIsLoggedThreeTimesAndThenByTheMinute() {
        rig.log.clear();
        for (int i = 0; i < 100; i++) {
            rig.suspect(key(1), server(3));
            rig.run(Duration.ofMillis(1_500)); // the suspicion ends by itself
        }
        String of = "198.18.0.1:53/udp: realserver 198.19.0.3:53 ";
        assertThat(rig.log)
                .containsExactly(
                        of + "is suspect (was up): port unreachable",
                        of + "is up (was suspect): port unreachable",
                        of + "is suspect (was up): port unreachable",
                        of + "is up (was suspect): port unreachable",
                        of + "is suspect (was up): port unreachable",
                        of + "is up (was suspect): port unreachable",
                        of + "was suspect 38 more times within a minute: port unreachable",
                        of + "was suspect 40 more times within a minute: port unreachable");
    }

    @Test
    void afterAQuietMinuteASuspicionIsLoggedAgain() {
        for (int i = 0; i < 10; i++) {
            rig.suspect(key(1), server(3));
            rig.run(Duration.ofMillis(1_500));
        }
        rig.run(Duration.ofMinutes(3));
        assertThat(rig.log.getLast()).endsWith("was suspect 7 more times within a minute: port unreachable");
        rig.suspect(key(1), server(3));
        assertThat(rig.log.getLast()).endsWith("is suspect (was up): port unreachable");
    }

    @Test
    void aFailureIsLoggedHoweverOftenItWasSuspectedBefore() {
        for (int i = 0; i < 10; i++) {
            rig.suspect(key(1), server(2));
            rig.run(Duration.ofMillis(1_500));
        }
        rig.finds(server(2), Rig.BAD);
        rig.suspect(key(1), server(2));
        rig.run(Duration.ofMillis(1_500));
        assertThat(rig.log.getLast()).contains("realserver 198.19.0.2:53 is failed (was suspect)");
    }
}
