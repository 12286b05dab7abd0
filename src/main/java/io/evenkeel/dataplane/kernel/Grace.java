package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.MemoryBarrier;
import io.evenkeel.linux.SyscallException;
import java.time.Duration;

/**
 * The time from a commit until no CPU can be in the middle of a packet that saw the half before. Waited for on a thread of
 * its own, {@code ek-grace}, since it takes tens of milliseconds, and joined by the director's before it writes that half
 * again.
 */
final class Grace {
    /** Nothing was committed. */
    static final Grace OVER = new Grace(new Thread(() -> {}));

    /** Where the kernel cannot tell, a packet is given this long. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(1);

    private final Thread waiting;

    private Grace(Thread waiting) {
        this.waiting = waiting;
    }

    static Grace begin() {
        return new Grace(Thread.ofPlatform().name("ek-grace").daemon(true).start(Grace::pass));
    }

    private static void pass() {
        try {
            MemoryBarrier.everywhere();
        } catch (SyscallException cannotTell) {
            try {
                Thread.sleep(LONG_ENOUGH);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // nobody does
            }
        }
    }

    /** Returns when it is over. */
    void join() throws InterruptedException {
        waiting.join();
    }
}
