package io.evenkeel.config;

import java.time.Duration;

/** Lines and blocks, indented. Mutable; one thread. */
final class BlockWriter {

    private static final String INDENT = "    ";

    private final StringBuilder text = new StringBuilder();
    private int depth;

    String text() {
        return text.toString();
    }

    void line(String line) {
        text.repeat(INDENT, depth).append(line).append('\n');
    }

    void open(String head) {
        line(head + " {");
        depth++;
    }

    void close() {
        depth--;
        line("}");
        if (depth == 0) text.append('\n');
    }

    void flag(String keyword, boolean on) {
        if (on) line(keyword);
    }

    void unless(String keyword, int value, int usual) {
        if (value != usual) line(keyword + " " + value);
    }

    void unless(String keyword, Duration value, Duration usual) {
        if (!value.equals(usual)) line(keyword + " " + Values.seconds(value));
    }

    /** {@code word} as the lexer reads it back. */
    static String word(String word) {
        boolean quotes =
                word.isEmpty() || word.chars().anyMatch(c -> Lexer.isBlank((char) c) || "\"{}".indexOf(c) >= 0);
        if (quotes) return '"' + word.replace("\"", "\\\"") + '"';
        return word.replace("#", "\\#").replace("!", "\\!");
    }
}
