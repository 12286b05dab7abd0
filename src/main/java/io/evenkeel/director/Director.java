package io.evenkeel.director;

import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The one loop that owns the truth. Every method may be called from any thread: it posts to the mailbox and answers by a
 * future, or reads a published snapshot.
 */
public final class Director implements AutoCloseable {

    /** What became of {@link #apply}: refusals leave everything as it was. */
    public record Applied(boolean applied, String summary, List<Diagnostic> diagnostics) {}

    /** Applies a configuration whole or not at all. Completes when every worker has acknowledged it, or it was refused. */
    public CompletableFuture<Applied> apply(Configuration configuration, Origins origins) {
        throw new UnsupportedOperationException("director room: to be built");
    }

    /** Sets the operator's wish for one realserver; empty on success once every worker has acknowledged it. */
    public CompletableFuture<Optional<Refused>> intend(ServiceKey service, Endpoint realserver, OperatorIntent intent) {
        throw new UnsupportedOperationException("director room: to be built");
    }

    /** The published state joined with a fresh reading of the counters. Never blocks the loop. */
    public Snapshot snapshot() {
        throw new UnsupportedOperationException("director room: to be built");
    }

    /** Takes no new work, lets replies pass for at most {@code grace}, then completes. */
    public CompletableFuture<Void> stop(Duration grace) {
        throw new UnsupportedOperationException("director room: to be built");
    }

    @Override
    public void close() {}
}
