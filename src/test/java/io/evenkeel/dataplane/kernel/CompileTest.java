package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that the build compiles with: what it makes, when it works, and what it says when it cannot. */
class CompileTest {
    private static final Path SOURCES = Path.of("src/main/bpf");
    private static final String[] TOOLS = {"find", "mkdir", "mv", "printf", "readlink", "rm", "touch", "uname"};

    @TempDir
    Path directory;

    private Path sources;
    private Path object;

    @BeforeEach
    void copySources() throws IOException {
        sources = Files.createDirectory(directory.resolve("bpf"));
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) Files.copy(file, sources.resolve(file.getFileName()));
        }
        object = directory.resolve("out/evenkeel.bpf.o");
        age(sources);
    }

    @Test
    @Needs(Capability.CLANG)
    void anObjectIsMadeOnceAndAgainOnlyWhenASourceChanges() throws IOException {
        assertThat(compile().output()).isEmpty();
        FileTime first = Files.getLastModifiedTime(object);
        compile();
        assertThat(Files.getLastModifiedTime(object)).isEqualTo(first);

        Path header = sources.resolve("abi.h");
        Files.writeString(header, Files.readString(header).replace("EK_ABI_VERSION = ", "EK_ABI_VERSION = 1"));
        byte[] before = Files.readAllBytes(object);
        compile();
        assertThat(Files.readAllBytes(object)).isNotEqualTo(before);
    }

    @Test
    @Needs(Capability.CLANG)
    void theObjectTellsNothingOfThisMachineAndIsTheSameEverywhere() throws IOException {
        compile();
        byte[] here = Files.readAllBytes(object);
        Path elsewhere = directory.resolve("elsewhere.o");
        Command.run("sh", SOURCES + "/compile", SOURCES + "/evenkeel.bpf.c", elsewhere.toString());
        assertThat(Files.readAllBytes(elsewhere)).isEqualTo(here);
        assertThat(new String(here, StandardCharsets.ISO_8859_1)).doesNotContain(directory.toString());
    }

    @Test
    @Needs(Capability.CLANG)
    void aWarningFailsTheBuildAndLeavesNoObject() throws IOException {
        compile();
        Path header = sources.resolve("count.h");
        Files.writeString(header, Files.readString(header).replace("if (!lane)", "int unused;\n\tif (!lane)"));
        Command.Outcome outcome = attempt(List.of());
        assertThat(outcome.exit()).isNotZero();
        assertThat(outcome.errors()).contains("unused variable");
        assertThat(directory.resolve("out")).isEmptyDirectory();
    }

    @Test
    void withoutClangTheBuildGoesOnAndSaysWhatIsMissing() throws IOException {
        Path stale =
                Files.writeString(Files.createDirectories(object.getParent()).resolve(object.getFileName()), "stale");
        Files.setLastModifiedTime(stale, FileTime.from(Instant.EPOCH));
        Command.Outcome outcome = attempt(path());
        assertThat(outcome.exit()).as(outcome.errors()).isZero();
        assertThat(outcome.output())
                .isEqualTo("[WARNING] built without clang: the kernel plane is not in this build. To have it: apt-get"
                        + " install --no-install-recommends clang libbpf-dev libbpf1, touch pom.xml, build again\n");
        assertThat(object).doesNotExist();
    }

    @Test
    void withoutLibbpfsHeadersTheBuildGoesOnAndSaysWhatIsMissing() throws IOException {
        List<String> path = path();
        Path clang = directory.resolve("bin/clang");
        Files.writeString(clang, "#!/bin/sh\nexit 1\n");
        assertThat(clang.toFile().setExecutable(true)).isTrue();
        Command.Outcome outcome = attempt(path);
        assertThat(outcome.exit()).as(outcome.errors()).isZero();
        assertThat(outcome.output()).startsWith("[WARNING] built without libbpf's headers: ");
        assertThat(object).doesNotExist();
    }

    /** A PATH on which there is no compiler. */
    private List<String> path() throws IOException {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(bin.resolve(tool), Command.find(tool).orElseThrow());
        }
        return List.of("env", "PATH=" + bin);
    }

    private Command.Outcome compile() {
        Command.Outcome outcome = attempt(List.of());
        assertThat(outcome.exit()).as(outcome.errors()).isZero();
        return outcome;
    }

    private Command.Outcome attempt(List<String> prefix) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("/bin/sh", sources + "/compile", sources + "/evenkeel.bpf.c", object.toString()));
        return Command.attempt(command);
    }

    /** Makes everything older than what is compiled from it. */
    private static void age(Path directory) throws IOException {
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3_600));
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) Files.setLastModifiedTime(file, hourAgo);
        }
    }
}
