package io.evenkeel.health;

import static io.evenkeel.health.Probing.assertFailed;
import static io.evenkeel.health.Probing.assertPassed;
import static io.evenkeel.health.Probing.assertWorthless;
import static io.evenkeel.health.Probing.outcome;
import static io.evenkeel.health.Probing.target;
import static io.evenkeel.health.Probing.timing;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import io.evenkeel.model.Check.Http.StatusRange;
import io.evenkeel.model.Check.Http.Url;
import io.evenkeel.model.Check.Http.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HttpProbeTest {
    private static final Duration TIMEOUT = Duration.ofMillis(300);
    private static final Probes PROBES = new Probes();

    @AfterAll
    static void close() {
        PROBES.close();
    }

    static List<InetAddress> loopbacks() {
        return Probing.loopbacks();
    }

    /** What a server does with one connection after it has read the request. */
    private interface Answer {
        void to(String request, Socket client) throws IOException;
    }

    private static Answer bytes(String response) {
        return (_, client) -> client.getOutputStream().write(response.getBytes(ISO_8859_1));
    }

    /** Serves one connection after the other on a thread of its own, and remembers the requests. */
    private static final class Server implements AutoCloseable {
        final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        private final ServerSocket listener;
        private final Thread thread;

        Server(InetAddress address, Answer answer) throws IOException {
            listener = new ServerSocket(0, 50, address);
            thread = Thread.ofPlatform().daemon().start(() -> {
                while (true) {
                    try (Socket client = listener.accept()) {
                        String request = request(client);
                        requests.add(request);
                        answer.to(request, client);
                    } catch (IOException closedOrGone) {
                        if (listener.isClosed()) return;
                    }
                }
            });
        }

        private static String request(Socket client) throws IOException {
            StringBuilder text = new StringBuilder();
            while (!text.toString().endsWith("\r\n\r\n")) {
                int c = client.getInputStream().read();
                if (c < 0) break;
                text.append((char) c);
            }
            return text.toString();
        }

        Check.Target target() {
            return Probing.target(listener.getInetAddress(), listener.getLocalPort());
        }

        String request() {
            try {
                return Optional.ofNullable(requests.poll(5, TimeUnit.SECONDS)).orElseThrow();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            try {
                listener.close();
                thread.join(5_000);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Url url(String path, StatusRange... statuses) {
        return new Url(path, Optional.empty(), List.of(statuses));
    }

    private static final StatusRange OK = new StatusRange(200, 299);

    private static Check check(Server server, Version version, Url... urls) {
        return new Check.Http(timing(TIMEOUT), server.target(), List.of(urls), version);
    }

    private static ProbeOutcome probe(Server server, Url... urls) {
        return outcome(PROBES, check(server, Version.HTTP_1_0, urls));
    }

    @ParameterizedTest
    @MethodSource("loopbacks")
    void anAcceptedStatusPasses(InetAddress address) throws IOException {
        try (Server server = new Server(address, bytes("HTTP/1.1 204 No Content\r\nServer: test\r\n\r\n"))) {
            assertPassed(probe(server, url("/health", OK)), "GET /health: status 204 in [0-9.]+ ms");
        }
    }

    @Test
    void anotherStatusFailsWithItsNumber() throws IOException {
        try (Server server = new Server(Probing.loopback4(), bytes("HTTP/1.0 503 Busy\r\n\r\n"))) {
            assertFailed(probe(server, url("/", OK)), "GET /: status 503");
            assertPassed(probe(server, url("/", new StatusRange(503, 503), OK)), "GET /: status 503 in .*");
            assertFailed(
                    probe(server, url("/", new StatusRange(200, 502), new StatusRange(504, 599))), "GET /: status 503");
        }
    }

    @Test
    void theRequestIsWhatTheVersionAsksFor() throws IOException {
        try (Server server = new Server(Probing.loopback6(), bytes("HTTP/1.1 200 OK\r\n\r\n"))) {
            String host = server.target().endpoint().toString();
            assertThat(host).startsWith("[::1]:");
            outcome(PROBES, check(server, Version.HTTP_1_0, url("/a", OK)));
            assertThat(server.request())
                    .isEqualTo("GET /a HTTP/1.0\r\nUser-Agent: Evenkeel\r\nHost: " + host + "\r\n\r\n");
            outcome(PROBES, check(server, Version.HTTP_1_0_CLOSE, url("/b", OK)));
            assertThat(server.request())
                    .isEqualTo("GET /b HTTP/1.0\r\nUser-Agent: Evenkeel\r\nConnection: close\r\nHost: " + host
                            + "\r\n\r\n");
            Url named = new Url("/c?d=e", Optional.of("www.example.net"), List.of(OK));
            outcome(PROBES, check(server, Version.HTTP_1_1, named));
            assertThat(server.request())
                    .isEqualTo("GET /c?d=e HTTP/1.1\r\nUser-Agent: Evenkeel\r\nHost: www.example.net\r\n\r\n");
        }
    }

    @Test
    void urlsAreAskedInOrderAndAllMustPass() throws IOException {
        Answer byPath = (request, client) -> bytes(
                        request.contains("/bad") ? "HTTP/1.0 404 No\r\n\r\n" : "HTTP/1.0 200 OK\r\n\r\n")
                .to(request, client);
        try (Server server = new Server(Probing.loopback4(), byPath)) {
            assertPassed(probe(server, url("/1", OK), url("/2", OK)), "all 2 urls, last GET /2: status 200 in .*");
            assertThat(server.request()).startsWith("GET /1 ");
            assertThat(server.request()).startsWith("GET /2 ");
            assertFailed(probe(server, url("/1", OK), url("/bad", OK), url("/3", OK)), "GET /bad: status 404");
            assertThat(server.request()).startsWith("GET /1 ");
            assertThat(server.request()).startsWith("GET /bad ");
            assertThat(server.requests).as("nothing is asked after a failure").isEmpty();
        }
    }

    @Test
    void aConnectionKeptOpenDoesNotHoldTheProbe() throws IOException {
        Answer keepsOpen = (request, client) -> {
            bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").to(request, client);
            client.getInputStream().read(); // until the probe closes
        };
        try (Server server = new Server(Probing.loopback4(), keepsOpen)) {
            assertPassed(outcome(PROBES, check(server, Version.HTTP_1_1, url("/", OK))), "GET /: status 200 in .*");
        }
    }

    /** One byte every 30 ms would take 12 s for this head; the timeout is for the whole probe. */
    @Test
    void aServerThatDripsFailsAtTheTimeout() throws IOException {
        Answer drips = (_, client) -> {
            for (char c : ("HTTP/1.0 200 OK\r\nX: " + "y".repeat(400)).toCharArray()) {
                client.getOutputStream().write(c);
                LockSupport.parkNanos(30_000_000);
            }
        };
        try (Server server = new Server(Probing.loopback4(), drips)) {
            long start = System.nanoTime();
            assertFailed(probe(server, url("/", OK)), "GET /: response not complete in 300 ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(TIMEOUT, TIMEOUT.multipliedBy(4));
        }
    }

    /** Two answers, each within the timeout, together beyond it. */
    @Test
    void allUrlsShareOneTimeout() throws IOException {
        Answer slow = (request, client) -> {
            LockSupport.parkNanos(TIMEOUT.toNanos() * 2 / 3);
            bytes("HTTP/1.0 200 OK\r\n\r\n").to(request, client);
        };
        try (Server server = new Server(Probing.loopback4(), slow)) {
            assertPassed(probe(server, url("/", OK)), "GET /: status 200 in .*");
            assertFailed(probe(server, url("/", OK), url("/", OK)), "GET /: connected, but no response in 300 ms");
        }
    }

    @Test
    void aServerThatAcceptsAndSaysNothingFails() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, Probing.loopback4())) {
            Check check = new Check.Http(
                    timing(TIMEOUT),
                    target(Probing.loopback4(), silent.getLocalPort()),
                    List.of(url("/", OK)),
                    Version.HTTP_1_0);
            assertFailed(outcome(PROBES, check), "GET /: connected, but no response in 300 ms");
        }
    }

    @Test
    void aResponseCutShortFails() throws IOException {
        try (Server server = new Server(Probing.loopback4(), bytes("HTTP/1.0 200 OK\r\nServer: te"))) {
            assertFailed(
                    probe(server, url("/", OK)),
                    "GET /: closed after 27 bytes, before the response's head was complete");
        }
        try (Server server = new Server(Probing.loopback4(), (_, _) -> {})) {
            assertFailed(probe(server, url("/", OK)), "GET /: closed without a response");
        }
    }

    @Test
    void aResetFails() throws IOException {
        Answer resets = (_, client) -> client.setSoLinger(true, 0);
        try (Server server = new Server(Probing.loopback4(), resets)) {
            assertFailed(probe(server, url("/", OK)), "GET /: connection reset");
        }
    }

    @Test
    void whatIsNotHttpFailsAtOnceAndIsQuotedHarmlessly() throws IOException {
        try (Server server = new Server(Probing.loopback4(), bytes("SSH-2.0-Test\u001b[2J\r\n"))) {
            assertFailed(probe(server, url("/", OK)), "GET /: not HTTP: \"SSH-2\\.0-Test\\.\\[2J\"");
        }
    }

    @Test
    void aHeadBeyondTheBoundIsJudgedByItsStatus() throws IOException {
        String endless = "X-Long: " + "a".repeat(6_000) + "\r\n\r\n";
        try (Server server = new Server(Probing.loopback4(), bytes("HTTP/1.0 200 OK\r\n" + endless))) {
            assertPassed(probe(server, url("/", OK)), "GET /: status 200 in .*");
        }
        try (Server server = new Server(Probing.loopback4(), bytes("HTTP/1.0 200 " + "a".repeat(6_000)))) {
            assertFailed(probe(server, url("/", OK)), "GET /: no end of the status line in 4096 bytes");
        }
    }

    @Test
    void aClosedPortFails() throws IOException {
        Server server = new Server(Probing.loopback4(), bytes(""));
        server.close();
        assertFailed(probe(server, url("/", OK)), "connection refused");
    }

    @Test
    void aPathThatWouldForgeALineIsNotSent() throws IOException {
        try (Server server = new Server(Probing.loopback4(), bytes("HTTP/1.0 200 OK\r\n\r\n"))) {
            for (String path : List.of("/a\r\nX: y", "/a b", "/\0", "")) {
                assertWorthless(probe(server, url(path, OK)), "path or virtualhost holds a character .*");
            }
            assertWorthless(
                    probe(server, new Url("/", Optional.of("a\r\nb"), List.of(OK))), "path or virtualhost holds .*");
            assertThat(server.requests).isEmpty();
        }
    }
}
