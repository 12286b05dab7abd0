package io.evenkeel.daemon;

import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import io.evenkeel.director.Director;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the configuration again and gives it to the director. All or nothing: a file with any error changes nothing, and
 * the answer says why. Files are read one after another on {@code ek-reload}, never by the director nor by main, which must
 * hear of a stop however long a file takes. {@link #post} belongs to main.
 */
final class Reload {

    private static final String UNCHANGED = "nothing has changed";

    static final String THREAD = "ek-reload";

    /** Reloads that may wait for the one that is read. */
    private static final int MAX_WAITING = 64;

    private final Path file;
    private final Director director;
    private final Consumer<Throwable> bug;
    private final ThreadPoolExecutor reader = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name(THREAD).daemon().factory());

    /** @param bug hears of what must not happen, on {@link #THREAD} */
    Reload(Path file, Director director, Consumer<Throwable> bug) {
        this.file = file;
        this.director = director;
        this.bug = bug;
    }

    /** Has the file read when those before it have been; {@code answer} completes as {@link #start} says. */
    void post(CompletableFuture<Reply> answer) {
        try {
            reader.execute(() -> {
                try {
                    start(answer);
                } catch (Throwable thrown) {
                    bug.accept(thrown);
                }
            });
        } catch (RejectedExecutionException full) {
            answer.complete(Reply.refused("too many reloads are waiting"));
        }
    }

    /** Reads now, applies soon: {@code answer} completes when every worker has acknowledged it, or it was refused. */
    private void start(CompletableFuture<Reply> answer) {
        Loaded loaded = ConfigurationLoader.load(file);
        if (loaded.unreadable()) {
            answer.complete(Reply.refused(lines(loaded.diagnostics()) + "; " + UNCHANGED));
            return;
        }
        if (loaded.hasErrors() || loaded.fatal()) {
            String why = loaded.hasErrors() ? "the configuration has errors" : "the configuration has no service";
            answer.complete(invalid(loaded.diagnostics(), why));
            return;
        }
        director.apply(loaded.configuration(), loaded.origins()).whenComplete((applied, failure) -> {
            if (failure != null) answer.completeExceptionally(failure);
            else answer.complete(reply(loaded, applied));
        });
    }

    private static Reply reply(Loaded loaded, Director.Applied applied) {
        List<Diagnostic> all = Stream.concat(loaded.diagnostics().stream(), applied.diagnostics().stream())
                .toList();
        if (applied.applied()) return Reply.done(applied.summary() + "\n" + (all.isEmpty() ? "" : lines(all) + "\n"));
        boolean text = applied.diagnostics().stream().anyMatch(d -> d.severity() == Severity.ERROR);
        return text
                ? invalid(all, "the configuration was refused")
                : Reply.refused(applied.summary() + "; " + UNCHANGED);
    }

    /** Errors first: whoever shows one line shows a reason. */
    private static Reply invalid(List<Diagnostic> said, String why) {
        List<Diagnostic> diagnostics = said.stream()
                .sorted(Comparator.comparing(Diagnostic::severity).reversed())
                .toList();
        String verdict = "evenkeel: " + why + "; " + UNCHANGED;
        return Reply.invalid(diagnostics.isEmpty() ? verdict : lines(diagnostics) + "\n" + verdict);
    }

    private static String lines(List<Diagnostic> diagnostics) {
        return diagnostics.stream().map(DiagnosticLine::of).collect(Collectors.joining("\n"));
    }
}
