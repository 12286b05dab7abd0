package io.evenkeel.config;

/** Cuts what a user wrote to what fits a message. Pure; any thread. */
final class Clip {

    /** Characters of a word within a message. */
    static final int MAX = 64;

    private Clip() {}

    static String of(String text) {
        if (text.length() <= MAX) return text;
        int end = Character.isHighSurrogate(text.charAt(MAX - 2)) ? MAX - 2 : MAX - 1;
        return text.substring(0, end) + "…";
    }

    /** In quotes. */
    static String quoted(Token token) {
        return "'" + of(token.value()) + "'";
    }
}
