package io.evenkeel.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which Linux this is. Immutable; any thread.
 *
 * @param text as {@code uname -r} prints it
 */
public record KernelRelease(int major, int minor, String text) {
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\.(\\d{1,9}).*");

    /** The running kernel's. */
    public static KernelRelease current() {
        try {
            return parse(Files.readString(RELEASE).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the kernel's release", e);
        }
    }

    /** Of {@code 6.1.0-18-amd64} and the like; what has another form counts as 0.0, older than anything asked for. */
    public static KernelRelease parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) return new KernelRelease(0, 0, text);
        return new KernelRelease(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), text);
    }

    public boolean atLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }
}
