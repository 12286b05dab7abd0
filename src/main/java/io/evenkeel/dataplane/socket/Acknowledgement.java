package io.evenkeel.dataplane.socket;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Completes its future when every worker has said so once. Dependents run on the thread of the last worker: they may
 * post to a mailbox and nothing more.
 */
final class Acknowledgement {
    private final AtomicInteger missing;
    final CompletableFuture<Void> future = new CompletableFuture<>();

    Acknowledgement(int workers) {
        missing = new AtomicInteger(workers);
    }

    void arrive() {
        if (missing.decrementAndGet() == 0) future.complete(null);
    }

    /** A worker has died and will never say so. */
    void fail(Throwable cause) {
        future.completeExceptionally(cause);
    }
}
