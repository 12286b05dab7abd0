package io.evenkeel.demo;

import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.SendRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The main job, done for real on loopback: datagrams from one socket dealt to three realserver processes, replies from the
 * virtual address, a realserver killed and brought back. Nothing is claimed that was not measured at the ends. Runs on the
 * caller's thread.
 */
public final class Demo {
    private static final Duration UP_PATIENCE = Duration.ofSeconds(10);
    private static final Duration SETTLE_PATIENCE = Duration.ofSeconds(2);

    private final Scene scene;
    private final long startedNanos = System.nanoTime();

    private Demo(Scene scene) {
        this.scene = scene;
    }

    /**
     * Plays the demo. What it starts has ended when this returns, and when the process ends before.
     *
     * @param audience is told every event, on the calling thread
     * @return true if every claim held
     */
    public static boolean run(DemoSettings settings, StatusReader reader, Consumer<DemoEvent> audience) {
        try (Stage stage = Stage.open(settings.program())) {
            return play(stage, new Demo(new Scene(settings, stage, reader, audience)), audience);
        } catch (IOException e) {
            audience.accept(new DemoEvent.Broken(String.valueOf(e.getMessage()), List.of()));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean play(Stage stage, Demo demo, Consumer<DemoEvent> audience) throws InterruptedException {
        Thread cleanUp = new Thread(stage::close, "ek-demo-cleanup");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        try {
            return demo.play();
        } catch (IOException e) {
            audience.accept(new DemoEvent.Broken(String.valueOf(e.getMessage()), stage.directorLog()));
            return false;
        } finally {
            withdraw(cleanUp);
        }
    }

    private static void withdraw(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException exiting) {
            // the hook runs already, and cleans up what we did not
        }
    }

    private boolean play() throws IOException, InterruptedException {
        setTheStage();
        SendRecord first = new DealAct(scene).play();
        SendRecord second = new LossAct(scene).play();
        closeTheBooks(first, second);
        DemoEvent.Finished finished = new DemoEvent.Finished(scene.checks(), Scene.millisSince(startedNanos));
        scene.tell(finished);
        return finished.held();
    }

    private void setTheStage() throws IOException, InterruptedException {
        Stage stage = scene.stage();
        List<DemoEvent.Realserver> realservers = new ArrayList<>();
        for (int i = 0; i < DemoSettings.SERVERS; i++) {
            realservers.add(
                    new DemoEvent.Realserver(scene.name(i), stage.server(i).pid()));
        }
        scene.tell(new DemoEvent.RealserversStarted(realservers));
        Path configuration = stage.writeConfiguration();
        scene.tell(new DemoEvent.ConfigurationWritten(configuration.toString(), Files.readString(configuration)));
        long from = System.nanoTime();
        long pid = stage.startDirector(configuration).pid();
        boolean up = scene.await(
                UP_PATIENCE,
                () -> scene.status().servers().stream()
                        .allMatch(server -> server.state().equals("up")));
        if (!up)
            throw new IOException(
                    "not every realserver came up: " + scene.status().servers());
        scene.tell(new DemoEvent.DirectorReady(Addresses.text(stage.vip()), pid, Scene.millisSince(from)));
    }

    /** The director's own figures, held against both laws and against what the client counted. */
    private void closeTheBooks(SendRecord first, SendRecord second) throws IOException, InterruptedException {
        long requests = (long) first.sent() + second.sent();
        long replies = first.replies() + second.replies();
        // A datagram is counted a moment after it was sent; waiting cannot hide a wrong figure, which stays wrong.
        scene.await(SETTLE_PATIENCE, () -> scene.status().received() >= requests);
        DirectorStatus status = scene.status();
        scene.tell(new DemoEvent.Accounted(status));
        scene.claim(
                "received = forwarded + local + drops",
                status.forwardLawHolds() && status.received() == requests,
                status.received() + " = " + status.forwarded() + " + " + status.local() + " + "
                        + DirectorStatus.sum(status.drops()) + "; the client sent " + requests);
        scene.claim(
                "replies received = replies + reply drops",
                status.replyLawHolds() && status.replies() == replies,
                status.repliesReceived() + " = " + status.replies() + " + " + DirectorStatus.sum(status.replyDrops())
                        + "; the client received " + replies);
        scene.claim("the director reports no imbalance", status.imbalance() == 0, "imbalance " + status.imbalance());
    }
}
