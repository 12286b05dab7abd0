package io.evenkeel.realserver;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The kernel's settings as files (proc_sys(5)); those of networks belong to the namespace of the process. Any thread.
 *
 * @param root {@link #ROOT} but in tests
 */
record Sysctls(Path root) {
    static final Path ROOT = Path.of("/proc/sys");

    /** The only keys that we ever write. An interface may have any name without a slash. */
    static final Pattern OURS =
            Pattern.compile("net/ipv4/conf/(?!\\.\\.?/)[^/\\s]{1,15}/(arp_ignore|arp_announce|rp_filter)");

    static String key(String device, String name) {
        return "net/ipv4/conf/" + device + "/" + name;
    }

    /** Its value; empty if there is none, e.g. since the interface has gone. */
    Optional<String> read(String key) {
        try {
            return Optional.of(Files.readString(root.resolve(key)).strip());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** Empty if it is done, else why not. */
    Optional<String> write(String key, String value) {
        try {
            Files.write(
                    root.resolve(key), (value + "\n").getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
            return Optional.empty();
        } catch (NoSuchFileException | FileNotFoundException gone) {
            return Optional.of("there is no such setting");
        } catch (java.nio.file.AccessDeniedException denied) {
            return Optional.of("permission denied");
        } catch (FileSystemException refused) {
            return Optional.of(refused.getReason() == null ? "refused" : refused.getReason());
        } catch (IOException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }
}
