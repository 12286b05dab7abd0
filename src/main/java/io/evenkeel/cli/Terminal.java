package io.evenkeel.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where a command speaks: answers to {@code out}, everything else to {@code err}, both UTF-8. Used by the command's
 * thread.
 */
record Terminal(PrintStream out, PrintStream err, Map<String, String> environment) {

    private static final int DEFAULT_COLUMNS = 100;

    static Terminal ofProcess() {
        return new Terminal(
                new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.getenv());
    }

    /** One line {@code evenkeel: …} on stderr. Control characters in what the user wrote are shown, not obeyed. */
    void error(String sentence) {
        err.print("evenkeel: " + harmless(sentence) + "\n");
        err.flush();
    }

    /** The width to write for: {@code $COLUMNS} if a shell exported it. */
    int columns(int least, int most) {
        String columns = environment.getOrDefault("COLUMNS", "");
        boolean number =
                !columns.isEmpty() && columns.length() <= 4 && columns.chars().allMatch(Character::isDigit);
        return Math.clamp(number ? Integer.parseInt(columns) : DEFAULT_COLUMNS, least, most);
    }

    static String harmless(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) safe.append(String.format("\\x%02x", c));
            else safe.appendCodePoint(c);
        });
        return safe.toString();
    }
}
