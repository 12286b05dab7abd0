package io.evenkeel.linux;

import io.evenkeel.lab.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compiles a test's own BPF program with the script that the build uses. */
public final class BpfSource {
    private BpfSource() {}

    /** @param name of a file in src/test/bpf */
    public static byte[] compile(String name, Path directory) throws IOException {
        Path object = directory.resolve(name + ".o");
        Command.run("sh", "src/main/bpf/compile", "src/test/bpf/" + name, object.toString());
        return Files.readAllBytes(object);
    }
}
