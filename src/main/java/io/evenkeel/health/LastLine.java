package io.evenkeel.health;

/** Remembers the last line with something on it of what a program wrote, and of a long line its beginning. One thread. */
final class LastLine {
    private final byte[] line = new byte[Evidence.LONGEST_QUOTE + 1];
    private int length;
    private boolean written;
    private String last = "";

    void accept(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            byte b = bytes[i];
            if (b == '\n') {
                last = text();
                length = 0;
                written = false;
            } else {
                written |= b != ' ' && b != '\t' && b != '\r';
                if (length < line.length) line[length++] = b;
            }
        }
    }

    /** At most {@link Evidence#LONGEST_QUOTE} characters and an ellipsis; empty if nothing was written. */
    String text() {
        if (!written) return last;
        int end = length;
        while (end > 0 && line[end - 1] == '\r') end--;
        return Evidence.quote(line, 0, end).strip();
    }
}
