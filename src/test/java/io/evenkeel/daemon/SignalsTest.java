package io.evenkeel.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals, sent by the kernel to a process of our own. */
class SignalsTest {

    @ParameterizedTest
    @CsvSource({"HUP,reload", "TERM,stop", "INT,stop"})
    void eachSignalAsksForItsOwnAndTheProcessLives(String signal, String wish) throws Exception {
        Process process = new ProcessBuilder(
                        "env",
                        "--ignore-signal=" + signal, // as nohup and background jobs leave it
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Listener.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says = process.inputReader()) {
            assertThat(says.readLine()).isEqualTo("listening");
            for (int i = 0; i < 2; i++) {
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor();
                assertThat(says.readLine()).isEqualTo(wish);
            }
            process.getOutputStream().close();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Says what it is asked for, until its input ends. */
    static final class Listener {
        public static void main(String[] arguments) throws Exception {
            Signals.handle(() -> System.out.println("reload"), () -> System.out.println("stop"));
            System.out.println("listening");
            System.in.read();
        }
    }
}
