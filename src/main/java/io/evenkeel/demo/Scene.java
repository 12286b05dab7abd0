package io.evenkeel.demo;

import io.evenkeel.demo.DemoEvent.Check;
import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.NumberedSender;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/** What the acts of a demo share: the stage, the audience, the claims made so far. The demo's thread only. */
final class Scene {
    /** How long the demo rests between two beats, so that a person can follow and rates settle. */
    static final Duration BEAT = Duration.ofSeconds(1);

    private static final long POLL_MILLIS = 5;
    private static final long PROGRESS_MILLIS = 250;

    /** Something that is waited for. */
    @FunctionalInterface
    interface Condition {
        boolean met() throws IOException;
    }

    private final DemoSettings settings;
    private final Stage stage;
    private final StatusReader reader;
    private final Consumer<DemoEvent> audience;
    private final List<Check> checks = new ArrayList<>();

    Scene(DemoSettings settings, Stage stage, StatusReader reader, Consumer<DemoEvent> audience) {
        this.settings = settings;
        this.stage = stage;
        this.reader = reader;
        this.audience = audience;
    }

    DemoSettings settings() {
        return settings;
    }

    Stage stage() {
        return stage;
    }

    List<Check> checks() {
        return List.copyOf(checks);
    }

    /** What realserver {@code i} is called: its address and port, as in status. */
    String name(int i) {
        return Addresses.text(stage.address(i));
    }

    DirectorStatus status() throws IOException {
        return reader.read(stage.runtimeDirectory());
    }

    /** What status says of realserver {@code i}. */
    DirectorStatus.Server server(int i) throws IOException {
        return status().server(name(i)).orElseThrow(() -> new IOException("status does not list " + name(i)));
    }

    void tell(DemoEvent event) {
        audience.accept(event);
    }

    void claim(String claim, boolean held, String measured) {
        checks.add(new Check(claim, held, measured));
    }

    /** Waits for a condition, without telling anybody how far things are. True if it was met in time. */
    boolean await(Duration patience, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.met()) {
            if (System.nanoTime() - end > 0) return false;
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    /** A client that sends on a thread of its own. */
    final class Client {
        private final NumberedSender sender;
        private final FutureTask<SendRecord> work;
        private final long of;
        private long toldNanos = System.nanoTime();
        private long toldReplies;

        /** @param of how many it will send, for progress; 0 if that is open */
        Client(SendPlan plan, long of) throws IOException {
            this.sender = new NumberedSender(plan);
            this.of = of;
            Callable<SendRecord> job = sender::run;
            this.work = new FutureTask<>(job);
            Thread thread = new Thread(work, "ek-client");
            thread.setDaemon(true);
            thread.start();
        }

        boolean done() {
            return work.isDone();
        }

        /** Waits for a condition and tells meanwhile how far the client is. True if it was met in time. */
        boolean watch(Duration patience, Condition condition) throws IOException, InterruptedException {
            return await(patience, () -> {
                long millis = millisSince(toldNanos);
                if (millis >= PROGRESS_MILLIS) tellProgress(millis);
                return condition.met();
            });
        }

        /** Lets it go on for a while. */
        void goOn(Duration time) throws IOException, InterruptedException {
            watch(time, this::done);
        }

        /** Stops it and answers what happened. */
        SendRecord end() throws IOException, InterruptedException {
            sender.stop();
            try {
                return work.get();
            } catch (ExecutionException e) {
                throw new IOException("the client failed: " + e.getCause(), e);
            }
        }

        private void tellProgress(long millis) {
            NumberedSender.Progress progress = sender.progress();
            long perSecond = (progress.replies() - toldReplies) * 1_000 / millis;
            tell(new DemoEvent.Progress(progress.sent(), progress.replies(), of, perSecond));
            toldNanos = System.nanoTime();
            toldReplies = progress.replies();
        }
    }
}
