package io.evenkeel.api;

import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Question;
import io.evenkeel.director.Snapshot;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions and wishes on a unix stream socket. {@code ek-control} runs {@link #acceptLoop}; each connection has
 * a virtual thread and brings one {@link ControlMessage.Request}. {@link #close} may be called from any thread.
 */
public final class ControlServer implements AutoCloseable {

    /** Connections at a time; who comes then takes the place of the one that has asked nothing longest. */
    static final int MAX_CONNECTIONS = 64;

    /** Before accept is tried again when it failed, e.g. for want of descriptors. */
    private static final long ACCEPT_PAUSE_NANOS = 100_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

    /** What stands behind the socket. Called on connections' virtual threads. */
    public interface Backend {

        /** Must not block. */
        Snapshot snapshot();

        /** Completes with what to tell the client, once every worker has acknowledged the change or it was refused. */
        CompletableFuture<Optional<Refused>> intend(ControlMessage.Intend wish);

        CompletableFuture<ControlMessage.Reply> reload();

        /** Completes with what would become of a packet; nothing changes by it. */
        CompletableFuture<Explanation> explain(Question question);

        /** Completes when the process ends and what forwards without it stays, or it was refused. */
        CompletableFuture<ControlMessage.Reply> leave();
    }

    /** What became of {@link #open}. */
    public sealed interface Opening {
        record Open(ControlServer server) implements Opening {}

        record Denied(Refused refused) implements Opening {}
    }

    private final ServerSocketChannel channel;
    private final Path path;
    private final Backend backend;
    private final ControlPlaces places = new ControlPlaces(MAX_CONNECTIONS);
    private final LongAdder acceptFailures = new LongAdder();

    private ControlServer(ServerSocketChannel channel, Path path, Backend backend) {
        this.channel = channel;
        this.path = path;
        this.backend = backend;
    }

    /** Listens at {@code path}, replacing a socket left there: the caller holds the lock of the runtime directory. */
    public static Opening open(Path path, Backend backend) {
        try {
            Files.deleteIfExists(path);
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.bind(UnixDomainSocketAddress.of(path), MAX_CONNECTIONS);
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException | RuntimeException failed) {
                channel.close();
                throw failed;
            }
            return new Opening.Open(new ControlServer(channel, path, backend));
        } catch (IOException failed) {
            return new Opening.Denied(new Refused(
                    "cannot listen on the control socket " + path + ": " + failed.getMessage(),
                    "choose another directory with --runtime-dir"));
        }
    }

    /** Accepts until closed. */
    public void acceptLoop() {
        while (channel.isOpen()) {
            try {
                serve(channel.accept());
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException failed) {
                acceptFailures.increment();
                if (acceptFailures.sum() == 1) LOG.warn("control socket: {}; trying on", failed.getMessage());
                LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
            }
        }
    }

    private void serve(SocketChannel client) {
        ControlConnection connection = new ControlConnection(client, backend, places);
        boolean place = places.enter(connection);
        if (!place && places.turnedAway() == 1) {
            LOG.warn("control socket: {} connections are being answered, more are turned away", MAX_CONNECTIONS);
        }
        if (place && places.madeRoom() == 1) {
            LOG.warn(
                    "control socket: {} connections; each more ends the one that has asked nothing longest",
                    MAX_CONNECTIONS);
        }
        Thread.ofVirtual().name("control").start(() -> {
            try {
                if (place) connection.run();
                else connection.turnAway();
            } catch (LinkageError unavailable) {
                // A class of the JDK that could not start, for want of descriptors: a question must not end the
                // director.
                LOG.error("control connection lost", unavailable);
            } finally {
                if (place) places.leave(connection);
            }
        });
    }

    /** Connections that were told that all places were taken. */
    public long turnedAway() {
        return places.turnedAway();
    }

    /** Connections that were closed for another because they had asked nothing. */
    public long madeRoom() {
        return places.madeRoom();
    }

    /** Times that accept failed. */
    public long acceptFailures() {
        return acceptFailures.sum();
    }

    /** Waits, at most so long, until whoever has asked has an answer. */
    public void awaitAnswers(Duration most) {
        places.awaitAnswers(most);
    }

    /** Stops listening; connections that are being answered get their answer. */
    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(path);
        } catch (IOException failed) {
            LOG.warn("control socket: cannot remove {}: {}", path, failed.getMessage());
        }
    }
}
