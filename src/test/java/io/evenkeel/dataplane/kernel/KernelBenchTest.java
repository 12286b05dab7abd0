package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bench/kernel writes tables by this room's own classes, and is no part of the build: somebody has to notice. */
class KernelBenchTest {
    @TempDir
    Path directory;

    @Test
    void theBenchStillCompilesAgainstThePlane() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (Stream<Path> files = Files.list(Path.of("bench/kernel"));
                var manager = compiler.getStandardFileManager(null, null, null)) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(sources).hasSizeGreaterThan(5);
            boolean compiled = compiler.getTask(
                            said,
                            manager,
                            null,
                            List.of("-nowarn", "-d", directory.toString(), "-cp", "target/classes"),
                            null,
                            manager.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertThat(compiled).as("%s", said).isTrue();
        }
    }
}
