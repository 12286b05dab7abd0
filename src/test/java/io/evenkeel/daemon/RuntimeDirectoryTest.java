package io.evenkeel.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.model.Refused;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeDirectoryTest {

    private static final String OTHER = "remove it, or choose another with --runtime-dir";

    @TempDir
    Path temp;

    private Path path;

    @BeforeEach
    void name() {
        path = temp.resolve("evenkeel");
    }

    @Test
    void isTheOneAskedForElseTheSystemsElseTheSessionsElseOnePerUser() {
        Map<String, String> session = Map.of("XDG_RUNTIME_DIR", temp.toString());
        assertThat(RuntimeDirectory.locate(Optional.of(Path.of("/x/../y")), session, 0))
                .isEqualTo(Path.of("/y"));
        assertThat(RuntimeDirectory.locate(Optional.empty(), session, 0)).isEqualTo(Path.of("/run/evenkeel"));
        assertThat(RuntimeDirectory.locate(Optional.empty(), session, 1000)).isEqualTo(path);
        assertThat(RuntimeDirectory.locate(Optional.empty(), Map.of(), 1000)).isEqualTo(Path.of("/tmp/evenkeel-1000"));
        assertThat(RuntimeDirectory.locate(Optional.empty(), Map.of("XDG_RUNTIME_DIR", "relative"), 1000))
                .isEqualTo(Path.of("/tmp/evenkeel-1000"));
        assertThat(RuntimeDirectory.locate(Optional.empty(), Map.of("XDG_RUNTIME_DIR", "/no/such/place"), 1000))
                .isEqualTo(Path.of("/tmp/evenkeel-1000"));
    }

    @Test
    void isMadePrivateAndHoldsThePidOfItsDirector() throws IOException {
        try (RuntimeDirectory directory = opened()) {
            assertThat(permissions(path)).isEqualTo("rwx------");
            assertThat(permissions(path.resolve("lock"))).isEqualTo("rw-------");
            assertThat(path.resolve("lock")).hasContent(ProcessHandle.current().pid() + "\n");
            assertThat(directory.socket()).isEqualTo(path.resolve("control.sock"));
        }
    }

    @Test
    void aSecondDirectorInTheSameProcessIsRefused() throws IOException {
        try (RuntimeDirectory _ = opened()) {
            assertThat(denied().what())
                    .isEqualTo(
                            "another director (pid " + ProcessHandle.current().pid() + ") runs in " + path);
        }
        opened().close();
    }

    @Test
    void aSecondDirectorInAnotherProcessIsRefusedUntilTheFirstIsGoneEvenByKill() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says = holder.inputReader()) {
            assertThat(says.readLine()).isEqualTo("held");
            assertThat(denied())
                    .isEqualTo(new Refused(
                            "another director (pid " + holder.pid() + ") runs in " + path,
                            "stop it, or choose another directory with --runtime-dir"));
        } finally {
            holder.destroyForcibly().waitFor();
        }
        opened().close();
    }

    /** Another process with a director in it. */
    static final class Holder {
        public static void main(String[] arguments) throws IOException {
            RuntimeDirectory.Opening opening = RuntimeDirectory.open(Path.of(arguments[0]));
            System.out.println(opening instanceof RuntimeDirectory.Opening.Open ? "held" : opening.toString());
            System.in.read();
        }
    }

    @Test
    void aSymbolicLinkIsRefused() throws IOException {
        Path real = Files.createDirectory(
                temp.resolve("real"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createSymbolicLink(path, real);
        assertThat(denied()).isEqualTo(new Refused("the runtime directory " + path + " is a symbolic link", OTHER));
        assertThat(real).isEmptyDirectory();
    }

    @Test
    void aLockThatIsASymbolicLinkIsRefused() throws IOException {
        opened().close();
        Path precious = Files.writeString(temp.resolve("precious"), "precious");
        Files.delete(path.resolve("lock"));
        Files.createSymbolicLink(path.resolve("lock"), precious);
        assertThat(denied().what()).startsWith("cannot use the runtime directory " + path + ": ");
        assertThat(precious).hasContent("precious");
    }

    @Test
    void aFileIsRefused() throws IOException {
        Files.writeString(path, "");
        assertThat(denied()).isEqualTo(new Refused("the runtime directory " + path + " is not a directory", OTHER));
    }

    @Test
    void aDirectoryThatOthersMayEnterIsRefusedAndNotChanged() throws IOException {
        Files.createDirectory(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(denied())
                .isEqualTo(new Refused("the runtime directory " + path + " is open to others", "chmod 700 " + path));
        assertThat(permissions(path)).isEqualTo("rwxr-xr-x");
    }

    @Test
    @Needs(Capability.ROOT)
    void aDirectoryOfSomebodyElseIsRefused() throws IOException {
        Files.createDirectory(path);
        Files.setAttribute(path, "unix:uid", 65_534);
        assertThat(denied()).isEqualTo(new Refused("the runtime directory " + path + " belongs to user 65534", OTHER));
    }

    @Test
    void aPlaceThatDoesNotExistIsRefusedWithARemedy() {
        path = temp.resolve("no/such");
        assertThat(denied())
                .isEqualTo(new Refused(
                        "cannot use the runtime directory " + path + ": its parent does not exist",
                        "choose one with --runtime-dir"));
    }

    private RuntimeDirectory opened() {
        RuntimeDirectory.Opening opening = RuntimeDirectory.open(path);
        assertThat(opening).isInstanceOf(RuntimeDirectory.Opening.Open.class);
        return ((RuntimeDirectory.Opening.Open) opening).directory();
    }

    private Refused denied() {
        RuntimeDirectory.Opening opening = RuntimeDirectory.open(path);
        assertThat(opening).isInstanceOf(RuntimeDirectory.Opening.Denied.class);
        return ((RuntimeDirectory.Opening.Denied) opening).refused();
    }

    private static String permissions(Path of) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(of));
    }
}
