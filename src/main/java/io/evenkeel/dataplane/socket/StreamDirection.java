package io.evenkeel.dataplane.socket;

import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Pipe;
import io.evenkeel.linux.Sockets;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a relayed connection: socket → pipe → socket. The pipe is filled only when it is empty, so a reader
 * that stops makes at most {@link #CHUNK} bytes wait here; the rest waits with the sender. Owned by one worker.
 */
final class StreamDirection {
    /** Bytes moved into the pipe at once, and so the most that wait in it. */
    static final long CHUNK = 64 << 10;

    private @Nullable Pipe pipe;
    private long pending; // bytes in the pipe
    private boolean ended; // nothing more will come

    /** The end of the stream has been passed on. */
    boolean finished;

    /** A socket refused to give or take: the connection is dead. */
    boolean broken;

    /** The budget was used up: there may be more to move at once. */
    boolean unfinished;

    /** No pipe could be had; to be pumped again when there may be one. */
    boolean starved;

    /**
     * Moves what can be moved now, and passes on the end of the stream.
     *
     * @param budget bytes after which others come first
     * @return bytes that the far socket has taken
     */
    long pump(StreamEnd from, StreamEnd to, StreamPool pool, long budget) {
        long moved = 0;
        unfinished = false;
        starved = false;
        while (!finished && !broken) {
            Pipe held = pipe;
            if (held != null && pending > 0) {
                if (!to.writable) return moved;
                moved += drain(held, to);
            } else if (ended) {
                finish(from, to);
            } else if (!from.readable) {
                break;
            } else if (moved >= budget) {
                unfinished = true;
                break;
            } else {
                if (held == null) held = pipe = pool.take();
                if (held == null) {
                    starved = true;
                    break;
                }
                fill(held, from);
            }
        }
        if (!broken) release(pool);
        return moved;
    }

    private void fill(Pipe empty, StreamEnd from) {
        long taken = empty.fill(from.fd, CHUNK);
        if (taken > 0) pending = taken;
        else if (taken == 0 && from.failed) broken = true; // a call before has taken the error: it is no end of stream
        else if (taken == 0) ended = true;
        else if (taken == -Errno.EAGAIN) from.readable = false; // the pipe is empty, so it is the socket that says so
        else if (taken != -Errno.EINTR) broken = true;
    }

    private long drain(Pipe held, StreamEnd to) {
        long given = held.drain(to.fd, pending);
        if (given > 0) {
            pending -= given;
            return given;
        }
        if (given == -Errno.EAGAIN) {
            to.writable = false;
        } else if (given != -Errno.EINTR) {
            broken = true;
            to.failed = true;
            to.readable = true; // what it had said before is there, though no event has told of it yet
        }
        return 0;
    }

    /** Passes the end of the stream on: FIN. When the other direction is over too, the close that follows sends it. */
    private void finish(StreamEnd from, StreamEnd to) {
        if (!to.delivered && Sockets.shutdown(to.fd, Sockets.SHUT_WR) < 0) {
            broken = true; // ENOTCONN: it has been reset
            return;
        }
        from.delivered = true;
        finished = true;
    }

    /** Gives back the pipe; one that still holds bytes is closed with them. */
    void release(StreamPool pool) {
        Pipe held = pipe;
        if (held == null) return;
        if (pending == 0) pool.giveBack(held);
        else held.close();
        pipe = null;
        pending = 0;
    }
}
