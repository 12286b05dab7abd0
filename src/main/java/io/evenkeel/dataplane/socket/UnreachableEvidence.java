package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.linux.ControlMessages;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the error queues of sockets towards realservers (IP_RECVERR, ip(7)). A quoted ICMP error speaks against a
 * realserver only if this socket has sent to the quoted destination within the last second: anything else is forged or
 * late, is counted and changes nothing. Owned by one worker; allocates only when it reports.
 */
final class UnreachableEvidence {
    /** An ICMP error answers something we sent within this. */
    static final long WINDOW_NANOS = 1_000_000_000L;

    /** One realserver is reported at most this often by one worker. */
    static final long REPORT_NANOS = 100_000_000L;

    private static final int MESSAGES = 16;
    private static final int MAX_ROUNDS = 64; // of MESSAGES each: then the next event goes on
    private static final int QUOTED_BYTES = 8; // of the payload: not needed, but a message has an iovec

    private static final int ICMP_UNREACHABLE = 3; // RFC 792
    private static final int FRAGMENTATION_NEEDED = 4; // a code of it that says nothing against the host
    private static final int ICMP6_UNREACHABLE = 1; // RFC 4443

    private final MessageBatch batch;
    private final MemorySegment quoted;
    private final ControlMessages control = new ControlMessages();
    private final CounterPublisher paths;
    private final Consumer<PlaneEvent> events;

    UnreachableEvidence(Arena arena, CounterPublisher paths, Consumer<PlaneEvent> events) {
        batch = new MessageBatch(arena, MESSAGES, 1, ControlMessages.RECEIVE_BYTES);
        quoted = arena.allocate(QUOTED_BYTES);
        for (int i = 0; i < MESSAGES; i++) {
            batch.vector(i, 0, quoted.address(), QUOTED_BYTES);
            batch.vectorCount(i, 1);
        }
        this.paths = paths;
        this.events = events;
    }

    /** Empties the socket's error queue; answers how many errors were in it. */
    int drain(ForwardSocket socket, long nowNanos) {
        int errors = 0;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            int messages = batch.receive(socket.fd, MESSAGES, Sockets.MSG_ERRQUEUE);
            if (messages <= 0) break;
            for (int i = 0; i < messages; i++) consider(socket, i, nowNanos);
            errors += messages;
        }
        return errors;
    }

    private void consider(ForwardSocket socket, int message, long nowNanos) {
        ServerLane server = accused(socket, message, nowNanos);
        if (server == null) {
            paths.count(PathCounter.EVIDENCE_IGNORED, 1);
            return;
        }
        paths.count(PathCounter.EVIDENCE, 1);
        if (!server.mayReport(REPORT_NANOS, nowNanos)) return;
        int serviceSlot = socket.lane().service.slot;
        events.accept(new PlaneEvent.Suspicion(serviceSlot, server.slot, server.generation(), sentence(), nowNanos));
    }

    /** The realserver that the error speaks against, or null if it is not an error about what we just sent. */
    private @Nullable ServerLane accused(ForwardSocket socket, int message, long nowNanos) {
        if (!control.read(batch.controls(), batch.controlOffset(message), batch.controlLength(message))) return null;
        if (!control.errorSeen() || !unreachable()) return null;
        long name = batch.nameOffset(message);
        MemorySegment names = batch.names();
        ServerLane server = socket.lane()
                .at(SocketAddress.high(names, name), SocketAddress.low(names, name), SocketAddress.port(names, name));
        while (server != null && !socket.sentLately(server, nowNanos)) server = server.sameEndpoint;
        return server;
    }

    private boolean unreachable() {
        return switch (control.errorOrigin()) {
            case ControlMessages.ORIGIN_ICMP ->
                control.errorType() == ICMP_UNREACHABLE && control.errorCode() != FRAGMENTATION_NEEDED;
            case ControlMessages.ORIGIN_ICMP6 -> control.errorType() == ICMP6_UNREACHABLE;
            default -> false;
        };
    }

    private String sentence() {
        String what = control.errorOrigin() == ControlMessages.ORIGIN_ICMP
                ? switch (control.errorCode()) {
                    case 0 -> "network unreachable";
                    case 1 -> "host unreachable";
                    case 2 -> "protocol unreachable";
                    case 3 -> "port unreachable";
                    default -> "unreachable (code " + control.errorCode() + ")";
                }
                : switch (control.errorCode()) {
                    case 0 -> "no route";
                    case 3 -> "address unreachable";
                    case 4 -> "port unreachable";
                    default -> "unreachable (code " + control.errorCode() + ")";
                };
        if (!control.offenderSeen()) return what;
        return what + " from " + new IpAddress(control.offenderV6(), control.offenderHigh(), control.offenderLow());
    }
}
