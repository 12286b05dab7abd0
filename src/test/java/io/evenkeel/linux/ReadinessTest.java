package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadinessTest {

    private static long in(long millis) {
        return System.nanoTime() + Duration.ofMillis(millis).toNanos();
    }

    private static FutureTask<Integer> waiting(Readiness readiness, int fd, long deadline, boolean cancellable) {
        FutureTask<Integer> task = new FutureTask<>(() -> {
            Readiness.Waiter waiter = readiness.newWaiter();
            return cancellable
                    ? waiter.await(fd, Epoll.IN, deadline)
                    : waiter.awaitUncancellable(fd, Epoll.IN, deadline);
        });
        Thread.ofVirtual().start(task);
        return task;
    }

    private static int get(FutureTask<Integer> task) throws InterruptedException, ExecutionException, TimeoutException {
        return task.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aWaitEndsWhenTheDescriptorIsReady() throws Exception {
        EventFd event = new EventFd();
        try (Readiness readiness = new Readiness("test-ready");
                event) {
            FutureTask<Integer> task = waiting(readiness, event.fd(), in(10_000), true);
            event.signal();
            assertThat(get(task) & Epoll.IN).isEqualTo(Epoll.IN);
            assertThat(get(waiting(readiness, event.fd(), in(10_000), true)) & Epoll.IN)
                    .as("the same descriptor again, still ready")
                    .isEqualTo(Epoll.IN);
            event.drain();
            assertThat(get(waiting(readiness, event.fd(), in(20), true)))
                    .as("and no more")
                    .isEqualTo(Readiness.EXPIRED);
        }
    }

    /** Readiness wins over a deadline that is past, because only we can be late. */
    @Test
    void whatIsReadyIsSeenEvenAfterTheDeadline() throws Exception {
        EventFd event = new EventFd();
        try (Readiness readiness = new Readiness("test-late");
                event) {
            event.signal();
            for (int i = 0; i < 50; i++) {
                assertThat(get(waiting(readiness, event.fd(), in(-5_000), true)) & Epoll.IN)
                        .isEqualTo(Epoll.IN);
            }
        }
    }

    @Test
    void noWaitExpiresBeforeItsDeadline() throws Exception {
        long seed = System.nanoTime();
        System.out.println("ReadinessTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int count = 2_000;
        AtomicInteger early = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(count);
        try (Readiness readiness = new Readiness("test-many")) {
            for (int i = 0; i < count; i++) {
                long deadline = in(random.nextInt(300));
                Thread.ofVirtual().start(() -> {
                    int how = readiness.newWaiter().await(-1, 0, deadline);
                    if (how != Readiness.EXPIRED) wrong.incrementAndGet();
                    if (System.nanoTime() - deadline < 0) early.incrementAndGet();
                    done.countDown();
                });
            }
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(early).hasValue(0);
        assertThat(wrong).hasValue(0);
    }

    @Test
    void cancellingEndsPresentAndFutureWaitsButNotTheUncancellable() throws Exception {
        EventFd event = new EventFd();
        try (Readiness readiness = new Readiness("test-cancel");
                event) {
            FutureTask<Integer> present = waiting(readiness, event.fd(), in(60_000), true);
            FutureTask<Integer> stubborn = waiting(readiness, -1, in(300), false);
            readiness.cancelWaits();
            assertThat(get(present)).isEqualTo(Readiness.CANCELLED);
            assertThat(get(waiting(readiness, event.fd(), in(60_000), true))).isEqualTo(Readiness.CANCELLED);
            assertThat(get(stubborn)).isEqualTo(Readiness.EXPIRED);
        }
    }

    @Test
    void closingEndsEveryWaitAlsoLaterOnes() throws Exception {
        Readiness readiness = new Readiness("test-close");
        FutureTask<Integer> stubborn = waiting(readiness, -1, in(60_000), false);
        readiness.close();
        readiness.close();
        assertThat(get(stubborn)).isEqualTo(Readiness.CANCELLED);
        assertThat(get(waiting(readiness, -1, in(60_000), false))).isEqualTo(Readiness.CANCELLED);
    }

    @Test
    void aDescriptorThatCannotBeWatchedIsAnAnswer() throws Exception {
        try (Readiness readiness = new Readiness("test-bad")) {
            assertThat(get(waiting(readiness, 1_000_000, in(60_000), true))).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void anInterruptIsKeptAndEndsNoWait() throws Exception {
        try (Readiness readiness = new Readiness("test-interrupt")) {
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                Thread.currentThread().interrupt();
                int how = readiness.newWaiter().await(-1, 0, in(50));
                return how == Readiness.EXPIRED && Thread.interrupted();
            });
            Thread.ofVirtual().start(task);
            assertThat(task.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
