package io.evenkeel.health;

/**
 * The first line of an HTTP/1 response and where its head ends (RFC 9112 sections 2.1, 2.2 and 4). Bytes in, value out;
 * a line may end with LF alone, as RFC 9112 section 2.2 lets a recipient accept. Pure; any thread.
 */
sealed interface HttpStatusLine {

    /** Nothing wrong so far, but the line has not ended. */
    record Incomplete() implements HttpStatusLine {}

    /** No further byte can make it a status line. */
    record Malformed() implements HttpStatusLine {}

    /**
     * @param minor of the version: 0 for HTTP/1.0
     * @param code 100..999 as sent; the standard knows 100..599
     * @param end where the next line begins
     */
    record Status(int major, int minor, int code, int end) implements HttpStatusLine {}

    /** {@code HTTP/d.d ddd}: every status line begins with this many bytes. */
    int SHORTEST = 12;

    /** Reads the line that begins at {@code from} of {@code bytes[0..to)}. */
    static HttpStatusLine parse(byte[] bytes, int from, int to) {
        int known = Math.min(to - from, SHORTEST);
        for (int i = 0; i < known; i++) {
            if (!fits(i, bytes[from + i])) return new Malformed();
        }
        if (known < SHORTEST) return new Incomplete();
        int code = 100 * digit(bytes[from + 9]) + 10 * digit(bytes[from + 10]) + digit(bytes[from + 11]);
        for (int at = from + SHORTEST; at < to; at++) {
            byte b = bytes[at];
            if (b == '\n') return new Status(digit(bytes[from + 5]), digit(bytes[from + 7]), code, at + 1);
            // what follows the code is a space and a reason of any bytes, or the end of the line
            if (at == from + SHORTEST && b != ' ' && b != '\r') return new Malformed();
        }
        return new Incomplete();
    }

    /**
     * Where the body (or the next head, after an interim response) begins.
     *
     * @param from where a header line begins
     * @return the first byte after the empty line, or −1 if it has not come yet
     */
    static int endOfHead(byte[] bytes, int from, int to) {
        int lineStart = from;
        for (int at = from; at < to; at++) {
            if (bytes[at] != '\n') continue;
            int length = at - lineStart;
            if (length == 0 || (length == 1 && bytes[lineStart] == '\r')) return at + 1;
            lineStart = at + 1;
        }
        return -1;
    }

    private static boolean fits(int position, byte b) {
        return switch (position) {
            case 0 -> b == 'H';
            case 1, 2 -> b == 'T';
            case 3 -> b == 'P';
            case 4 -> b == '/';
            case 6 -> b == '.';
            case 8 -> b == ' ';
            case 9 -> b >= '1' && b <= '9';
            default -> b >= '0' && b <= '9';
        };
    }

    private static int digit(byte b) {
        return b - '0';
    }
}
