package io.evenkeel.health;

import static io.evenkeel.health.Probing.assertPassed;
import static io.evenkeel.health.Probing.assertWorthless;
import static io.evenkeel.health.Probing.target;
import static io.evenkeel.health.Probing.timing;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ProbesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static Check tcp(int port, Duration timeout) {
        return new Check.Tcp(timing(timeout), target(Probing.loopback4(), port));
    }

    private static Check silent(DatagramSocket socket, Duration timeout) {
        return new Check.Udp(
                timing(timeout),
                target(Probing.loopback4(), socket.getLocalPort()),
                new Check.HexBytes("00"),
                Optional.of(new Check.ReplyPattern("")),
                0,
                255);
    }

    private static DatagramSocket silentSocket() throws IOException {
        return new DatagramSocket(new InetSocketAddress(Probing.loopback4(), 0));
    }

    @Test
    void anOutcomeComesOnTheChecksOwnVirtualThread() throws Exception {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        try (Probes probes = new Probes();
                ServerSocket server = new ServerSocket(0, 5, Probing.loopback4())) {
            probes.start(
                    tcp(server.getLocalPort(), LONG),
                    "192.0.2.1:53/udp/198.18.0.1:53",
                    _ -> threads.add(Thread.currentThread()));
            Thread thread = threads.poll(10, TimeUnit.SECONDS);
            assertThat(thread).isNotNull();
            assertThat(thread.isVirtual()).isTrue();
            assertThat(thread.getName()).isEqualTo("check/192.0.2.1:53/udp/198.18.0.1:53");
            assertThat(Probing.threadsNamed("ek-")).contains("ek-probe");
        }
    }

    @Test
    void closingDeliversEveryOutcomeExactlyOnce() throws IOException {
        int count = 200;
        AtomicIntegerArray delivered = new AtomicIntegerArray(count);
        ConcurrentLinkedQueue<String> evidence = new ConcurrentLinkedQueue<>();
        try (DatagramSocket socket = silentSocket()) {
            Probes probes = new Probes();
            for (int i = 0; i < count; i++) {
                int number = i;
                probes.start(silent(socket, LONG), "server " + i, outcome -> {
                    delivered.incrementAndGet(number);
                    assertThat(outcome).isInstanceOf(ProbeOutcome.Worthless.class);
                    evidence.add(outcome.evidence());
                });
            }
            long start = System.nanoTime();
            probes.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
            assertThat(probes.inFlight()).isZero();
            probes.close(); // a second time is harmless
        }
        for (int i = 0; i < count; i++)
            assertThat(delivered.get(i)).as("server " + i).isEqualTo(1);
        assertThat(evidence).hasSize(count).containsOnly("ended because the director stops");
    }

    @Test
    void aProbeStartedAfterCloseIsWorthlessAtOnce() throws InterruptedException {
        Probes probes = new Probes();
        probes.close();
        BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
        probes.start(tcp(9, LONG), "late", outcomes::add);
        ProbeOutcome outcome = outcomes.poll(10, TimeUnit.SECONDS);
        assertThat(outcome).isEqualTo(Probes.STOPPING);
    }

    @Test
    void probesOfOneCheckDoNotPileUp() throws Exception {
        BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
        try (Probes probes = new Probes();
                DatagramSocket socket = silentSocket()) {
            Check check = silent(socket, LONG);
            for (int i = 0; i < Probes.MOST_TWINS; i++) probes.start(check, "same", outcomes::add);
            assertThat(probes.inFlight()).isEqualTo(Probes.MOST_TWINS);
            probes.start(check, "same", outcomes::add);
            ProbeOutcome refused = outcomes.poll(10, TimeUnit.SECONDS);
            assertThat(refused).isNotNull();
            assertWorthless(refused, "4 probes of this check are still running");
            probes.start(silent(socket, Duration.ofMillis(50)), "same", outcomes::add);
            ProbeOutcome other = outcomes.poll(10, TimeUnit.SECONDS);
            assertThat(other).as("another check is not held up").isInstanceOf(ProbeOutcome.Failed.class);
        }
    }

    /** A hundred probes at once, of every kind, again and again: no descriptor and no thread stays. */
    @Test
    void nothingIsLeftBehind() throws Exception {
        round(); // links, class loading, carriers
        Set<String> before = Probing.descriptors();
        for (int i = 0; i < 3; i++) round();
        assertThat(Probing.descriptors()).hasSameSizeAs(before);
        long start = System.nanoTime();
        while (!ours().isEmpty()) { // an executor is terminated a moment before its thread is
            assertThat(System.nanoTime() - start).as("%s", ours()).isLessThan(2_000_000_000L);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static Set<String> ours() {
        Set<String> threads = Probing.threadsNamed("ek-");
        threads.retainAll(Set.of("ek-probe", "ek-spawn"));
        return threads;
    }

    private static void round() throws Exception {
        List<Check> checks = new ArrayList<>();
        try (ServerSocket open = new ServerSocket(0, 200, Probing.loopback4());
                DatagramSocket quiet = silentSocket();
                Probes probes = new Probes()) {
            Duration timeout = Duration.ofMillis(100);
            checks.add(tcp(open.getLocalPort(), timeout));
            checks.add(silent(quiet, timeout));
            checks.add(new Check.Ping(timing(timeout), target(Probing.loopback4(), 0)));
            checks.add(new Check.Misc(timing(timeout), List.of("true"), Duration.ofSeconds(9), false));
            checks.add(new Check.Misc(timing(timeout), List.of("sleep", "30"), timeout, false));
            checks.add(new Check.Misc(timing(timeout), List.of("/nowhere/x"), timeout, false));
            checks.add(new Check.Http(
                    timing(timeout),
                    target(Probing.loopback4(), open.getLocalPort()),
                    List.of(new Check.Http.Url("/", Optional.empty(), List.of())),
                    Check.Http.Version.HTTP_1_0));
            CountDownLatch done = new CountDownLatch(checks.size() * 14);
            for (int i = 0; i < 14; i++) {
                for (Check check : checks) probes.start(check, "server " + i, _ -> done.countDown());
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            open.setSoTimeout(1);
            drain(open);
        }
    }

    private static void drain(ServerSocket server) throws IOException {
        while (true) {
            try (Socket accepted = server.accept()) {
                assertThat(accepted.isConnected()).isTrue();
            } catch (java.net.SocketTimeoutException none) {
                return;
            }
        }
    }

    @Test
    void aDoneThatThrowsHarmsNoOtherProbe() throws Exception {
        BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
        BlockingQueue<Throwable> heard = new LinkedBlockingQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, thrown) -> heard.add(thrown));
        try (Probes probes = new Probes();
                ServerSocket server = new ServerSocket(0, 5, Probing.loopback4())) {
            probes.start(tcp(server.getLocalPort(), LONG), "a", _ -> {
                throw new IllegalStateException("a bug of the caller");
            });
            assertThat(heard.poll(10, TimeUnit.SECONDS)).hasMessage("a bug of the caller");
            probes.start(tcp(server.getLocalPort(), LONG), "a", outcomes::add);
            ProbeOutcome outcome = outcomes.poll(10, TimeUnit.SECONDS);
            assertThat(outcome).isNotNull();
            assertPassed(outcome, "connected in .*");
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }
}
