package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Origins;
import io.evenkeel.model.RealServerState;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop on its own thread. */
@Timeout(20)
class DirectorTest {
    private final TestPlane plane = new TestPlane();
    private final AtomicReference<ProbeOutcome> outcome = new AtomicReference<>(Rig.GOOD);
    private final Director director = new Director(
            new Director.About("1.0", 7, Instant.EPOCH, "test", "asked for", "f.conf"),
            plane,
            false,
            (_, _, done) -> done.accept(outcome.get()));
    private final CompletableFuture<Void> loop = new CompletableFuture<>();
    private final Thread thread = Thread.ofPlatform().name("ek-director").start(() -> {
        try {
            director.run();
            loop.complete(null);
        } catch (Throwable bug) {
            loop.completeExceptionally(bug);
        }
    });

    @AfterEach
    void end() throws InterruptedException {
        director.close();
        thread.join();
    }

    private static Configuration one() {
        return Configs.of(service(1)
                .with(Configs.withChecks(
                        checked(server(1), 1), Configs.tcp(server(1), 0, Duration.ofMillis(20), false)))
                .build());
    }

    @Test
    void whoeverWasAnsweredSeesItInTheNextSnapshot() {
        assertThat(director.apply(one(), Origins.NONE).join().applied()).isTrue();
        for (int i = 0; i < 200; i++) {
            OperatorIntent intent = i % 2 == 0 ? OperatorIntent.DRAINING : OperatorIntent.IN;
            assertThat(director.intend(key(1), server(1), intent).join()).isEmpty();
            assertThat(director.snapshot()
                            .services()
                            .getFirst()
                            .realservers()
                            .getFirst()
                            .operator())
                    .isEqualTo(intent);
        }
    }

    @Test
    void snapshotTellsOfTheProcess() {
        Snapshot snapshot = director.snapshot();
        assertThat(snapshot.version()).isEqualTo("1.0");
        assertThat(snapshot.pid()).isEqualTo(7);
        assertThat(snapshot.configurationFile()).isEqualTo("f.conf");
        assertThat(snapshot.services()).isEmpty();
    }

    @Test
    void verdictReachesThePlaneAndTheSnapshot() throws InterruptedException {
        director.apply(one(), Origins.NONE).join();
        until(RealServerState.UP);
        outcome.set(Rig.BAD);
        until(RealServerState.FAILED);
        director.intend(key(1), server(1), OperatorIntent.IN).join(); // answered after what came before is done
        assertThat(plane.standing(plane.slot(key(1), server(1))).usability()).isEqualTo(Usability.SHUT);
        assertThat(director.snapshot()
                        .services()
                        .getFirst()
                        .realservers()
                        .getFirst()
                        .since())
                .isBetween(Instant.now().minusSeconds(20), Instant.now());
    }

    private void until(RealServerState state) throws InterruptedException {
        while (director.snapshot()
                        .services()
                        .getFirst()
                        .realservers()
                        .getFirst()
                        .state()
                != state) Thread.sleep(1);
    }

    @Test
    void stopEndsWithThePlane() {
        director.apply(one(), Origins.NONE).join();
        director.stop(Duration.ofSeconds(1)).join();
        assertThat(plane.stopping).isTrue();
    }

    @Test
    void deadWorkerEndsTheLoopWithItsCause() {
        IllegalStateException cause = new IllegalStateException("bug");
        director.accept(new PlaneEvent.WorkerFailed(1, cause));
        assertThatThrownBy(loop::join)
                .isInstanceOf(CompletionException.class)
                .hasRootCause(cause)
                .hasMessageContaining("worker 1");
    }

    @Test
    void afterTheEndEverybodyIsToldSo() throws Exception {
        director.close();
        loop.get(5, TimeUnit.SECONDS);
        assertThat(director.apply(one(), Origins.NONE).join().summary()).contains("ended");
        assertThat(director.intend(key(1), server(1), OperatorIntent.IN).join()).isPresent();
        assertThat(director.stop(Duration.ZERO)).succeedsWithin(Duration.ofSeconds(1));
    }

    @Test
    void fullMailboxDropsSignsAndSaysSo() throws Exception {
        director.close();
        loop.get(5, TimeUnit.SECONDS); // nobody takes mail any more
        for (int i = 0; i < Mailbox.CAPACITY + 10; i++) {
            director.accept(new PlaneEvent.Suspicion(0, 0, 1, "", 0));
        }
        assertThat(director.snapshot().alarms()).anyMatch(alarm -> alarm.contains("10 events were dropped"));
        assertThat(director.apply(one(), Origins.NONE).join().applied()).isFalse();
    }
}
