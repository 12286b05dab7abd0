package io.evenkeel.daemon;

import io.evenkeel.api.ControlMessage;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlServer;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Question;
import io.evenkeel.director.Director;
import io.evenkeel.director.Snapshot;
import io.evenkeel.model.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What the control socket sees: the director, and beside it what only the daemon knows, namely which services a boot left
 * out and how a file was refused before the director saw it. Any thread.
 */
final class Desk implements ControlServer.Backend {

    private final Director director;
    private final Supplier<CompletableFuture<Reply>> reload;
    private final Supplier<CompletableFuture<Reply>> leave;

    /** Until a reload has been applied. */
    private volatile List<String> leftOut;

    /** How the last reload was refused; empty when it was not. */
    private volatile String refusal = "";

    Desk(
            Director director,
            Supplier<CompletableFuture<Reply>> reload,
            Supplier<CompletableFuture<Reply>> leave,
            List<String> leftOut) {
        this.director = director;
        this.reload = reload;
        this.leave = leave;
        this.leftOut = leftOut;
    }

    /** A reload has ended so. */
    void reloaded(Reply reply) {
        switch (reply.outcome()) {
            case DONE -> {
                leftOut = List.of();
                refusal = "";
            }
            case REFUSED, INVALID -> refusal = "refused: " + firstLine(reply.body());
        }
    }

    @Override
    public Snapshot snapshot() {
        Snapshot s = director.snapshot();
        List<String> alarms = new ArrayList<>(leftOut);
        if (!refusal.isEmpty()) alarms.add("the last reload was " + refusal + "; what ran before runs on");
        alarms.addAll(s.alarms());
        return s.told(refusal.isEmpty() ? s.lastReload() : refusal, alarms);
    }

    @Override
    public CompletableFuture<Optional<Refused>> intend(ControlMessage.Intend wish) {
        return director.intend(wish.service(), wish.realserver(), wish.intent());
    }

    @Override
    public CompletableFuture<Explanation> explain(Question question) {
        return director.explain(question);
    }

    @Override
    public CompletableFuture<Reply> reload() {
        return reload.get();
    }

    @Override
    public CompletableFuture<Reply> leave() {
        return leave.get();
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
