package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.evenkeel.daemon.RuntimeDirectory;
import io.evenkeel.linux.Libc;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** How a director ends: in order, while replies still pass, or at once, by a bug. */
@Timeout(60)
class EndingTest {

    @TempDir
    Path temp;

    private Path file;
    private int port;

    @BeforeEach
    void write() throws IOException {
        try (DatagramSocket socket = client()) {
            port = socket.getLocalPort();
        }
        file = Files.writeString(temp.resolve("lb.conf"), """
                virtual_server 127.0.0.1 %1$d {
                    protocol UDP
                    lb_algo rr
                    lb_kind NAT
                    ops
                    responses 1
                    client_address director
                    real_server 127.0.0.2 %1$d {
                    }
                }
                virtual_server 127.0.0.1 %1$d {
                    protocol TCP
                    lb_algo rr
                    lb_kind NAT
                    client_address director
                    real_server 127.0.0.2 %1$d {
                    }
                }
                """.formatted(port));
    }

    @Test
    void toldToStopItRefusesNewWorkAtOnceAndRepliesStillPass() throws Exception {
        try (DatagramSocket server = server();
                DirectorProcess director = DirectorProcess.serving(List.of(), file, temp.resolve("run"));
                DatagramSocket early = client();
                DatagramSocket late = client()) {
            DatagramPacket query = new DatagramPacket(new byte[16], 16);
            send(early, 'e');
            server.receive(query);
            director.signal("TERM");
            director.awaitLog("stopping: ");
            awaitRefusal();

            send(late, 'l');
            JsonNode datagrams = until(director, "shutting_down", 1);
            assertThat(datagrams.get("received").longValue()).isEqualTo(2);
            assertThat(datagrams.get("forwarded").longValue()).isEqualTo(1);
            server.setSoTimeout(200);
            assertThatThrownBy(() -> server.receive(new DatagramPacket(new byte[16], 16)))
                    .as("nothing new is forwarded")
                    .isInstanceOf(SocketTimeoutException.class);

            server.send(query);
            DatagramPacket reply = new DatagramPacket(new byte[16], 16);
            early.receive(reply);
            assertThat(reply.getData()[0]).isEqualTo((byte) 'e');
            assertThat(reply.getSocketAddress())
                    .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            assertThat(director.awaitEnd()).isZero();
            assertThat(director.awaitLog("stopped: ")).endsWith("stopped: the director has stopped");
        }
    }

    @Test
    void aReplyThatNeverComesHoldsItUpForFiveSecondsAtMost() throws Exception {
        try (DatagramSocket server = server();
                DirectorProcess director = DirectorProcess.serving(List.of(), file, temp.resolve("run"));
                DatagramSocket client = client()) {
            send(client, 'q');
            server.receive(new DatagramPacket(new byte[16], 16));
            long before = System.nanoTime();
            director.signal("TERM");
            assertThat(director.awaitEnd()).isZero();
            assertThat((System.nanoTime() - before) / 1_000_000)
                    .as("ms of grace")
                    .isBetween(4_500L, 7_000L);
        }
    }

    /** Closed under it, a worker's epoll fails as it never may: the worker dies, and the process with it. */
    @Test
    void aBugInAWorkerEndsTheProcessWithSeventy() throws Exception {
        Ran ran = Ran.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sabotage.class.getName(),
                        file.toString(),
                        temp.resolve("run").toString()),
                System.getenv(),
                Path.of("."));
        ran.exits(70);
        // The director tells of the worker, or the worker of what it then cannot close: whoever comes first, once.
        assertThat(ran.err().lines().filter(line -> line.contains("bug in ")))
                .singleElement()
                .asString()
                .matches(".*bug in ek-(director|plane-\\d+); this process ends now");
        assertThat(ran.err()).containsIgnoringCase("epoll");
        assertThat(ran.out()).isEmpty();
    }

    /** The program, and beside it one who closes every epoll of the process as soon as it serves. */
    static final class Sabotage {
        public static void main(String[] arguments) {
            Path socket = RuntimeDirectory.socketIn(Path.of(arguments[1]));
            Thread.ofPlatform().daemon().start(() -> {
                while (!Files.exists(socket)) Thread.onSpinWait();
                epolls().forEach(Libc::close);
            });
            Main.main(new String[] {"run", arguments[0], "--runtime-dir", arguments[1]});
        }

        private static List<Integer> epolls() {
            try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
                return all.filter(Sabotage::isEpoll)
                        .map(path -> Integer.valueOf(path.getFileName().toString()))
                        .toList();
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        }

        private static boolean isEpoll(Path descriptor) {
            try {
                return Files.readSymbolicLink(descriptor).toString().equals("anon_inode:[eventpoll]");
            } catch (IOException gone) {
                return false;
            }
        }
    }

    /** Until a new connection is refused: then every worker has heard of the stop. */
    private void awaitRefusal() throws Exception {
        while (true) {
            try (Socket connection = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
                assertThat(connection.isConnected()).isTrue();
                Thread.sleep(5);
            } catch (ConnectException refused) {
                return;
            }
        }
    }

    private static JsonNode until(DirectorProcess director, String drop, long count) throws InterruptedException {
        while (true) {
            JsonNode datagrams = director.status().at("/services/0");
            if (datagrams.at("/drops/" + drop).asLong() == count) return datagrams;
            Thread.sleep(20);
        }
    }

    private void send(DatagramSocket from, char content) throws IOException {
        from.send(new DatagramPacket(new byte[] {(byte) content}, 1, InetAddress.ofLiteral("127.0.0.1"), port));
    }

    private DatagramSocket server() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), port));
        socket.setSoTimeout(5_000);
        return socket;
    }

    private static DatagramSocket client() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        socket.setSoTimeout(5_000);
        return socket;
    }
}
