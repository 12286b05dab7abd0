package io.evenkeel.config;

import io.evenkeel.model.Diagnostic.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns files into the lines that count: follows {@code include}, keeps {@code $NAME=VALUE} and puts the values in
 * place, drops the lines of other machines ({@code @ID}, {@code @^ID}), runs through {@code ~SEQ} and {@code ~LST}.
 * Directive lines leave nothing behind. Everything is bounded; reaching a bound is one problem. One thread, one reading.
 */
final class Preprocessor {

    /** Characters in one line, before and after expansion. keepalived stops at 1,024. */
    static final int MAX_LINE = 65_536;

    /** Lines of one reading after expansion. */
    static final int MAX_LINES = 200_000;

    /** Lines that sequences repeat within one reading, also where a repeated line leaves nothing behind. */
    static final int MAX_REPETITIONS = 2 * MAX_LINES;

    /** Characters of those lines, so that long ones end early too. */
    static final int MAX_REPEATED_CHARACTERS = 16 << 20;

    /** Lines that continue a definition, within one reading: they are kept until its end. */
    static final int MAX_CONTINUED = 20_000;

    /** A line that makes lines that make lines. */
    private static final int MAX_NESTING = 32;

    private final Problems problems;
    private final Definitions definitions;
    private final Includes includes;
    private final String configId;
    private final List<Text> out = new ArrayList<>();
    private int repetitions;
    private int repeatedCharacters;
    private int continuations;
    private boolean full;

    Preprocessor(Surroundings surroundings, Problems problems) {
        this.problems = problems;
        this.definitions = new Definitions(surroundings, problems);
        this.includes = new Includes(problems, this::read);
        this.configId = surroundings.configId();
    }

    /** The lines of {@code root} and all it includes. */
    List<Text> lines(SourceFile root) {
        includes.enterRoot(root);
        return out;
    }

    /** The lines of one file, with the multi-line definitions taken together. */
    private void read(SourceFile file) {
        reportOddBytes(file);
        int count = file.lines().size();
        boolean included = !file.includedFrom().isEmpty();
        if (included && file.lines().getLast().isEmpty()) count--;
        for (int number = 1; number <= count && !full; number++) {
            Text line = Text.of(file, number);
            if (tooLong(line)) continue;
            int last = number;
            if (continues(line.string())) {
                while (last < count
                        && startsDefinition(line)
                        && continues(file.lines().get(last - 1))) last++;
            }
            if (tooManyContinue(line, last - number)) return;
            List<Text> continued = new ArrayList<>();
            for (int more = number + 1; more <= last; more++) continued.add(Text.of(file, more));
            process(line, continued, 0);
            number = last;
        }
    }

    private boolean tooManyContinue(Text line, int more) {
        continuations += more;
        if (continuations <= MAX_CONTINUED) return false;
        stop(line.locate(0, 1).place(), "definitions are continued over more than " + MAX_CONTINUED + " lines");
        return true;
    }

    /** Nothing is read after this, and nothing more is said about a bound. */
    private void stop(Place place, String message) {
        full = true;
        problems.report(Severity.ERROR, place, message, "the rest is not read");
    }

    private boolean tooLong(Text line) {
        int length = line.string().length();
        if (length <= MAX_LINE || Lexer.commentStart(line) <= MAX_LINE) return false;
        problems.report(
                Severity.ERROR,
                line.locate(0, 1).place(),
                "this line is " + length + " characters long; at most " + MAX_LINE + " are read",
                "break it into several lines");
        return true;
    }

    private void process(Text line, List<Text> continued, int nesting) {
        if (!directive(line, continued, nesting)) emitExpanded(line, nesting);
    }

    /** True if the line was a directive and is done with. */
    private boolean directive(Text line, List<Text> continued, int nesting) {
        String text = line.string();
        int start = skipBlanks(text, 0);
        if (start == text.length() || line.isLiteral(start)) return false;
        return switch (text.charAt(start)) {
            case '@' -> conditional(line, start, continued, nesting);
            case '$' -> definition(line, start, continued);
            case '~' -> sequence(line, start, nesting);
            case 'i' -> include(line, start);
            default -> false;
        };
    }

    /** {@code @ID text} counts only for ID, {@code @^ID text} only for all others. */
    private boolean conditional(Text line, int start, List<Text> continued, int nesting) {
        String text = line.string();
        boolean negated = text.startsWith("^", start + 1);
        int from = start + (negated ? 2 : 1);
        int to = from;
        while (to < text.length() && !Lexer.isBlank(text.charAt(to))) to++;
        if (to == from) {
            problems.report(
                    Severity.ERROR,
                    line.locate(start, from),
                    "'@' needs the name of a machine",
                    "write @NAME or @^NAME, then the line; this machine is '" + configId + "'");
            return true;
        }
        boolean counts = text.substring(from, to).equals(configId) != negated;
        if (!counts) return true;
        if (nesting < MAX_NESTING) {
            process(line.substring(to, text.length()), continued, nesting + 1);
        } else {
            String message = "this condition is nested deeper than " + MAX_NESTING + ": the line is left out";
            problems.report(Severity.ERROR, line.locate(start, to), message, "write the condition once");
        }
        return true;
    }

    private boolean definition(Text line, int start, List<Text> continued) {
        String text = line.string();
        int end = Definitions.nameEnd(text, start + 1);
        if (end < text.length() && end > start + 1 && text.charAt(end) == '=') {
            List<Text> value = new ArrayList<>();
            value.add(valueLine(line, end + 1));
            for (Text more : continued) value.add(valueLine(more, 0));
            definitions.define(text.substring(start + 1, end), value);
            return true;
        }
        int equals = skipBlanks(text, end);
        boolean spaced = end > start + 1 && equals > end && text.startsWith("=", equals);
        boolean misnamed = end == start + 1 && text.matches("\\s*\\$[0-9][A-Za-z0-9_]*=.*");
        if (!spaced && !misnamed) return false;
        problems.report(
                Severity.ERROR,
                line.locate(start, spaced ? equals + 1 : start + 2),
                spaced ? "a definition has no blank before its '='" : "the name of a definition begins with a letter",
                "write " + (spaced ? text.substring(start, end) : "$NAME") + "=VALUE");
        return true;
    }

    /** Without its comment, the blanks around it and the backslash that continues it. */
    private static Text valueLine(Text line, int from) {
        String text = line.string();
        int end = Math.max(from, Lexer.commentStart(line));
        while (end > from && Lexer.isBlank(text.charAt(end - 1))) end--;
        if (end > from && text.charAt(end - 1) == '\\') end--;
        while (end > from && Lexer.isBlank(text.charAt(end - 1))) end--;
        return line.substring(Math.min(end, skipBlanks(text, from)), end);
    }

    private boolean sequence(Text line, int start, int nesting) {
        String text = line.string();
        int head = Sequence.head(text, start);
        if (head == 0) return false;
        int close = text.indexOf(')', start);
        Text arguments = close < 0 ? line : line.substring(start + head, close);
        String expanded = close < 0 ? "" : String.join(" ", strings(definitions.expand(arguments)));
        Sequence sequence = Sequence.of(text.substring(start, start + head), expanded);
        String wrong = close < 0 ? "it has no closing parenthesis" : sequence.wrong();
        if (nesting >= MAX_NESTING) wrong = "it is nested deeper than " + MAX_NESTING;
        if (!wrong.isEmpty()) {
            int to = close < 0 ? text.length() : close + 1;
            String message = "this is no sequence: " + wrong;
            String form = text.startsWith("~LST", start) ? "~LST(NAME, VALUE, …)" : "~SEQ(NAME, START, STEP, END)";
            problems.report(Severity.ERROR, line.locate(start, to), message, form);
            return true;
        }
        Place place = line.locate(start, close + 1).place();
        run(sequence, place, line.substring(close + 1, text.length()), nesting);
        return true;
    }

    private void run(Sequence sequence, Place place, Text rest, int nesting) {
        List<Optional<List<Text>>> before =
                sequence.names().stream().map(definitions::value).toList();
        for (List<String> row : sequence.rows()) {
            for (int i = 0; i < row.size(); i++) {
                Fragment value = new Fragment(row.get(i), place, null, false, false);
                definitions.define(sequence.names().get(i), List.of(new Text(List.of(value))));
            }
            if (full || tooManyRepetitions(rest, place)) break;
            process(rest, List.of(), nesting + 1);
        }
        for (int i = 0; i < before.size(); i++) {
            String name = sequence.names().get(i);
            before.get(i).ifPresentOrElse(v -> definitions.define(name, v), () -> definitions.forget(name));
        }
    }

    private boolean tooManyRepetitions(Text rest, Place place) {
        repetitions++;
        repeatedCharacters += rest.string().length();
        if (repetitions <= MAX_REPETITIONS && repeatedCharacters <= MAX_REPEATED_CHARACTERS) return false;
        String message = "sequences repeat more than " + MAX_REPETITIONS + " lines or "
                + (MAX_REPEATED_CHARACTERS >> 20) + " Mi characters";
        stop(place, message);
        return true;
    }

    private boolean include(Text line, int start) {
        Optional<Includes.Directive> directive = Includes.Directive.of(line.string(), start);
        if (directive.isEmpty()) return includes.noteCheck(line.string().strip());
        int from = skipBlanks(line.string(), directive.get().end());
        int end = Lexer.commentStart(line);
        while (end > from && Lexer.isBlank(line.string().charAt(end - 1))) end--;
        List<Text> path = definitions.expand(line.substring(Math.min(from, end), end));
        includes.include(
                directive.get(), line.locate(start, Math.max(start + 1, end)).place(), String.join(" ", strings(path)));
        return true;
    }

    private void emitExpanded(Text line, int nesting) {
        String text = line.string();
        int comment = Lexer.commentStart(line);
        int dollar = text.indexOf('$');
        if (dollar < 0 || dollar >= comment) {
            emit(line, comment);
            return;
        }
        List<Text> expanded = definitions.expand(line.substring(0, comment));
        for (Text each : expanded) {
            boolean changed = !each.string().equals(text.substring(0, comment));
            if (changed && nesting < MAX_NESTING && directive(each, List.of(), nesting + 1)) continue;
            if (!changed) each = line;
            emit(each, Lexer.commentStart(each));
        }
    }

    private void emit(Text line, int end) {
        if (full) return;
        if (end > MAX_LINE && definitions.exhausted()) return;
        if (end > MAX_LINE) {
            String message = "this line is " + end + " characters long with its definitions put in place";
            problems.report(Severity.ERROR, line.locate(0, 1), message, "at most " + MAX_LINE + " are read");
            return;
        }
        definitions.reportUndefined(line, end);
        out.add(line);
        if (out.size() < MAX_LINES) return;
        stop(line.locate(0, 1).place(), "this configuration has more than " + MAX_LINES + " lines");
    }

    /** Once a file: the first NUL, the first byte outside comments that is not UTF-8. */
    private void reportOddBytes(SourceFile file) {
        if (file.nul()) {
            Text last = Text.of(file, file.lines().size());
            int end = last.string().length();
            String message = "a NUL byte: this is not a text file from here on";
            problems.report(Severity.ERROR, last.locate(end, end), message, "what stands before it was read");
        }
        for (int number = 1; number <= file.lines().size(); number++) {
            String text = file.lines().get(number - 1);
            int bad = firstBadByte(text);
            if (bad < 0) continue;
            Text line = Text.of(file, number);
            if (bad >= Lexer.commentStart(line)) continue;
            String message = "the byte 0x%02x is not UTF-8".formatted(text.charAt(bad) & 0xff);
            problems.report(Severity.ERROR, line.locate(bad, bad + 1), message, "save the file as UTF-8");
            return;
        }
    }

    private static int firstBadByte(String text) {
        for (int i = 0; i < text.length(); i++) {
            boolean pair = i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
            if (SourceFile.isBadByte(text.charAt(i)) && !pair) return i;
        }
        return -1;
    }

    private static boolean continues(String line) {
        int end = line.length();
        while (end > 0 && Lexer.isBlank(line.charAt(end - 1))) end--;
        return end > 0 && line.charAt(end - 1) == '\\';
    }

    /** {@code $NAME=}, also behind {@code @ID}: only then do the next lines belong to it. */
    private static boolean startsDefinition(Text line) {
        String text = line.string();
        int at = skipBlanks(text, 0);
        while (at < text.length() && text.charAt(at) == '@') {
            while (at < text.length() && !Lexer.isBlank(text.charAt(at))) at++;
            at = skipBlanks(text, at);
        }
        if (at >= text.length() || text.charAt(at) != '$') return false;
        int end = Definitions.nameEnd(text, at + 1);
        return end > at + 1 && end < text.length() && text.charAt(end) == '=';
    }

    private static int skipBlanks(String text, int from) {
        int i = from;
        while (i < text.length() && Lexer.isBlank(text.charAt(i))) i++;
        return i;
    }

    private static List<String> strings(List<Text> lines) {
        return lines.stream().map(Text::string).toList();
    }
}
