package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IncludeTest {

    @TempDir
    Path directory;

    private final Problems problems = new Problems();

    @BeforeEach
    void writeFiles() throws IOException {
        Files.createDirectory(directory.resolve("conf.d"));
        write("conf.d/b.conf", "b\n");
        write("conf.d/a.conf", "a\n");
        write("conf.d/.hidden.conf", "hidden\n");
        write("conf.d/other.txt", "txt");
        write("a{1}.conf", "braces\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "include conf.d/a.conf; a",
                "  include   conf.d/a.conf  # comment; a",
                "include \"conf.d/a.conf\"; a",
                "include conf.d/*.conf; a b",
                "include conf.d/?.conf; a b",
                "include conf.d/[b-z].conf; b",
                "include */a.conf; a",
                "include conf.d/{b,a}.conf; b a",
                "include conf.d/{b,{a,o}ther}*; b txt",
                "include conf.d/.*.conf; hidden",
                "include none/*.conf; ''",
                "includem none/*.conf; ''",
                "includer conf.d/a.conf; a",
                "includea conf.d/*.conf; a b",
                "$D=conf.d; ''",
            })
    void patternsMatchAsGlobDoesInTheOrderOfNames(String line, String lines) {
        assertThat(String.join(" ", read(line))).isEqualTo(lines);
        assertThat(problems.inOrder()).isEmpty();
    }

    @Test
    void aDefinitionMayNameTheFile() {
        assertThat(read("$D=conf.d\ninclude $D/a.conf\ninclude ${D}/b.conf")).containsExactly("a", "b");
    }

    @Test
    void anAbsolutePatternIsNotRelative() {
        assertThat(read("include " + directory + "/conf.d/*.conf")).containsExactly("a", "b");
    }

    @Test
    void includesAreRelativeToTheFileTheyStandIn() throws IOException {
        write("conf.d/all.txt", "include a.conf\ninclude ../conf.d/b.conf");
        assertThat(read("include conf.d/all.txt")).containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "include no.conf; ERROR cannot read 'DIR/no.conf': no such file",
                "includer no.conf; ERROR cannot read 'DIR/no.conf': no such file",
                "includew none/*.conf; ERROR no file matches 'none/*.conf'",
                "includea none/*.conf; ERROR no file matches 'none/*.conf'",
                "includeb conf.d/{a,x*}.conf; ERROR no file matches the branch 'conf.d/x*.conf'",
                "include conf.d; ERROR cannot read 'DIR/conf.d': it is a directory",
                "include con*; WARNING skipped 'DIR/conf.d': it is a directory",
                "include conf.d/[a.conf; ERROR 'conf.d/[a.conf' cannot be a file name",
            })
    void whatIsMissingIsSaid(String line, String brief) {
        read(line);
        assertThat(problems.inOrder())
                .singleElement()
                .satisfies(d -> assertThat(Reading.brief(d))
                        .isEqualTo(directory + "/main.conf:1:1 " + brief.replace("DIR", directory.toString())));
    }

    @Test
    void includeCheckMakesTheStrictRulesTheDefault() {
        read("include none/*\ninclude_check wildcard_match\ninclude none/*");
        assertThat(problems.inOrder())
                .extracting(d -> d.position().orElseThrow().line())
                .containsExactly(3);
    }

    @Test
    void anExecutableFileIsNotRead() throws IOException {
        Path script = write("run.conf", "bad");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(read("include run.conf\ninclude r*.conf")).isEmpty();
        String why = "'" + script + "': it is executable, so it is taken for a script";
        assertThat(problems.inOrder())
                .extracting(Diagnostic::message)
                .containsExactly("cannot read " + why, "skipped " + why);
    }

    @Test
    void aDeviceIsNotRead() {
        assertThat(read("include /dev/zero")).isEmpty();
        assertThat(problems.inOrder())
                .extracting(Diagnostic::message)
                .containsExactly("cannot read '/dev/zero': it is not a regular file");
    }

    @Test
    void aCircleIsOneErrorWithItsChain() throws IOException {
        write("one.conf", "x\ninclude two.conf");
        write("two.conf", "\n  include one.conf");
        assertThat(read("include one.conf")).containsExactly("x");
        assertThat(problems.inOrder()).singleElement().satisfies(d -> {
            assertThat(Reading.brief(d))
                    .isEqualTo(directory + "/two.conf:2:3 ERROR '" + directory + "/one.conf' includes itself");
            assertThat(d.includedFrom())
                    .containsExactly(
                            new Position(directory + "/one.conf", 2, 1), new Position(directory + "/main.conf", 1, 1));
        });
    }

    @Test
    void aFileThatIncludesItselfThroughALinkIsACircleToo() throws IOException {
        Files.createSymbolicLink(directory.resolve("link.conf"), directory.resolve("main.conf"));
        read("include link.conf");
        assertThat(problems.inOrder())
                .as("seen at the first step, though the names differ")
                .extracting(Reading::brief)
                .containsExactly(directory + "/main.conf:1:1 ERROR '" + directory + "/link.conf' includes itself");
    }

    @Test
    void depthIsBounded() throws IOException {
        for (int i = 0; i < 40; i++) write("d" + i, "n" + i + "\ninclude d" + (i + 1));
        assertThat(read("include d0")).hasSize(Includes.MAX_DEPTH);
        assertThat(problems.inOrder())
                .extracting(Diagnostic::message)
                .containsExactly("includes go deeper than " + Includes.MAX_DEPTH);
    }

    @Test
    void filesThatIncludeManyEndInBoundedTime() throws IOException {
        for (int i = 0; i < 15; i++) write("d" + i, ("include d" + (i + 1) + "\n").repeat(8));
        write("d15", "");
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> read("include d0"));
        assertThat(problems.inOrder())
                .isNotEmpty()
                .allSatisfy(d ->
                        assertThat(d.message()).contains("includes go more than " + Includes.MAX_FILES + " files"));
    }

    @Test
    void anErrorInAnIncludedFileNamesTheFileAsItWouldBeTyped() throws IOException {
        write("conf.d/a.conf", "wieght 3\n");
        Path root = write("main.conf", "# first\ninclude conf.d/a.conf\n");
        Path relative = Path.of("").toAbsolutePath().relativize(root);
        Loaded loaded = ConfigurationLoader.load(relative, Reading.HERE);
        assertThat(loaded.diagnostics()).singleElement().satisfies(d -> {
            String file = relative.resolveSibling("conf.d/a.conf").toString();
            assertThat(d.position()).contains(new Position(file, 1, 1));
            assertThat(d.includedFrom()).containsExactly(new Position(relative.toString(), 2, 1));
        });
    }

    private List<String> read(String text) {
        Path root = write("main.conf", text);
        SourceFile file = SourceFile.of(root.toString(), directory, text, List.of());
        return new Preprocessor(Reading.HERE, problems)
                .lines(file).stream()
                        .map(l -> l.string().substring(0, Lexer.commentStart(l)).strip())
                        .filter(l -> !l.isEmpty() && !l.startsWith("include_check"))
                        .toList();
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
