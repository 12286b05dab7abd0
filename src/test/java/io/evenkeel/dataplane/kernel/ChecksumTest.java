package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.Needs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program's checksum arithmetic, compiled for this machine with sanitizers. */
class ChecksumTest {
    private static final int CHECKSUMS = 65_536;
    private static final int CHANGES = 10 * 10 + 200;

    @Test
    @Needs(Capability.GCC)
    void everyChecksumAgreesWithTheSumMadeAnew(@TempDir Path directory) {
        Path program = directory.resolve("checksum_test");
        Command.run(
                "gcc",
                "-O1",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-Isrc/main/bpf",
                "-o",
                program.toString(),
                "src/test/bpf/checksum_test.c");
        Command.Outcome outcome = Command.attempt(List.of(program.toString()));
        assertThat(outcome.exit()).as(outcome.output() + outcome.errors()).isZero();
        assertThat(Long.parseLong(outcome.output().strip())).isEqualTo((long) CHECKSUMS * CHANGES);
    }
}
