package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher itself, in a tree of its own with a JDK and a Maven that are scripts: each writes down that it was called,
 * java prints its arguments.
 */
class LauncherTest {

    private static final String NOBODY = "65534";

    @TempDir
    Path temp;

    private Path tree;
    private Path jvms;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void plantATree() throws IOException {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        tree = Files.createDirectories(temp.resolve("a tree"));
        jvms = Files.createDirectory(temp.resolve("jvms"));
        Files.copy(Path.of("evenkeel"), tree.resolve("evenkeel"));
        Files.createDirectories(tree.resolve("src/main/launcher"));
        Files.createDirectories(tree.resolve("src/main/java"));
        Files.createDirectories(tree.resolve(".mvn"));
        Files.writeString(tree.resolve("pom.xml"), "");
        for (String name : List.of("jvm", "command", "director")) {
            Files.writeString(tree.resolve("src/main/launcher/" + name + ".args"), "-D" + name + "\n");
        }
        source("A.java", "a");
        script(tree.resolve("mvnw"), """
                echo Maven talks on stdout
                echo called >> "%s"
                cat src/main/java/*.java > target/content
                grep -q broken target/content && exit 1
                mkdir -p target/lib
                cp target/content target/evenkeel.jar
                echo library > target/lib/a.jar
                """.formatted(temp.resolve("builds")));
        Files.writeString(temp.resolve("builds"), "");
        Files.setPosixFilePermissions(temp.resolve("builds"), PosixFilePermissions.fromString("rw-rw-rw-"));
        Path old = jdk(temp.resolve("old"), "17.0.1");
        jdk(jvms.resolve("some-25-jdk"), "25.0.3");
        environment.put("PATH", old.resolve("bin") + ":/usr/bin:/bin");
        environment.put("EVENKEEL_JVM_DIR", jvms.toString());
        environment.put("HOME", Files.createDirectory(temp.resolve("home")).toString());
    }

    @Test
    void findsAJdkByItsReleaseFileAndNeverStartsAWrongOne() throws IOException {
        environment.put("JAVA_HOME", jdk(temp.resolve("seventeen"), "17.0.15").toString());
        jdk(jvms.resolve("java-25-in-name-only"), "21.0.1");
        assertThat(launch("version").exits(0).out()).contains(" version").contains("some-25-jdk");
        assertThat(started(temp.resolve("seventeen"))).isFalse();
        assertThat(started(temp.resolve("old"))).isFalse();
        assertThat(started(jvms.resolve("java-25-in-name-only"))).isFalse();
    }

    @Test
    void takesAJavaHomeThatIsNewEnoughBeforeAnyOther() throws IOException {
        environment.put("JAVA_HOME", jdk(temp.resolve("mine"), "26").toString());
        assertThat(launch("version").exits(0).out()).contains("/mine/");
        assertThat(started(jvms.resolve("some-25-jdk"))).isFalse();
    }

    @Test
    void saysInOneSentenceThatThereIsNoJdk() {
        environment.put("EVENKEEL_JVM_DIR", temp.resolve("nowhere").toString());
        Ran ran = launch("version").exits(69);
        assertThat(ran.err())
                .isEqualTo("evenkeel: no JDK 25 or newer found: install one under " + temp.resolve("nowhere")
                        + ", or set EVENKEEL_JAVA_HOME to one\n");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void refusesAnEvenkeelJavaHomeThatIsTooOld() throws IOException {
        Path mine = jdk(temp.resolve("mine"), "24.0.2");
        environment.put("EVENKEEL_JAVA_HOME", mine.toString());
        Ran ran = launch("version").exits(69);
        assertThat(ran.err())
                .isEqualTo("evenkeel: EVENKEEL_JAVA_HOME=" + mine
                        + " is not a JDK 25 or newer: point it to one, or unset it\n");
        assertThat(started(mine)).isFalse();
    }

    @Test
    void runsThroughASymbolicLinkFromAnyDirectory() throws IOException {
        Path link = temp.resolve("bin link");
        Files.createSymbolicLink(link, tree.resolve("evenkeel"));
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        Ran ran = Ran.run(List.of(link.toString(), "check", "two words", ""), environment, elsewhere)
                .exits(0);
        assertThat(ran.out()).contains(tree.resolve("target").toString()).endsWith("Main check two words \n");
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void keepsStdoutForTheCommandWhileItBuilds() {
        Ran ran = launch("version").exits(0);
        assertThat(ran.out().lines()).hasSize(1).first().asString().startsWith("java ");
        assertThat(ran.err()).contains("building").contains("Maven talks");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void saysOnceWhatWasLeftOutOfTheBuild(boolean offline) throws IOException {
        if (offline) Files.createDirectories(temp.resolve("home/.m2/wrapper/dists"));
        String warning = "[WARNING] built without clang: the kernel plane is not in this build.";
        Path mvnw = tree.resolve("mvnw");
        script(mvnw, "echo '" + warning + "'\n" + Files.readString(mvnw));
        assertThat(launch("version").exits(0).err().lines().filter(warning::equals))
                .hasSize(1);
        assertThat(launch("version").exits(0).err()).isEmpty();
    }

    @Test
    void buildsOnceAndAgainWhenASourceChangesOrGoes() throws IOException {
        launch("version").exits(0);
        launch("version").exits(0);
        assertThat(builds()).isEqualTo(1);
        source("A.java", "b");
        launch("version").exits(0);
        assertThat(builds()).isEqualTo(2);
        source("B.java", "c");
        launch("version").exits(0);
        Files.delete(tree.resolve("src/main/java/B.java"));
        launch("version").exits(0);
        assertThat(builds()).isEqualTo(4);
        launch("version").exits(0);
        assertThat(builds()).isEqualTo(4);
    }

    @Test
    void severalAtOnceBuildOnce() throws IOException {
        List<Process> together = new ArrayList<>();
        for (int i = 0; i < 5; i++) together.add(start("version"));
        for (Process process : together)
            assertThat(Ran.await(process).exits(0).out()).startsWith("java ");
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aFailedBuildExitsOneAndLeavesTheProgramThatWas() throws IOException {
        launch("version").exits(0);
        Path before = Files.readSymbolicLink(tree.resolve("target/app"));
        source("A.java", "broken");
        Ran ran = launch("version").exits(1);
        assertThat(ran.err()).endsWith("evenkeel: the build failed; what Maven said stands above\n");
        assertThat(Files.readSymbolicLink(tree.resolve("target/app"))).isEqualTo(before);
        environment.put("EVENKEEL_NO_BUILD", "1");
        assertThat(launch("version").exits(0).out()).startsWith("java ");
    }

    @Test
    void neverChangesAProgramThatRunsAndKeepsTheOneBefore() throws IOException {
        launch("version").exits(0);
        Path first = tree.resolve("target").resolve(Files.readSymbolicLink(tree.resolve("target/app")));
        source("A.java", "second");
        launch("version").exits(0);
        assertThat(first.resolve("evenkeel.jar")).hasContent("a");
        source("A.java", "third");
        launch("version").exits(0);
        assertThat(first).doesNotExist();
        try (Stream<Path> left = Files.list(tree.resolve("target"))) {
            assertThat(left.filter(p -> p.getFileName().toString().matches("app-.*|new.*|link.*")))
                    .hasSize(2);
        }
    }

    @Test
    void trainsTheCacheOncePerProgramJdkAndPlace() throws IOException {
        assertThat(launch("version").exits(0).err()).contains("quick start");
        Ran second = launch("version").exits(0);
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).containsPattern("-XX:AOTCache=\\S+ ?\\S*/app-[0-9a-f]{16}/jdk-25.0.3\\+9.aot ");
        environment.put("JAVA_HOME", jdk(temp.resolve("newer"), "26").toString());
        assertThat(launch("version").exits(0).err()).contains("quick start");
        Path moved = temp.resolve("moved");
        Files.move(tree, moved);
        tree = moved;
        assertThat(launch("version").exits(0).err()).contains("quick start");
        assertThat(launch("version").exits(0).err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aCacheThatCannotBeMadeIsNoError() throws IOException {
        script(
                jvms.resolve("some-25-jdk/bin/java"),
                "case \"$*\" in *AOTCacheOutput*) exit 1 ;; esac; echo \"java $*\"");
        assertThat(launch("version").exits(0).out()).startsWith("java ").doesNotContain("AOTCache");
        assertThat(launch("version").exits(0).err()).isEmpty();
    }

    @Test
    void directorsAndCommandsHaveTheirOwnFlags() {
        assertThat(launch("run", "file").exits(0).out())
                .contains("director.args")
                .doesNotContain("command.args");
        assertThat(launch("demo").exits(0).out()).contains("director.args");
        assertThat(launch("status").exits(0).out()).contains("command.args").doesNotContain("director.args");
    }

    @Test
    @Needs({Capability.ROOT, Capability.SETPRIV})
    void anUnprivilegedUserRunsWhatRootHasBuilt() throws IOException {
        launch("version").exits(0);
        Ran ran = launchAsNobody("version").exits(0);
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out()).contains(tree.resolve("target").toString());
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    @Needs({Capability.ROOT, Capability.SETPRIV})
    void anUnprivilegedUserWithoutAHomeBuildsACopyOfATreeThatItCannotWrite() throws IOException {
        Path shared = Files.createDirectory(temp.resolve("tmp"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        environment.put("TMPDIR", shared.toString());
        Ran ran = launchAsNobody("version").exits(0);
        assertThat(ran.out())
                .contains(shared.resolve("evenkeel-cache-" + NOBODY).toString());
        assertThat(tree.resolve("target")).doesNotExist();
        assertThat(launchAsNobody("version").exits(0).err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
        source("A.java", "changed");
        launchAsNobody("version").exits(0);
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    @Needs({Capability.ROOT, Capability.SETPRIV})
    void aCacheDirectoryOfSomebodyElseIsNotTrusted() throws IOException {
        Path shared = Files.createDirectory(temp.resolve("tmp"));
        Files.createDirectory(shared.resolve("evenkeel-cache-" + NOBODY));
        environment.put("TMPDIR", shared.toString());
        Ran ran = launchAsNobody("version").exits(1);
        assertThat(ran.err())
                .isEqualTo(
                        "evenkeel: nowhere to build: set XDG_CACHE_HOME to a directory that you can write, or let the"
                                + " owner of " + tree + " run ./evenkeel once\n");
    }

    @Test
    void whatHasNeverBeenBuiltSaysSoWhenItMayNotBuild() {
        environment.put("EVENKEEL_NO_BUILD", "1");
        assertThat(launch("version").exits(1).err())
                .isEqualTo("evenkeel: " + tree + " has not been built: run it without EVENKEEL_NO_BUILD\n");
    }

    private Ran launch(String... arguments) {
        return Ran.run(command(arguments), environment, temp);
    }

    private Ran launchAsNobody(String... arguments) throws IOException {

        environment.put("HOME", "/nonexistent");
        List<String> command =
                new ArrayList<>(List.of("/usr/bin/setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"));
        command.addAll(command(arguments));
        return Ran.run(command, environment, temp);
    }

    private Process start(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(arguments)).directory(temp.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(tree.resolve("evenkeel").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private long builds() throws IOException {
        return Files.readAllLines(temp.resolve("builds")).size();
    }

    /** Writes a source that is newer than anything built, whatever the clock's grain. */
    private void source(String name, String content) throws IOException {
        Path file = tree.resolve("src/main/java").resolve(name);
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    }

    private Path jdk(Path home, String version) throws IOException {
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Nobody\"\nJAVA_RUNTIME_VERSION=\"" + version + "+9\"\nJAVA_VERSION=\"" + version + "\"");
        script(home.resolve("bin/java"), """
                touch "%s" 2>/dev/null
                for a; do case $a in -XX:AOTCacheOutput=*) echo cache > "${a#*=}"; exit ;; esac; done
                echo "java $0 $*"
                """.formatted(home.resolve("started")));
        script(home.resolve("bin/javac"), "exit 1");
        return home;
    }

    private boolean started(Path home) {
        return Files.exists(home.resolve("started"));
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
