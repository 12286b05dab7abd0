package io.evenkeel.health;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** How evidence is written: short, one line, harmless in a terminal. Pure; any thread. */
final class Evidence {
    private Evidence() {}

    /** Longest piece of foreign text that evidence repeats. */
    static final int LONGEST_QUOTE = 80;

    /** {@code 0.42 ms}, {@code 12 ms}, {@code 1.5 s}. */
    static String duration(long nanos) {
        double millis = nanos / 1e6;
        if (millis < 10) return trimmed(String.format(Locale.ROOT, "%.2f", millis)) + " ms";
        if (millis < 1_000) return Math.round(millis) + " ms";
        return trimmed(String.format(Locale.ROOT, "%.2f", millis / 1e3)) + " s";
    }

    /** {@code 1 byte}, {@code 5 bytes}. */
    static String bytes(int count) {
        return count == 1 ? "1 byte" : count + " bytes";
    }

    /** What somebody else wrote, cut to {@value #LONGEST_QUOTE} characters, with everything unprintable as a dot. */
    static String quote(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + LONGEST_QUOTE);
        StringBuilder text =
                new StringBuilder(new String(bytes, from, Math.max(0, end - from), StandardCharsets.UTF_8));
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') text.setCharAt(i, '.');
        }
        if (to > end) text.append("...");
        return text.toString();
    }

    private static String trimmed(String number) {
        if (!number.contains(".")) return number;
        int end = number.length();
        while (number.charAt(end - 1) == '0') end--;
        if (number.charAt(end - 1) == '.') end--;
        return number.substring(0, end);
    }
}
