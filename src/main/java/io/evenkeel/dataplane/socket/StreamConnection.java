package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Sockets;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: first looks for a realserver that takes it, then relays both directions until both have
 * ended, or one side breaks and the other is told so by a reset. Owned by one worker.
 */
final class StreamConnection {
    /** Bytes of one direction after which other connections come first. */
    private static final long BUDGET = 1 << 20;

    /** All that a dead side had sent is delivered: its receive queue bounds it. */
    private static final long NO_BUDGET = Long.MAX_VALUE;

    private enum State {
        CONNECTING,
        RELAYING,
        CLOSED
    }

    private final StreamRelay relay;
    private final StreamOrigin origin;
    private final StreamEnd client;
    private @Nullable StreamEnd server;
    private @Nullable StreamPeer peer;
    private final StreamDirection up = new StreamDirection();
    private final StreamDirection down = new StreamDirection();
    private final long acceptedNanos;
    private State state = State.CONNECTING;
    private boolean active = true;
    private int lastErrno;

    // Place in a StreamQueue.
    @Nullable
    StreamQueue queue;

    @Nullable
    StreamConnection older;

    @Nullable
    StreamConnection newer;

    long queuedNanos;

    /** Place in the list of its {@link StreamPeer}. */
    int peerIndex;

    StreamConnection(StreamRelay relay, StreamOrigin origin, int clientFd, long nowNanos) {
        this.relay = relay;
        this.origin = origin;
        this.client = new StreamEnd(this, relay.loop(), clientFd);
        this.acceptedNanos = nowNanos;
    }

    /** Begins: watches the client, and asks the first realserver. */
    void open(long nowNanos) {
        if (client.watch()) tryNext(nowNanos);
        else refuse(DropReason.FLOW_TABLE_FULL);
    }

    /** Something has happened to one of the two sockets. */
    void ready(StreamEnd end) {
        StreamEnd towards = server;
        switch (state) {
            case CONNECTING -> {
                if (end == client) {
                    if (client.failed) refuse(DropReason.CLIENT_GONE);
                } else if (towards != null) {
                    answered(towards, relay.loop().nowNanos());
                }
            }
            case RELAYING -> {
                if (towards != null) relay(towards, relay.loop().nowNanos());
            }
            case CLOSED -> {}
        }
    }

    /** Who has connected, and to what. */
    StreamOrigin origin() {
        return origin;
    }

    /** The realserver that has it, or is asked to take it; null if none is at this moment. */
    @Nullable
    StreamPeer peer() {
        return peer;
    }

    /** Asks realservers, each once, until an attempt is under way or nobody is left. */
    private void tryNext(long nowNanos) {
        while (true) {
            boolean late = nowNanos - acceptedNanos >= StreamRelay.GIVE_UP_NANOS;
            int slot = late ? StreamService.NOBODY : relay.service().pick(origin, nowNanos);
            if (slot == StreamService.NOBODY) {
                refuse(origin.attempts() == 0 ? relay.service().refusal() : failure());
                return;
            }
            origin.attempt(slot);
            int fd = relay.connect(slot);
            if (fd == -Errno.EMFILE || fd == -Errno.ENFILE) {
                refuse(DropReason.FLOW_TABLE_FULL);
                return;
            }
            if (fd >= 0) {
                if (attempt(slot, fd, nowNanos)) return;
                refuse(DropReason.FLOW_TABLE_FULL);
                return;
            }
            note(slot, -fd, nowNanos);
        }
    }

    private boolean attempt(int slot, int fd, long nowNanos) {
        StreamEnd towards = new StreamEnd(this, relay.loop(), fd);
        if (!towards.watch()) {
            Libc.close(fd);
            return false;
        }
        server = towards;
        StreamPeer its = relay.peer(slot);
        its.add(this, relay.service());
        peer = its;
        relay.service().begin(slot);
        relay.connecting().add(this, nowNanos);
        return true;
    }

    /** The attempt has an answer. */
    private void answered(StreamEnd towards, long nowNanos) {
        StreamPeer its = peer;
        if (its == null) return;
        int error = Math.abs(Sockets.intOption(towards.fd, Sockets.SOL_SOCKET, Sockets.SO_ERROR));
        if (error == 0 && !towards.writable) return;
        if (error == 0 && relay.connectedToItself(towards.fd, its.endpoint())) error = Errno.ECONNREFUSED;
        // Taken and then reset, perhaps after an answer: a refusal is ECONNREFUSED, so the client hears what was said.
        boolean taken = error == 0 || error == Errno.ECONNRESET || error == Errno.EPIPE;
        if (!taken) {
            attemptFailed(error, nowNanos);
            return;
        }
        towards.failed = error != 0;
        if (towards.failed) towards.readable = true; // what it had said is there, though no event has told of it yet
        if (relay.service().proxyProtocol() && !relay.sendHeader(towards.fd, origin)) towards.failed = true;
        state = State.RELAYING;
        leaveQueue();
        relay.idle().add(this, nowNanos);
        relay.service().forwarded(its.slot);
        relay(towards, nowNanos);
    }

    /** The realserver has not answered in time. */
    void connectTimedOut(long nowNanos) {
        attemptFailed(Errno.ETIMEDOUT, nowNanos);
    }

    private void attemptFailed(int errno, long nowNanos) {
        StreamPeer its = peer;
        if (its == null) return;
        int slot = its.slot;
        abandonAttempt();
        note(slot, errno, nowNanos);
        tryNext(nowNanos);
    }

    private void note(int slot, int errno, long nowNanos) {
        lastErrno = errno;
        if (speaksAgainstServer(errno)) relay.service().suspect(slot, errno, nowNanos);
    }

    /** No port or no route here is our own trouble. */
    private static boolean speaksAgainstServer(int errno) {
        return switch (errno) {
            case Errno.ECONNREFUSED, Errno.ECONNRESET, Errno.ETIMEDOUT, Errno.EHOSTUNREACH, Errno.EHOSTDOWN -> true;
            default -> false;
        };
    }

    private DropReason failure() {
        return lastErrno == Errno.ENETUNREACH ? DropReason.NO_ROUTE : DropReason.CONNECT_FAILED;
    }

    /** Its realserver has failed or left. */
    void lostRealserver(long nowNanos) {
        if (state == State.CONNECTING) {
            abandonAttempt();
            tryNext(nowNanos);
        } else {
            abort(PathCounter.STREAMS_RESET);
        }
    }

    private void relay(StreamEnd towards, long nowNanos) {
        StreamPool pool = relay.pool();
        long upwards = up.pump(client, towards, pool, client.failed ? NO_BUDGET : BUDGET);
        long downwards = down.pump(towards, client, pool, towards.failed ? NO_BUDGET : BUDGET);
        if (upwards + downwards > 0) relay.service().count(PathCounter.SPLICED_BYTES, upwards + downwards);
        if (client.failed || towards.failed || up.broken || down.broken) {
            end(true);
            return;
        }
        if (up.finished && down.finished) {
            end(false);
            return;
        }
        if (active && (up.finished || down.finished)) becomeInactive();
        if (upwards + downwards > 0) relay.idle().renew(this, nowNanos);
        if (up.unfinished) client.comeBack();
        if (down.unfinished) towards.comeBack();
        if (up.starved || down.starved) relay.starving(this);
    }

    private void becomeInactive() {
        StreamPeer its = peer;
        active = false;
        if (its != null) relay.service().halfClosed(its.slot);
    }

    /** There may be a pipe now. */
    void pumpAgain(long nowNanos) {
        StreamEnd towards = server;
        if (state == State.RELAYING && towards != null) relay(towards, nowNanos);
    }

    /** The client is told by a reset that nobody serves it. */
    private void refuse(DropReason reason) {
        relay.service().dropped(reason);
        end(true);
    }

    /** Resets both sides of a connection that was relayed. */
    void abort(PathCounter why) {
        relay.service().count(why, 1);
        end(true);
    }

    /** The relay itself ends: no client may take a broken stream for a whole one. */
    void cutOff() {
        if (state == State.CONNECTING) refuse(DropReason.SHUTTING_DOWN);
        else end(true);
    }

    private void end(boolean reset) {
        if (state == State.CLOSED) return;
        abandonServer(reset || state == State.CONNECTING);
        state = State.CLOSED;
        if (reset) client.reset();
        else client.close();
        up.release(relay.pool());
        down.release(relay.pool());
        relay.left();
    }

    private void abandonAttempt() {
        abandonServer(true);
    }

    private void abandonServer(boolean reset) {
        leaveQueue();
        StreamEnd towards = server;
        StreamPeer its = peer;
        if (towards != null) {
            if (reset) towards.reset();
            else towards.close();
        }
        if (its != null) {
            its.remove(this);
            relay.service().end(its.slot, active);
        }
        server = null;
        peer = null;
    }

    private void leaveQueue() {
        StreamQueue in = queue;
        if (in != null) in.remove(this);
    }
}
