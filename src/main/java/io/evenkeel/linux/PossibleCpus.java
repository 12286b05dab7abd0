package io.evenkeel.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many CPUs the kernel may ever have, which is how many lanes a per-CPU map has. Any thread. */
public final class PossibleCpus {
    private static final Path LIST = Path.of("/sys/devices/system/cpu/possible");

    private PossibleCpus() {}

    private static final class Here {
        static final int COUNT = read();

        private static int read() {
            try {
                return count(Files.readString(LIST));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot tell how many CPUs there may be", e);
            }
        }
    }

    /** Of this machine, read once. */
    public static int count() {
        return Here.COUNT;
    }

    /** In a list as the kernel prints it: {@code 0-3,8,10-11}. */
    static int count(String list) {
        int count = 0;
        for (String range : list.strip().split(",")) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            count += last - first + 1;
        }
        return count;
    }
}
