package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Pipe;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the stream relays of one worker share: pipes, room for connections, a descriptor in reserve, scratch memory.
 * Owned by that worker.
 *
 * <p>A direction borrows a pipe only while bytes are on their way, so that an idle connection costs two descriptors, and
 * most of the traffic goes through the one pipe that lies on top.
 */
final class StreamPool {
    /** Connections of all workers together at most. */
    static final int MAX_CONNECTIONS = 131_072;

    /** Descriptors that a connection may need: two sockets, and a pipe for each direction. */
    static final int FDS_PER_CONNECTION = 6;

    /** Pipes kept open while nobody uses them. */
    static final int IDLE_PIPES = 16;

    /** Capacity asked for. Four times {@link StreamDirection#CHUNK}, as a page of it may hold but one packet's bytes. */
    private static final int PIPE_BYTES = 4 * (int) StreamDirection.CHUNK;

    /** How many connections all workers together may hold: what {@link DescriptorBudget} grants. Any thread. */
    static final class Room {
        private volatile int most;
        private final AtomicInteger taken = new AtomicInteger();

        Room(int most) {
            this.most = most;
        }

        /** From now on; connections beyond it stay until they end. The director's thread. */
        void set(int itsMost) {
            most = itsMost;
        }

        /** Takes room for one, to be given back by {@link #leave}; false when there is none. */
        boolean enter() {
            if (taken.incrementAndGet() <= most) return true;
            taken.decrementAndGet();
            return false;
        }

        boolean full() {
            return taken.get() >= most;
        }

        void leave() {
            taken.decrementAndGet();
        }
    }

    private final Pipe[] idle = new Pipe[IDLE_PIPES];
    private int idleCount;
    private final Room room;
    private int reserve = -1;

    /** For socket names and PROXY headers. */
    final MemorySegment scratch;

    StreamPool(Arena arena, Room room) {
        this.room = room;
        scratch = arena.allocate(Math.max(SocketAddress.BYTES, ProxyHeader.V6_BYTES), 8);
        refillReserve();
    }

    Room room() {
        return room;
    }

    /** An empty pipe, or null when the process can open no more. */
    @Nullable
    Pipe take() {
        if (idleCount > 0) return idle[--idleCount];
        Pipe pipe = new Pipe();
        if (pipe.open() < 0) return null;
        // A user who has used up the share of pipe memory gets small pipes: slower, not wrong.
        int unused = pipe.resize(PIPE_BYTES);
        assert unused != 0;
        return pipe;
    }

    /** Takes back a pipe, which must be empty. */
    void giveBack(Pipe pipe) {
        if (idleCount == IDLE_PIPES) pipe.close();
        else idle[idleCount++] = pipe;
    }

    /** Gives the descriptor in reserve back to the process, so that one connection can be accepted and refused. */
    boolean releaseReserve() {
        if (reserve < 0) return false;
        Libc.close(reserve);
        reserve = -1;
        return true;
    }

    /** Takes a descriptor in reserve again; false if there is none. */
    boolean refillReserve() {
        if (reserve < 0) {
            reserve = Sockets.socket(SocketAddress.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        }
        return reserve >= 0;
    }

    /** Closes the pipes that nobody uses. */
    void releaseIdle() {
        while (idleCount > 0) idle[--idleCount].close();
    }

    void close() {
        releaseIdle();
        releaseReserve();
    }
}
