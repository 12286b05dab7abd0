package io.evenkeel.cli;

import io.evenkeel.daemon.RuntimeDirectory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --runtime-dir}, for the director and for those who ask it. */
final class RuntimeDirectoryOption {
    @Option(
            names = "--runtime-dir",
            paramLabel = "DIR",
            description =
                    "Where the director is found: its control socket and lock. Default: /run/evenkeel for root, else"
                            + " $XDG_RUNTIME_DIR/evenkeel, else /tmp/evenkeel-UID.")
    private @Nullable Path directory;

    Path locate(Map<String, String> environment) {
        return RuntimeDirectory.locate(Optional.ofNullable(directory), environment);
    }
}
