package io.evenkeel.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A JVM of its own that runs one of our small programs: {@link ProbeOnce} or {@link StoppableService}. */
final class OtherProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    /** Runs one probe; the prefix is a command that ends by executing the rest of its line. */
    static OtherProcess probing(List<String> prefix, String... arguments) throws IOException {
        return new OtherProcess(prefix, ProbeOnce.class, List.of(arguments));
    }

    static OtherProcess service() throws IOException {
        return new OtherProcess(List.of(), StoppableService.class, List.of());
    }

    private OtherProcess(List<String> prefix, Class<?> program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        Path classes = Path.of("target", "classes").toAbsolutePath();
        Path tests = Path.of("target", "test-classes").toAbsolutePath();
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes + ":" + tests,
                program.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = process.inputReader();
    }

    String line() throws IOException {
        return String.valueOf(output.readLine());
    }

    /** SIGSTOP; answers when every thread has stopped, which takes a moment after kill(1). */
    void stop() throws Exception {
        signal("STOP");
        long start = System.nanoTime();
        while (!allThreadsStopped()) {
            assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
            LockSupport.parkNanos(1_000_000);
        }
    }

    void resume() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    private boolean allThreadsStopped() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') return false;
            }
            return true;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** How to become nobody: nothing to do if we are not root. */
    static List<String> unprivileged() throws IOException {
        if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) return List.of();
        Path setpriv = Path.of("/usr/bin/setpriv");
        assumeTrue(Files.isExecutable(setpriv), "needs setpriv to give up root");
        return List.of(
                setpriv.toString(), "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--");
    }
}
