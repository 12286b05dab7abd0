package io.evenkeel.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The privileges in effect (capabilities(7)), as a set of bits. Immutable; any thread.
 *
 * @param bits bit n is capability n
 */
public record Capabilities(long bits) {
    public static final int NET_ADMIN = 12;
    public static final int SYS_ADMIN = 21;
    public static final int BPF = 39;

    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String EFFECTIVE = "CapEff:";

    /** Of the calling thread. */
    public static Capabilities current() {
        try {
            return parse(Files.readString(STATUS));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read this thread's capabilities", e);
        }
    }

    /** From the text of a status file of proc(5); none if it has no such line. */
    static Capabilities parse(String status) {
        return status.lines()
                .filter(line -> line.startsWith(EFFECTIVE))
                .findFirst()
                .map(line -> new Capabilities(Long.parseUnsignedLong(
                        line.substring(EFFECTIVE.length()).strip(), 16)))
                .orElse(new Capabilities(0));
    }

    public boolean has(int capability) {
        return (bits >>> capability & 1) != 0;
    }
}
