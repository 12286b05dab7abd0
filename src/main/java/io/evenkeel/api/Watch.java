package io.evenkeel.api;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes a channel that has not ended in time: a blocking read or write on it then fails. Blocking channels have no
 * time-out of their own. One thread a watch; its methods may be called from any thread.
 */
final class Watch {

    private final Thread thread;
    private volatile long deadlineNanos;
    private volatile boolean ended;
    private volatile boolean struck;

    /** Watches on a virtual thread: there may be many. */
    Watch(SocketChannel channel, Duration limit) {
        this(channel, limit, Thread.ofVirtual());
    }

    /** @param on for a client, which has one: starting virtual threads at all costs it more than a platform thread */
    Watch(SocketChannel channel, Duration limit, Thread.Builder on) {
        deadlineNanos = System.nanoTime() + limit.toNanos();
        thread = on.name("control-watch").start(() -> watch(channel));
    }

    /** The channel may live for {@code limit} from now. */
    void extend(Duration limit) {
        deadlineNanos = System.nanoTime() + limit.toNanos();
    }

    void end() {
        ended = true;
        LockSupport.unpark(thread);
    }

    /** It was this watch that closed the channel. */
    boolean struck() {
        return struck;
    }

    private void watch(SocketChannel channel) {
        while (!ended) {
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) {
                struck = true;
                close(channel);
                return;
            }
            LockSupport.parkNanos(this, left);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException failed) {
            throw new AssertionError("closing a socket channel does not fail", failed);
        }
    }
}
