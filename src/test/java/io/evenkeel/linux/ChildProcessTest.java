package io.evenkeel.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {

    @TempDir
    Path directory;

    /** The numbers that this class writes down agree with the C compiler's headers. */
    @Test
    void constantsAndRoomsAreTheCompilers() throws Exception {
        Path source = Files.writeString(directory.resolve("spawn.c"), """
                #define _GNU_SOURCE
                #include <fcntl.h>
                #include <signal.h>
                #include <spawn.h>
                #include <stdio.h>
                #include <sys/syscall.h>
                #include <sys/wait.h>
                int main(void) {
                    printf("%d %d %d %d %x %x %d %d %d %d\\n", POSIX_SPAWN_SETPGROUP, POSIX_SPAWN_SETSIGDEF,
                            POSIX_SPAWN_SETSIGMASK, WNOHANG, O_CLOEXEC, O_NONBLOCK, F_SETFL, SYS_pidfd_open, SIGKILL,
                            SIGTERM);
                    printf("%d %d %d\\n", sizeof(posix_spawnattr_t) <= 512, sizeof(posix_spawn_file_actions_t) <= 256,
                            sizeof(sigset_t) == 128);
                    return 0;
                }
                """);
        Path program = directory.resolve("spawn");
        run("gcc", "-Wall", "-Werror", "-Wno-format", "-o", program.toString(), source.toString());
        assertThat(run(program.toString())).isEqualTo("2 4 8 1 80000 800 4 434 9 15\n1 1 1\n");
        assertThat(ChildProcess.ATTRIBUTE_ROOM).isEqualTo(512);
        assertThat(ChildProcess.ACTION_ROOM).isEqualTo(256);
        assertThat(ChildProcess.SIGSET_BYTES).isEqualTo(128);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command[0], output).isZero();
        return output;
    }

    @Test
    void outputAndEndAreSeenAndTheStatusIsTakenOnce() {
        ChildProcess child = ChildProcess.start("/bin/sh", List.of("sh", "-c", "echo hello; exit 3"), List.of());
        try (child) {
            assertThat(Sockets.poll(child.endedFd(), Sockets.POLLIN, 10_000)).isEqualTo(1);
            assertThat(Sockets.poll(child.fd(), Sockets.POLLIN, 0)).isEqualTo(1);
            byte[] bytes = new byte[100];
            assertThat(new String(bytes, 0, child.read(bytes), UTF_8)).isEqualTo("hello\n");
            assertThat(child.read(bytes)).isZero();
            assertThat(child.ended()).isTrue();
            assertThat(child.reap()).hasValue(3 << 8);
            assertThat(child.reapOrphans()).isTrue();
            assertThatThrownBy(child::reap).isInstanceOf(IllegalStateException.class);
            child.signalGroup(ChildProcess.SIGKILL); // after reaping the number may be another's: nothing is sent
        }
    }

    @Test
    void aLivingChildIsNotReapedAndFollowsItsGroupsSignal() {
        ChildProcess child = ChildProcess.start("/bin/sleep", List.of("sleep", "60"), List.of());
        try (child) {
            assertThat(child.ended()).isFalse();
            assertThat(child.reap()).isEqualTo(OptionalInt.empty());
            child.signalGroup(ChildProcess.SIGTERM);
            assertThat(Sockets.poll(child.endedFd(), Sockets.POLLIN, 10_000)).isEqualTo(1);
            assertThat(child.reap()).hasValue(ChildProcess.SIGTERM);
        }
    }

    /** Children are waited for by number: one that ended earlier keeps its status for whoever asks for it. */
    @Test
    void everyChildsStatusIsItsOwn() {
        ChildProcess first = ChildProcess.start("/bin/sh", List.of("sh", "-c", "exit 4"), List.of());
        ChildProcess second = ChildProcess.start("/bin/sh", List.of("sh", "-c", "exit 3"), List.of());
        try (first;
                second) {
            assertThat(Sockets.poll(first.endedFd(), Sockets.POLLIN, 10_000)).isEqualTo(1);
            assertThat(Sockets.poll(second.endedFd(), Sockets.POLLIN, 10_000)).isEqualTo(1);
            assertThat(second.reap()).hasValue(3 << 8);
            assertThat(first.reap()).hasValue(4 << 8);
        }
    }

    /** Whoever started us may have ignored SIGCHLD; that is inherited and would swallow every status. */
    @Test
    void anIgnoredSigchldDoesNotSwallowTheStatus() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = Path.of("target", "classes") + ":" + Path.of("target", "test-classes");
        String access = "--enable-native-access=ALL-UNNAMED";
        assertThat(run("env", "--ignore-signal=CHLD", java, access, "-cp", classes, ChildStatus.class.getName()))
                .isEqualTo("1 7\n");
    }

    @Test
    void whatCannotBeExecutedIsTheKernelsOwnNumber() {
        assertThatThrownBy(() -> ChildProcess.start("/nowhere/x", List.of("x"), List.of()))
                .isInstanceOfSatisfying(
                        SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }
}
