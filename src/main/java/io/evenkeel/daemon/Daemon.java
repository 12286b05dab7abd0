package io.evenkeel.daemon;

import io.evenkeel.api.ControlMessage;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlServer;
import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import io.evenkeel.director.Director;
import io.evenkeel.director.Snapshot;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Refused;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a director: reads the configuration, builds the parts, serves until it is told to stop, and takes the parts
 * down in reverse. {@link #run} belongs to main; {@link #requestStop} and {@link #requestReload} may be called from any
 * thread: they post to main, which alone reads files.
 */
public final class Daemon {

    /** How long replies still pass after the director has been told to stop. */
    static final Duration GRACE = Duration.ofSeconds(5);

    /** Signals and reload requests that may wait for main. */
    private static final int MAX_WAITING = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /**
     * What was asked on the command line.
     *
     * @param file the configuration
     * @param runtimeDirectory absolute
     */
    public record Settings(Path file, PlaneChoice plane, Path runtimeDirectory) {}

    /** How a life ended. */
    public sealed interface Ending {

        /** It was told to. */
        record Stopped() implements Ending {}

        /** Nothing in the configuration can be run. {@code unreadable}: because the file cannot be read. */
        record NothingToRun(List<Diagnostic> diagnostics, boolean unreadable) implements Ending {}

        /** The world said no. */
        record Denied(Refused refused) implements Ending {}

        /** A bug, logged already. */
        record Broken() implements Ending {}
    }

    private sealed interface Wish {
        record Stop(String why) implements Wish {}

        record Reload(CompletableFuture<Reply> answer) implements Wish {}

        record Bug(String where, Throwable cause) implements Wish {}
    }

    private final Settings settings;
    private final BlockingQueue<Wish> wishes = new LinkedBlockingQueue<>(MAX_WAITING);

    public Daemon(Settings settings) {
        this.settings = settings;
    }

    /** Stops soon; {@code why} is for the log. */
    public void requestStop(String why) {
        post(new Wish.Stop(why));
    }

    /** Reads the configuration again; completes with what to tell whoever asked. */
    public CompletableFuture<Reply> requestReload() {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        if (!wishes.offer(new Wish.Reload(answer))) answer.complete(Reply.refused("too many reloads are waiting"));
        return answer;
    }

    /** The whole life, from reading the file to the last reply. Call it once. */
    public Ending run() {
        Loaded loaded = ConfigurationLoader.load(settings.file());
        if (loaded.fatal()) return new Ending.NothingToRun(loaded.diagnostics(), loaded.unreadable());
        return switch (RuntimeDirectory.open(settings.runtimeDirectory())) {
            case RuntimeDirectory.Opening.Denied(Refused refused) -> new Ending.Denied(refused);
            case RuntimeDirectory.Opening.Open(RuntimeDirectory directory) -> {
                try (directory) {
                    yield live(directory, loaded);
                } catch (SyscallException failed) {
                    yield new Ending.Denied(new Refused(String.valueOf(failed.getMessage()), ""));
                }
            }
        };
    }

    private Ending live(RuntimeDirectory directory, Loaded loaded) {
        Signals.handle(() -> requestReload().thenAccept(Daemon::logReload), () -> requestStop("a signal"));
        for (Diagnostic diagnostic : loaded.diagnostics()) LOG.warn("{}", DiagnosticLine.of(diagnostic));
        Parts parts = Parts.build(settings, this::reportBug);
        Ending ending = serve(directory, parts, loaded);
        // After a bug nothing is taken down in order: a loop that is broken cannot be asked to end.
        if (!(ending instanceof Ending.Broken)) parts.close();
        return ending;
    }

    private Ending serve(RuntimeDirectory directory, Parts parts, Loaded loaded) {
        Director.Applied applied =
                parts.director().apply(loaded.configuration(), loaded.origins()).join();
        for (Diagnostic diagnostic : applied.diagnostics()) LOG.warn("{}", DiagnosticLine.of(diagnostic));
        if (!applied.applied()) return new Ending.Denied(new Refused(applied.summary(), ""));
        Reload reload = new Reload(settings.file(), parts.director());
        ControlServer.Backend backend = new Desk(parts.director());
        return switch (ControlServer.open(directory.socket(), backend)) {
            case ControlServer.Opening.Denied(Refused refused) -> new Ending.Denied(refused);
            case ControlServer.Opening.Open(ControlServer server) -> {
                LoopThread control = LoopThread.start(
                        "ek-control", server::acceptLoop, server::close, bug -> reportBug("ek-control", bug));
                LOG.info(
                        "ready: {}; {}; control socket {}", applied.summary(), parts.planeReason(), directory.socket());
                Ending ending = obey(parts.director(), reload);
                if (!(ending instanceof Ending.Broken)) control.close();
                yield ending;
            }
        };
    }

    /** Does what is asked, one wish at a time, until the end. */
    private Ending obey(Director director, Reload reload) {
        while (true) {
            switch (take()) {
                case Wish.Reload(CompletableFuture<Reply> answer) -> reload.start(answer);
                case Wish.Stop(String why) -> {
                    return stop(director, why);
                }
                case Wish.Bug bug -> {
                    return broken(bug);
                }
            }
        }
    }

    private Ending stop(Director director, String why) {
        LOG.info("stopping: {}; no new work is taken, replies pass for at most {} s", why, GRACE.toSeconds());
        director.stop(GRACE).whenComplete((_, _) -> post(new Wish.Stop("the director has stopped")));
        while (true) {
            switch (take()) {
                case Wish.Reload(CompletableFuture<Reply> answer) -> answer.complete(Reply.refused("stopping"));
                // Either all replies have passed, or whoever stopped us has asked again.
                case Wish.Stop(String reason) -> {
                    LOG.info("stopped: {}", reason);
                    return new Ending.Stopped();
                }
                case Wish.Bug bug -> {
                    return broken(bug);
                }
            }
        }
    }

    private static Ending broken(Wish.Bug bug) {
        LOG.error("bug in {}; this process ends now", bug.where(), bug.cause());
        return new Ending.Broken();
    }

    /** The owner of a loop met what must not happen. May be called from any thread. */
    private void reportBug(String where, Throwable cause) {
        post(new Wish.Bug(where, cause));
    }

    private Wish take() {
        while (true) {
            try {
                return wishes.take();
            } catch (InterruptedException _) {
                // Nobody interrupts main; what it must hear of, it is told by a wish.
            }
        }
    }

    /** For what must not be lost: makes room by dropping reloads, which can be asked for again. */
    private void post(Wish wish) {
        while (!wishes.offer(wish)) {
            if (wishes.poll() instanceof Wish.Reload(CompletableFuture<Reply> answer)) {
                answer.complete(Reply.refused("too many reloads are waiting"));
            }
        }
    }

    private static void logReload(Reply reply) {
        switch (reply.outcome()) {
            case DONE -> LOG.info("reload: {}", reply.body().strip());
            case REFUSED, INVALID -> LOG.warn("reload: {}", reply.body().strip());
        }
    }

    /** What the control socket sees of us. */
    private final class Desk implements ControlServer.Backend {
        private final Director director;

        Desk(Director director) {
            this.director = director;
        }

        @Override
        public Snapshot snapshot() {
            return director.snapshot();
        }

        @Override
        public CompletableFuture<Optional<Refused>> intend(ControlMessage.Intend wish) {
            return director.intend(wish.service(), wish.realserver(), wish.intent());
        }

        @Override
        public CompletableFuture<Reply> reload() {
            return requestReload();
        }
    }
}
