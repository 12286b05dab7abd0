package io.evenkeel.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bug in any loop is logged once and ends the director, whatever else is going on. */
class BugTest {

    @TempDir
    Path temp;

    @Test
    void aBugIsLoggedOnceAndEndsTheDirector() throws Exception {
        Path file = Files.writeString(temp.resolve("lb.conf"), """
                virtual_server 127.0.0.1 0 {
                    protocol UDP
                    lb_algo rr
                    lb_kind NAT
                    client_address director
                    real_server 127.0.0.2 5353 {
                    }
                }
                """.replace("127.0.0.1 0", "127.0.0.1 " + freePort()));
        Path log = temp.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Broken.class.getName(),
                        file.toString(),
                        temp.resolve("run").toString())
                .redirectError(log.toFile())
                .start();
        try (BufferedReader says = process.inputReader()) {
            assertThat(says.readLine()).isEqualTo("Broken");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).filteredOn(line -> line.contains("bug in ek-test")).hasSize(1);
        assertThat(lines)
                .filteredOn(line -> line.contains("IllegalStateException: out of luck"))
                .hasSize(1);
    }

    private static int freePort() throws Exception {
        try (var socket = new java.net.DatagramSocket(
                new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0))) {
            return socket.getLocalPort();
        }
    }

    /** A director in which a loop dies as soon as it serves. */
    static final class Broken {
        public static void main(String[] arguments) {
            Path runtime = Path.of(arguments[1]);
            Daemon daemon = new Daemon(new Daemon.Settings(Path.of(arguments[0]), PlaneChoice.SOCKET, runtime));
            Thread.ofPlatform().name("ek-test").daemon().start(() -> {
                while (!Files.exists(RuntimeDirectory.socketIn(runtime))) Thread.onSpinWait();
                throw new IllegalStateException("out of luck");
            });
            System.out.println(daemon.run().getClass().getSimpleName());
            System.exit(0);
        }
    }
}
