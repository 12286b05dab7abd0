package io.evenkeel.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class LoopThreadTest {

    private final BlockingQueue<Throwable> bugs = new LinkedBlockingQueue<>();

    @Test
    void runsOnANamedPlatformThreadAndEndsWhenAsked() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<Thread> seen = new AtomicReference<>();
        CountDownLatch running = new CountDownLatch(1);
        LoopThread loop = LoopThread.start(
                "ek-test",
                () -> {
                    seen.set(Thread.currentThread());
                    running.countDown();
                    await(end);
                },
                end::countDown,
                bugs::add);
        running.await();
        assertThat(seen.get()).isNotNull().satisfies(thread -> {
            assertThat(thread.getName()).isEqualTo("ek-test");
            assertThat(thread.isVirtual()).isFalse();
        });
        assertThat(loop.isAlive()).isTrue();
        loop.close();
        assertThat(loop.isAlive()).isFalse();
        assertThat(bugs).isEmpty();
    }

    @Test
    void aBugReachesItsOwnerOnce() throws Exception {
        IllegalStateException bug = new IllegalStateException("a bug");
        LoopThread loop = LoopThread.start(
                "ek-test",
                () -> {
                    throw bug;
                },
                () -> {},
                bugs::add);
        assertThat(bugs.poll(5, TimeUnit.SECONDS)).isSameAs(bug);
        loop.close();
        assertThat(bugs).isEmpty();
    }

    @Test
    void aLoopMayCloseItself() throws Exception {
        AtomicReference<LoopThread> self = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        self.set(LoopThread.start(
                "ek-test",
                () -> {
                    await(known);
                    Objects.requireNonNull(self.get()).close();
                    closed.countDown();
                },
                () -> {},
                bugs::add));
        known.countDown();
        assertThat(closed.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(bugs).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
