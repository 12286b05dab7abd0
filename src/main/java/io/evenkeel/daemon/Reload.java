package io.evenkeel.daemon;

import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import io.evenkeel.director.Director;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Reads the configuration again and gives it to the director. All or nothing: a file with any error changes nothing, and
 * the answer says why. {@link #start} belongs to main, so files are read one after another and never by the director.
 */
final class Reload {

    private static final String UNCHANGED = "nothing has changed";

    private final Path file;
    private final Director director;

    Reload(Path file, Director director) {
        this.file = file;
        this.director = director;
    }

    /** Reads now, applies soon: {@code answer} completes when every worker has acknowledged it, or it was refused. */
    void start(CompletableFuture<Reply> answer) {
        Loaded loaded = ConfigurationLoader.load(file);
        if (loaded.unreadable()) {
            answer.complete(Reply.refused(lines(loaded.diagnostics()) + "; " + UNCHANGED));
            return;
        }
        if (loaded.hasErrors()) {
            answer.complete(refusal(loaded.diagnostics(), "the configuration has errors"));
            return;
        }
        director.apply(loaded.configuration(), loaded.origins()).whenComplete((applied, failure) -> {
            if (failure != null) answer.completeExceptionally(failure);
            else answer.complete(reply(loaded, applied));
        });
    }

    private static Reply reply(Loaded loaded, Director.Applied applied) {
        if (!applied.applied()) return refusal(applied.diagnostics(), applied.summary());
        List<Diagnostic> remarks = java.util.stream.Stream.concat(
                        loaded.diagnostics().stream(), applied.diagnostics().stream())
                .toList();
        return Reply.done(applied.summary() + "\n" + (remarks.isEmpty() ? "" : lines(remarks) + "\n"));
    }

    private static Reply refusal(List<Diagnostic> diagnostics, String why) {
        boolean text = diagnostics.stream().anyMatch(d -> d.severity() == Severity.ERROR);
        if (!text) return Reply.refused(why + "; " + UNCHANGED);
        return Reply.invalid(lines(diagnostics) + "\nevenkeel: " + why + "; " + UNCHANGED);
    }

    private static String lines(List<Diagnostic> diagnostics) {
        return diagnostics.stream().map(DiagnosticLine::of).collect(Collectors.joining("\n"));
    }
}
