package io.evenkeel.api;

import io.evenkeel.api.ControlMessage.Explain;
import io.evenkeel.api.ControlMessage.Intend;
import io.evenkeel.api.ControlMessage.Leave;
import io.evenkeel.api.ControlMessage.Malformed;
import io.evenkeel.api.ControlMessage.Reload;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlMessage.Request;
import io.evenkeel.api.ControlMessage.StatusJson;
import io.evenkeel.api.ControlMessage.StatusTable;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the control socket: reads a request, answers it, closes. Runs on its own virtual thread. */
final class ControlConnection {

    /** For the request to arrive whole. */
    static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

    /** For workers to acknowledge a change, or for a configuration to be read and applied. */
    static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(20);

    /** For the answer to be made and taken by the client. */
    static final Duration ANSWER_TIMEOUT = CHANGE_TIMEOUT.plusSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);

    private final SocketChannel client;
    private final ControlServer.Backend backend;
    private final ControlPlaces places;

    ControlConnection(SocketChannel client, ControlServer.Backend backend, ControlPlaces places) {
        this.client = client;
        this.backend = backend;
        this.places = places;
    }

    void run() {
        Watch watch = new Watch(client, READ_TIMEOUT);
        try (client) {
            ControlMessage message = read();
            if (!places.asked(this)) return;
            watch.extend(ANSWER_TIMEOUT);
            write(answer(message));
        } catch (IOException gone) {
            LOG.debug("control client left: {}", gone.getMessage());
        } finally {
            watch.end();
        }
    }

    /** Ends it before it has asked anything: its reading fails. Any thread. */
    void giveUp() {
        try {
            client.close();
        } catch (IOException failed) {
            throw new AssertionError("closing a socket channel does not fail", failed);
        }
    }

    /** For a connection beyond the bound: says so and closes, without reading. */
    void turnAway() {
        Watch watch = new Watch(client, READ_TIMEOUT);
        try (client) {
            write(Reply.refused("too many control connections; try again"));
        } catch (IOException gone) {
            LOG.debug("control client left: {}", gone.getMessage());
        } finally {
            watch.end();
        }
    }

    private ControlMessage read() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(ControlMessage.MAX_REQUEST);
        int searched = 0;
        while (client.read(buffer) >= 0) {
            for (; searched < buffer.position(); searched++) {
                if (buffer.get(searched) == '\n') return ControlMessage.decodeRequest(buffer.slice(0, searched));
            }
            if (!buffer.hasRemaining()) {
                return new Malformed("the request is longer than " + ControlMessage.MAX_REQUEST + " bytes");
            }
        }
        return new Malformed("the request ended before its line did");
    }

    private Reply answer(ControlMessage message) {
        try {
            return switch (message) {
                case Request request -> answer(request);
                case Malformed(String reason) -> Reply.refused(reason);
                case Reply _ -> throw new AssertionError("decodeRequest answers requests only");
            };
        } catch (RuntimeException | ExecutionException bug) {
            LOG.error("control request failed by a bug", bug);
            return Reply.refused("internal error; the director's log says more");
        } catch (TimeoutException late) {
            return Reply.refused("not acknowledged within " + CHANGE_TIMEOUT.toSeconds() + " s; it may still happen");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return Reply.refused("the director is stopping");
        }
    }

    private Reply answer(Request request) throws ExecutionException, TimeoutException, InterruptedException {
        return switch (request) {
            case StatusJson() ->
                Reply.done(StatusDocument.of(backend.snapshot()).toJson());
            case StatusTable(int columns) -> Reply.done(StatusText.render(backend.snapshot(), Instant.now(), columns));
            case Intend wish -> answer(wish, await(backend.intend(wish)));
            case Reload() -> await(backend.reload());
            case Explain explain -> answer(explain, await(backend.explain(explain.question())));
            case Leave() -> await(backend.leave());
        };
    }

    private static Reply answer(Intend wish, Optional<Refused> refused) {
        if (refused.isPresent()) return Reply.refused(refused.get().toString());
        String now = wish.intent() == OperatorIntent.DRAINING ? "draining" : "ready";
        return Reply.done(wish.service() + " " + wish.realserver() + ": " + now + "\n");
    }

    private Reply answer(Explain asked, Explanation explanation) {
        if (explanation instanceof Explanation.Unknown(Refused refused)) return Reply.refused(refused.toString());
        ExplainDocument document = ExplainDocument.of(asked.question(), explanation, backend.snapshot());
        return Reply.done(asked.json() ? document.toJson() : ExplainText.render(document));
    }

    private static <T> T await(CompletableFuture<T> future)
            throws ExecutionException, TimeoutException, InterruptedException {
        return future.get(CHANGE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void write(Reply reply) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(ControlMessage.encode(reply));
        while (bytes.hasRemaining()) client.write(bytes);
    }
}
