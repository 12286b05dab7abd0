package io.evenkeel.health;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the file of a program the way a shell would: as written if it holds a slash, else along PATH. Any thread. */
final class ProgramFile {
    private ProgramFile() {}

    /**
     * @param file what to execute, or empty
     * @param why not, for a person; empty if there is a file
     */
    record Found(Optional<Path> file, String why) {}

    /** @param searchPath directories separated by colons */
    static Found find(String name, String searchPath) {
        try {
            if (name.indexOf('/') >= 0) return judge(Path.of(name), name);
            Found best = new Found(Optional.empty(), name + ": not found in PATH");
            for (String directory : searchPath.split(":")) {
                if (directory.isEmpty()) continue; // a shell takes it as the present directory, which is nobody's wish
                Path candidate = Path.of(directory, name);
                if (!Files.exists(candidate)) continue;
                Found found = judge(candidate, candidate.toString());
                if (found.file().isPresent()) return found;
                best = found;
            }
            return best;
        } catch (InvalidPathException zeroCharacter) {
            return new Found(Optional.empty(), "not a file name: " + zeroCharacter.getReason());
        }
    }

    private static Found judge(Path file, String shown) {
        if (!Files.exists(file)) return new Found(Optional.empty(), shown + ": not found");
        if (Files.isDirectory(file)) return new Found(Optional.empty(), shown + ": is a directory");
        if (!Files.isExecutable(file)) return new Found(Optional.empty(), shown + ": not executable");
        return new Found(Optional.of(file), "");
    }
}
