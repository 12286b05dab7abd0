package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A command as keepalived's script keywords take it: words with both kinds of quotes and C's escapes, or the whole
 * command within one pair of quotes. Never a shell. Pure; any thread.
 */
final class CommandLine {

    private CommandLine() {}

    /** The words of the command that is written behind the keyword of {@code statement}; maybe none. */
    static List<String> of(Statement statement) {
        if (statement.arguments().isEmpty()) return List.of();
        Token first = statement.arguments().getFirst();
        Token last = statement.arguments().getLast();
        return parse(first.line().string().substring(first.from(), last.to()));
    }

    static List<String> parse(String text) {
        List<String> words = words(text);
        boolean whole = words.size() == 1 && words.getFirst().chars().anyMatch(Character::isWhitespace);
        return whole ? words(words.getFirst()) : words;
    }

    /** Text that {@link #parse} turns into {@code words} again. */
    static String print(List<String> words) {
        if (words.size() == 1 && words.getFirst().chars().anyMatch(Character::isWhitespace)) {
            return quote(quote(words.getFirst()));
        }
        return String.join(" ", words.stream().map(CommandLine::quote).toList());
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && Character.isWhitespace(c)) {
                if (inWord) words.add(word.toString());
                word.setLength(0);
                inWord = false;
                continue;
            }
            inWord = true;
            if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                i = escape(text, i + 1, word);
            } else {
                word.append(c);
            }
        }
        if (inWord) words.add(word.toString());
        return words;
    }

    /** Appends what the escape at {@code i} (behind its backslash) means; answers the index of its last character. */
    private static int escape(String text, int i, StringBuilder word) {
        char c = text.charAt(i);
        int simple = "abefnrtv".indexOf(c);
        if (simple >= 0) {
            word.append("\u0007\b\u001b\f\n\r\t\u000b".charAt(simple));
            return i;
        }
        if (c == 'x') return number(text, i, i + 1, 2, 16, word);
        if (c >= '0' && c <= '7') return number(text, i, i, 3, 8, word);
        if (Character.isLetterOrDigit(c)) word.append('\\'); // no escape of C: both characters stay
        word.append(c);
        return i;
    }

    private static int number(String text, int escape, int from, int digits, int radix, StringBuilder word) {
        int end = from;
        while (end < text.length() && end < from + digits && Character.digit(text.charAt(end), radix) >= 0) end++;
        if (end == from) {
            word.append('\\').append(text.charAt(escape));
            return escape;
        }
        word.append((char) Integer.parseInt(text.substring(from, end), radix));
        return end - 1;
    }

    /** A dollar is escaped too: it would be taken for a definition. */
    private static String quote(String word) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == '$' || c == 0x7f) {
                quoted.append("\\x%02x".formatted((int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
