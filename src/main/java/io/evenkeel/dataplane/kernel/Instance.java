package io.evenkeel.dataplane.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The name of one director's part of the kernel: its pins stand under it, so that several on one machine do not disturb
 * each other. Pure; any thread.
 *
 * @param name 1 to 64 letters, digits, {@code _} and {@code -}; a bpf filesystem takes no dots
 */
public record Instance(String name) {
    /** What a name looks like, for messages. */
    public static final String FORM = "1 to 64 letters, digits, '_' and '-'";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern PLAIN_PATH = Pattern.compile("(/[A-Za-z0-9-]+)+");
    private static final int LONGEST_PART_OF_PATH = 48;

    public Instance {
        if (!NAME.matcher(name).matches()) throw new IllegalArgumentException("not an instance's name: " + name);
    }

    /** Empty if it is no name. */
    public static Optional<Instance> parse(String text) {
        return NAME.matcher(text).matches() ? Optional.of(new Instance(text)) : Optional.empty();
    }

    /** The name of the director that runs in this directory unless another is given; another for each directory. */
    public static Instance of(Path runtimeDirectory) {
        String path = runtimeDirectory.toAbsolutePath().normalize().toString();
        String flat = path.replaceFirst("^/", "").replaceAll("[^A-Za-z0-9-]", "_");
        if (PLAIN_PATH.matcher(path).matches() && flat.length() <= LONGEST_PART_OF_PATH) return new Instance(flat);
        CRC32 sum = new CRC32();
        sum.update(path.getBytes(StandardCharsets.UTF_8));
        String end = flat.substring(Math.max(0, flat.length() - LONGEST_PART_OF_PATH));
        return new Instance(end + "-" + String.format("%08x", sum.getValue()));
    }
}
