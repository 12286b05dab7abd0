package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The rows of {@link BadInputTest} that meet a director while it serves: it goes on, counts what happened by its reason,
 * and loses nothing that it had.
 */
@Timeout(120)
class BadInputWhileRunningTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path temp;

    @Test
    @Needs({Capability.ROOT, Capability.NETNS})
    void noRouteToARealserverIsCountedAndTheOtherGoesOn() throws Exception {
        Path file = config("responses 0", 5353, "198.18.0.2 5353", "198.19.0.1 5353");
        // A namespace of its own, in which one of the two networks is routed, to where nobody answers.
        String network = "set -e; ip link set lo up; ip link add ek-a type veth peer name ek-b; ip link set ek-a up;"
                + " ip link set ek-b up; ip address add 198.18.0.1/24 dev ek-a;"
                + " ip neighbour add 198.18.0.2 lladdr 02:00:00:00:00:02 dev ek-a; exec \"$@\"";
        List<String> alone = List.of("unshare", "--net", "/bin/sh", "-c", network, "sh");
        try (DirectorProcess director = DirectorProcess.serving(alone, file, runtime())) {
            String script = "for i in 1 2 3 4 5 6 7 8 9 10; do echo $i >/dev/udp/127.0.0.1/5353; sleep 0.1; done";
            Ran.run(
                            List.of("nsenter", "--net=/proc/" + director.pid() + "/ns/net", "/bin/bash", "-c", script),
                            System.getenv(),
                            Path.of("."))
                    .exits(0);
            JsonNode totals = until(director, s -> total(s, "received") == 10).get("totals");
            assertThat(totals.at("/drops/no_route").asLong()).isEqualTo(5);
            assertThat(totals.get("forwarded").longValue()).isEqualTo(5);
            assertThat(totals.get("imbalance").longValue()).isZero();
            assertThat(director.status()
                            .at("/services/0/realservers/0/forwarded")
                            .longValue())
                    .isEqualTo(5);
        }
    }

    @Test
    void aFullFlowTableRefusesNewFlowsAndKeepsTheOldOnes() throws Exception {
        int port = freePort();
        Path file = config("responses 0\nudp_timeout 600", port, "127.0.0.2 " + port, "127.0.0.3 " + port);
        Files.writeString(file, Files.readString(file).replace("ops\n", ""));
        String script = "java=$1; shift; exec \"$java\" -XX:ActiveProcessorCount=1 \"$@\"";
        try (DatagramSocket first = server("127.0.0.2", port);
                DatagramSocket second = server("127.0.0.3", port);
                DirectorProcess director =
                        DirectorProcess.serving(List.of("/bin/sh", "-c", script, "sh"), file, runtime());
                DatagramSocket old = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
            send(old, port, 1);
            byte[] came = new byte[1];
            boolean tookTheFirst = arrives(first, came);
            DatagramSocket its = tookTheFirst ? first : second;

            JsonNode full = director.status();
            for (int client = 9; client < 40 && refused(full) == 0; client++) {
                manyClients(client, port);
                full = director.status();
            }
            assertThat(refused(full)).as("flow_table_full").isPositive();
            assertThat(full.at("/totals/imbalance").longValue()).isZero();

            its.setSoTimeout(50);
            while (arrives(its, came)) assertThat(came[0]).isNotEqualTo((byte) 2);
            its.setSoTimeout(5_000);
            long before = refused(director.status());
            send(old, port, 2);
            assertThat(arrives(its, came)).as("the flow it had goes on").isTrue();
            assertThat(came[0]).isEqualTo((byte) 2);
            assertThat(refused(director.status())).isEqualTo(before);
        }
    }

    private static long refused(JsonNode status) {
        return status.at("/totals/drops/flow_table_full").asLong();
    }

    /** A flow from each of many ports of one loopback address; slowly enough that the receive buffer does not overflow. */
    private static void manyClients(int lastByte, int port) throws IOException {
        InetAddress from = InetAddress.ofLiteral("127.0.1." + lastByte);
        for (int source = 10_000; source < 60_000; source++) {
            try (DatagramSocket client = new DatagramSocket(new InetSocketAddress(from, source))) {
                send(client, port, 0);
            } catch (java.net.BindException taken) {
                assertThat(taken).hasMessageContaining("in use");
            }
        }
    }

    @Test
    void aClientThatLeftBeforeItsReplyCameHarmsNobody() throws Exception {
        int port = freePort();
        Path file = config("", port, "127.0.0.2 " + port);
        try (DatagramSocket server = server("127.0.0.2", port);
                DirectorProcess director = DirectorProcess.serving(List.of(), file, runtime())) {
            DatagramPacket query = new DatagramPacket(new byte[16], 16);
            for (int i = 0; i < 5; i++) {
                try (DatagramSocket client = socket()) {
                    send(client, port, i);
                    server.receive(query);
                }
                server.send(query); // to a port that nobody holds any more: the kernel answers with an ICMP error
            }
            try (DatagramSocket client = socket()) {
                send(client, port, 77);
                server.receive(query);
                server.send(query);
                byte[] reply = new byte[1];
                assertThat(arrives(client, reply)).isTrue();
                assertThat(reply[0]).isEqualTo((byte) 77);
            }
            JsonNode totals =
                    until(director, s -> total(s, "repliesReceived") == 6).get("totals");
            assertThat(totals.get("forwarded").longValue()).isEqualTo(6);
            long failed = totals.at("/replyDrops/reply_tx_failed").asLong();
            assertThat(totals.get("replies").longValue()).isEqualTo(6 - failed);
            assertThat(totals.get("imbalance").longValue()).isZero();
            assertThat(director.status().at("/services/0/realservers/0/state").stringValue())
                    .as("what a client does is no sign against a realserver")
                    .isIn("unknown", "up");
        }
    }

    /**
     * The director's own wall clock is set forward and back by a day, as by an operator or a first answer of NTP: a
     * library before libc adds what a file says.
     */
    @Test
    @Needs(Capability.GCC)
    void aStepOfTheClockMovesTimesForPeopleAndNothingElse() throws Exception {
        int port = freePort();
        Path file = config("delay_loop 0.2", port, "127.0.0.2 " + port + " checked");
        Path steps = temp.resolve("steps");
        String preload = "LD_PRELOAD=" + stepLibrary(steps);
        List<String> stepped = List.of("/usr/bin/env", preload);
        try (StoppableListener realserver = new StoppableListener(port);
                DirectorProcess director = DirectorProcess.serving(stepped, file, runtime())) {
            until(director, s -> state(s).equals("up"));
            for (Duration step : List.of(Duration.ofDays(1), Duration.ofDays(-1))) {
                Instant upSince = Instant.parse(since(director.status()));
                Files.writeString(steps, Long.toString(step.toSeconds()));
                JsonNode after = until(
                        director,
                        s -> Duration.between(upSince, Instant.parse(since(s)))
                                        .abs()
                                        .toHours()
                                >= 23);
                assertThat(Duration.between(upSince.plus(step), Instant.parse(since(after)))
                                .toMillis())
                        .as("since tells the same moment by the new clock")
                        .isCloseTo(0, within(500L));
                assertThat(state(after)).isEqualTo("up");

                realserver.stop();
                JsonNode failed = until(director, s -> state(s).equals("failed"));
                assertThat(Duration.between(Instant.now().plus(step), Instant.parse(since(failed)))
                                .abs())
                        .isLessThan(Duration.ofSeconds(5));
                realserver.start();
                JsonNode back = until(director, s -> state(s).equals("up"));
                Files.writeString(steps, "0");
                until(
                        director,
                        s -> Duration.between(Instant.parse(since(s)), Instant.now())
                                        .abs()
                                        .toHours()
                                < 1);
                assertThat(back.at("/totals/imbalance").longValue()).isZero();
            }
        }
    }

    /** A library of ours that adds the number of seconds in {@code steps} to the wall clock, and to no other. */
    private Path stepLibrary(Path steps) throws IOException {
        Files.writeString(steps, "0");
        Path source = Files.writeString(temp.resolve("step.c"), """
                #define _GNU_SOURCE
                #include <fcntl.h>
                #include <stdlib.h>
                #include <sys/syscall.h>
                #include <time.h>
                #include <unistd.h>

                int clock_gettime(clockid_t clock, struct timespec *now)
                {
                        long answer = syscall(SYS_clock_gettime, clock, now);
                        if (answer != 0 || clock != CLOCK_REALTIME)
                                return answer;
                        char text[24] = "";
                        int fd = open("%s", O_RDONLY | O_CLOEXEC);
                        if (fd >= 0) {
                                if (read(fd, text, sizeof(text) - 1) > 0)
                                        now->tv_sec += atol(text);
                                close(fd);
                        }
                        return 0;
                }
                """.formatted(steps));
        Path library = temp.resolve("step.so");
        Ran.run(List.of("gcc", "-shared", "-fPIC", "-o", library.toString(), source.toString()), System.getenv(), temp)
                .exits(0);
        return library;
    }

    /** A realserver that a TCP check finds, or not. */
    private static final class StoppableListener implements AutoCloseable {
        private final int port;
        private java.net.ServerSocket listener;

        StoppableListener(int port) throws IOException {
            this.port = port;
            start();
        }

        void start() throws IOException {
            listener = new java.net.ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), port));
            java.net.ServerSocket mine = listener;
            Thread.ofVirtual().start(() -> {
                while (!mine.isClosed()) {
                    try (Socket accepted = mine.accept()) {
                        accepted.getInputStream();
                    } catch (SocketException stopped) {
                        return;
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }
            });
        }

        void stop() throws IOException {
            listener.close();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private static String state(JsonNode status) {
        return status.at("/services/0/realservers/0/state").stringValue();
    }

    private static String since(JsonNode status) {
        return status.at("/services/0/realservers/0/since").stringValue();
    }

    private static long total(JsonNode status, String name) {
        return status.at("/totals/" + name).longValue();
    }

    private static JsonNode until(DirectorProcess director, Predicate<JsonNode> condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode status = director.status();
            if (condition.test(status)) return status;
            assertThat(System.nanoTime() - end).as("in time: %s", status).isNegative();
            Thread.sleep(20);
        }
    }

    private static boolean arrives(DatagramSocket socket, byte[] into) throws IOException {
        try {
            DatagramPacket packet = new DatagramPacket(into, into.length);
            socket.receive(packet);
            return true;
        } catch (java.net.SocketTimeoutException silence) {
            return false;
        }
    }

    private static void send(DatagramSocket from, int port, int value) throws IOException {
        from.send(new DatagramPacket(new byte[] {(byte) value}, 1, InetAddress.ofLiteral("127.0.0.1"), port));
    }

    private Path runtime() {
        return temp.resolve("run");
    }

    /** @param servers address and port, followed by {@code checked} for one with a TCP check */
    private Path config(String line, int port, String... servers) throws IOException {
        StringBuilder text = new StringBuilder("virtual_server 127.0.0.1 " + port + " {\nprotocol UDP\nlb_algo rr\n"
                + "lb_kind NAT\nops\nclient_address director\n" + line + "\n");
        for (String server : servers) {
            boolean checked = server.endsWith(" checked");
            text.append("real_server ")
                    .append(server.replace(" checked", ""))
                    .append(" {\n")
                    .append(checked ? "TCP_CHECK {\nconnect_timeout 1\nretry 0\n}\n" : "")
                    .append("}\n");
        }
        return Files.writeString(temp.resolve("lb.conf"), text.append("}\n"));
    }

    private static DatagramSocket server(String address, int port) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        socket.setSoTimeout(1_000);
        return socket;
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = socket()) {
            return socket.getLocalPort();
        }
    }

    private static DatagramSocket socket() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        socket.setSoTimeout(5_000);
        return socket;
    }
}
