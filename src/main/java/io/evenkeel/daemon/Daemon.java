package io.evenkeel.daemon;

import io.evenkeel.api.ControlClient;
import io.evenkeel.api.ControlMessage;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlServer;
import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import io.evenkeel.dataplane.kernel.Instance;
import io.evenkeel.dataplane.socket.SocketPlane;
import io.evenkeel.director.Director;
import io.evenkeel.director.TableCompiler;
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
import org.jspecify.annotations.Nullable;
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

    /** How long whoever has asked something is waited for at the end. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    /** Signals and reload requests that may wait for main. */
    private static final int MAX_WAITING = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /**
     * What was asked on the command line.
     *
     * @param file the configuration
     * @param runtimeDirectory absolute
     * @param instance whose part of the kernel this is, on the kernel plane
     */
    public record Settings(Path file, PlaneChoice plane, Path runtimeDirectory, Instance instance) {
        /** With the instance that follows from the directory. */
        public Settings(Path file, PlaneChoice plane, Path runtimeDirectory) {
            this(file, plane, runtimeDirectory, Instance.of(runtimeDirectory));
        }
    }

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

        record Leave(CompletableFuture<Reply> answer) implements Wish {}

        record Bug(String where, Throwable cause) implements Wish {}
    }

    private final Settings settings;
    private final BlockingQueue<Wish> wishes = new LinkedBlockingQueue<>(MAX_WAITING);

    public Daemon(Settings settings) {
        this.settings = settings;
    }

    /** What the plane that {@code choice} comes to could not do here with what was read, without opening one. Any thread. */
    public static List<Diagnostic> judge(Loaded loaded, PlaneChoice choice) {
        return new TableCompiler(Parts.limits(choice), choice != PlaneChoice.AUTO)
                .judge(loaded.configuration(), loaded.origins());
    }

    /** Stops soon; {@code why} is for the log. */
    public void requestStop(String why) {
        post(new Wish.Stop(why));
    }

    /** Reads the configuration again; completes with what to tell whoever asked. */
    public CompletableFuture<Reply> requestReload() {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        answer.whenComplete(Daemon::logReload);
        if (!wishes.offer(new Wish.Reload(answer))) answer.complete(Reply.refused("too many reloads are waiting"));
        return answer;
    }

    /** Ends soon, but what forwards without this process stays in force; completes with what to tell whoever asked. */
    public CompletableFuture<Reply> requestLeave() {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        if (!wishes.offer(new Wish.Leave(answer))) answer.complete(Reply.refused("too many requests are waiting"));
        return answer;
    }

    /** The whole life, from reading the file to the last reply. Call it once. */
    public Ending run() {
        // First of all: with too few descriptors the JVM cannot even load what follows, and would call it a bug.
        Optional<Refused> lacking = SocketPlane.lacking(Parts.workers());
        if (lacking.isPresent()) return new Ending.Denied(lacking.get());
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
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> reportBug(thread.getName(), cause));
        Signals.handle(this::requestReload, () -> requestStop("a signal"));
        for (Diagnostic diagnostic : loaded.diagnostics()) DiagnosticLine.log(LOG, diagnostic);
        return switch (Parts.build(settings, directory.path(), this::reportBug)) {
            case Parts.Building.Denied(Refused refused) -> new Ending.Denied(refused);
            case Parts.Building.Built(Parts parts) -> {
                Ending ending = boot(directory, parts, loaded);
                // After a bug nothing is taken down in order: a loop that is broken cannot be asked to end.
                if (!(ending instanceof Ending.Broken)) parts.close();
                yield ending;
            }
        };
    }

    private Ending boot(RuntimeDirectory directory, Parts parts, Loaded loaded) {
        Boot.Result result = Boot.apply(
                settings.file(),
                loaded.diagnostics(),
                loaded.configuration(),
                loaded.origins(),
                parts.director(),
                parts.plane().limits(),
                parts.planeChosen());
        return switch (result) {
            case Boot.Result.Nothing(List<Diagnostic> diagnostics) -> new Ending.NothingToRun(diagnostics, false);
            case Boot.Result.Denied(Refused refused) -> new Ending.Denied(refused);
            case Boot.Result.Up(String summary, List<String> leftOut) -> {
                Desk desk = new Desk(parts.director(), this::requestReload, this::requestLeave, leftOut);
                yield serve(directory, parts, desk, summary);
            }
        };
    }

    private Ending serve(RuntimeDirectory directory, Parts parts, Desk desk, String summary) {
        return switch (ControlServer.open(directory.socket(), desk)) {
            case ControlServer.Opening.Denied(Refused refused) -> new Ending.Denied(refused);
            case ControlServer.Opening.Open(ControlServer server) -> {
                LoopThread control = LoopThread.start(
                        "ek-control", server::acceptLoop, server::close, bug -> reportBug("ek-control", bug));
                // The first answer takes what the JDK needs for all later ones (descriptors among it) while there is
                // plenty.
                if (ControlClient.ask(directory.socket(), new ControlMessage.StatusTable(80))
                        instanceof ControlClient.Answer.Broken(String why)) {
                    LOG.warn("the control socket does not answer: {}", why);
                }
                LOG.info(
                        "ready: {}; {} plane ({}); control socket {}",
                        summary,
                        parts.plane().limits().plane(),
                        parts.planeReason(),
                        directory.socket());
                Ending ending = obey(parts, desk);
                server.awaitAnswers(LAST_WORDS);
                if (!(ending instanceof Ending.Broken)) control.close();
                yield ending;
            }
        };
    }

    /** Does what is asked, one wish at a time, until the end. */
    private Ending obey(Parts parts, Desk desk) {
        Reload reload = new Reload(settings.file(), parts.director(), bug -> reportBug(Reload.THREAD, bug));
        while (true) {
            switch (take()) {
                case Wish.Reload(CompletableFuture<Reply> answer) -> {
                    answer.thenAccept(desk::reloaded);
                    reload.post(answer);
                }
                case Wish.Leave(CompletableFuture<Reply> answer) -> {
                    if (leaves(parts, answer)) return new Ending.Stopped();
                }
                case Wish.Stop(String why) -> {
                    return stop(parts.director(), why);
                }
                case Wish.Bug bug -> {
                    return broken(bug);
                }
            }
        }
    }

    private static boolean leaves(Parts parts, CompletableFuture<Reply> answer) {
        Optional<Refused> refused = parts.plane().leave();
        if (refused.isPresent()) {
            answer.complete(Reply.refused(refused.get().toString()));
            return false;
        }
        LOG.info("leaving: what is in force stays so, for the next director of this instance");
        answer.complete(Reply.done("the director ends; what is in force stays so\n"));
        return true;
    }

    private Ending stop(Director director, String why) {
        LOG.info("stopping: {}; no new work is taken, replies pass for at most {} s", why, GRACE.toSeconds());
        director.stop(GRACE).whenComplete((_, _) -> post(new Wish.Stop("the director has stopped")));
        while (true) {
            switch (take()) {
                case Wish.Reload(CompletableFuture<Reply> answer) -> answer.complete(Reply.refused("stopping"));
                case Wish.Leave(CompletableFuture<Reply> answer) -> answer.complete(Reply.refused("stopping"));
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

    private static void logReload(Reply reply, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.error("reload: failed by a bug", failure);
            return;
        }
        switch (reply.outcome()) {
            case DONE -> reply.body().lines().forEach(line -> LOG.info("reload: {}", line));
            case REFUSED, INVALID -> reply.body().lines().forEach(line -> LOG.warn("reload refused: {}", line));
        }
    }
}
