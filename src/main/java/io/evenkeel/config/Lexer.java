package io.evenkeel.config;

import io.evenkeel.model.Diagnostic.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts lines into tokens by keepalived's rules: a brace outside quotes stands alone, {@code #} and {@code !} outside
 * quotes begin a comment even within a word unless a backslash stands before them, double quotes group and a quoted
 * part is a word of its own. Single quotes mean nothing here. Beyond keepalived, {@code \"} within quotes is a quote, and
 * {@code ${NAME}} that nothing defines does not fall apart at its braces. Pure; any thread.
 */
final class Lexer {

    private final Problems problems;
    private final List<Token> tokens = new ArrayList<>();

    private Lexer(Problems problems) {
        this.problems = problems;
    }

    /** The tokens of {@code lines}; their raw texts together are the lines joined with line feeds. */
    static List<Token> tokens(List<Text> lines, Problems problems) {
        Lexer lexer = new Lexer(problems);
        for (int i = 0; i < lines.size(); i++) {
            lexer.line(lines.get(i));
            if (i < lines.size() - 1) {
                int end = lines.get(i).string().length();
                lexer.add(Token.Kind.NEWLINE, lines.get(i), end, end);
            }
        }
        return lexer.tokens;
    }

    /** Where the comment of {@code line} begins; its length if it has none. */
    static int commentStart(Text line) {
        String text = line.string();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length() && escapes(text, i, quoted)) {
                i++;
            } else if (!line.isLiteral(i)) {
                if (c == '"') quoted = !quoted;
                if (!quoted && (c == '#' || c == '!')) return i;
            }
        }
        return text.length();
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\u000b' || c == '\ufeff';
    }

    /** The backslash at {@code i} takes the next character out of its role. */
    private static boolean escapes(String text, int i, boolean quoted) {
        char next = text.charAt(i + 1);
        return quoted ? next == '"' || next == '\\' : next == '#' || next == '!';
    }

    private void line(Text line) {
        int end = commentStart(line);
        int i = 0;
        while (i < end) i = token(line, i, end);
        if (end < line.string().length()) {
            add(Token.Kind.COMMENT, line, end, line.string().length());
        }
    }

    /** Adds the token that begins at {@code i}; answers where the next one begins. */
    private int token(Text line, int i, int end) {
        char c = line.string().charAt(i);
        if (isBlank(c)) return blank(line, i, end);
        if (!line.isLiteral(i)) {
            if (c == '"') return quoted(line, i, end);
            if (c == '{' || c == '}') {
                add(c == '{' ? Token.Kind.OPEN : Token.Kind.CLOSE, line, i, i + 1);
                return i + 1;
            }
        }
        return bare(line, i, end);
    }

    private int blank(Text line, int from, int end) {
        int to = from + 1;
        while (to < end && isBlank(line.string().charAt(to))) to++;
        add(Token.Kind.BLANK, line, from, to);
        return to;
    }

    private int quoted(Text line, int from, int end) {
        String text = line.string();
        StringBuilder value = new StringBuilder();
        for (int i = from + 1; i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' && !line.isLiteral(i)) {
                tokens.add(new Token(Token.Kind.WORD, line, from, i + 1, value.toString()));
                return i + 1;
            }
            if (c == '\\' && i + 1 < end && escapes(text, i, true)) {
                c = text.charAt(++i);
                if (c == '\\') value.append('\\'); // stays double, as keepalived leaves it
            }
            value.append(c);
        }
        problems.report(
                Severity.ERROR,
                line.locate(from, end),
                "a quote is opened here and not closed on this line",
                "write the closing \"");
        tokens.add(new Token(Token.Kind.WORD, line, from, end, value.toString()));
        return end;
    }

    private int bare(Text line, int from, int end) {
        String text = line.string();
        StringBuilder value = new StringBuilder();
        int i = from;
        while (i < end) {
            char c = text.charAt(i);
            if (isBlank(c)) break;
            int close = Definitions.undefinedBraces(line, i, end);
            if (close > 0) {
                value.append(text, i, close);
                i = close;
                continue;
            }
            if (!line.isLiteral(i) && (c == '"' || c == '{' || c == '}')) break;
            if (c == '\\' && i + 1 < end && escapes(text, i, false)) c = text.charAt(++i);
            value.append(c);
            i++;
        }
        tokens.add(new Token(Token.Kind.WORD, line, from, i, value.toString()));
        return i;
    }

    private void add(Token.Kind kind, Text line, int from, int to) {
        tokens.add(new Token(kind, line, from, to, line.string().substring(from, to)));
    }
}
