package io.evenkeel.config;

import io.evenkeel.model.Diagnostic.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@code $NAME} definitions of one reading and their expansion, which is late: a value is looked at when it is used,
 * so a redefinition changes what was defined with it earlier. Bounded in depth, number and length. One thread.
 */
final class Definitions {

    /** A definition within a definition, so deep. */
    static final int MAX_DEPTH = 32;

    /** Uses within one reading: far above any real file, low enough that nested doubling ends within a second. */
    static final int MAX_EXPANSIONS = 200_000;

    /** Characters that expansions may add within one reading. */
    static final int MAX_EXPANDED_CHARACTERS = 16 << 20;

    /** {@code $NAME} or <code>${NAME ARGUMENTS}</code> within a text; {@code end} is after it. */
    private record Reference(String name, String arguments, boolean braced, int end) {

        /** Two with the same key have the same value. */
        String key() {
            return name + " " + arguments;
        }
    }

    private static final class Output {
        final List<Text> lines = new ArrayList<>();
        List<Fragment> current = new ArrayList<>();

        void endLine() {
            if (current.isEmpty()) return;
            lines.add(new Text(current));
            current = new ArrayList<>();
        }
    }

    private final Map<String, List<Text>> values = new HashMap<>();
    private final Surroundings surroundings;
    private final Problems problems;
    private int expansions;
    private int characters;
    private boolean exhausted;

    /** What is being put in place, outermost first, and whether that was given up. */
    private final Set<String> underWay = new LinkedHashSet<>();

    private boolean givenUp;

    Definitions(Surroundings surroundings, Problems problems) {
        this.surroundings = surroundings;
        this.problems = problems;
    }

    /** @param lines of the value, at least one */
    void define(String name, List<Text> lines) {
        values.put(name, lines);
    }

    Optional<List<Text>> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    void forget(String name) {
        values.remove(name);
    }

    /** The end of the name that begins at {@code from}; {@code from} if none does. */
    static int nameEnd(String text, int from) {
        int end = from;
        while (end < text.length() && isNamePart(text.charAt(end))) end++;
        boolean digitFirst = end > from && text.charAt(from) <= '9';
        return digitFirst ? from : end;
    }

    /** After the <code>${NAME}</code> that stands at {@code i}; 0 if none does. */
    static int undefinedBraces(Text line, int i, int end) {
        if (line.string().charAt(i) != '$') return 0;
        Reference reference = reference(line.string(), i);
        return reference != null && reference.braced() && reference.end() <= end ? reference.end() : 0;
    }

    /** {@code line} with every definition put in place, which may make it several lines. */
    List<Text> expand(Text line) {
        Output out = new Output();
        expand(line, null, 0, out);
        out.endLine();
        return out.lines;
    }

    /** Expansion stopped at a bound, which has been said. */
    boolean exhausted() {
        return exhausted;
    }

    /** Reports what a finished line still asks for. */
    void reportUndefined(Text line, int end) {
        String text = line.string();
        for (int i = text.indexOf('$'); i >= 0 && i < end; i = text.indexOf('$', i + 1)) {
            Reference reference = reference(text, i);
            if (reference == null || !reference.braced() || line.isLiteral(i)) continue;
            problems.report(
                    Severity.ERROR,
                    line.locate(i, Math.min(end, reference.end())),
                    undefined(reference),
                    remedy(reference.name()));
        }
    }

    private String remedy(String name) {
        if (name.equals("_RANDOM")) return "write the number";
        return Suggestion.among(name, values.keySet())
                .map(near -> "did you mean ${" + near + "}?")
                .orElse("define it above with $" + name + "=VALUE on a line of its own");
    }

    private static String undefined(Reference reference) {
        return switch (reference.name()) {
            case "_ENV" -> "the environment has no variable '" + reference.arguments() + "'";
            case "_RANDOM" -> "$_RANDOM is not built: a file has to mean the same at every reading";
            default -> "${" + reference.name() + "} is not defined";
        };
    }

    private void expand(Text text, @Nullable Place use, int depth, Output out) {
        String s = text.string();
        int copied = 0;
        for (int i = s.indexOf('$'); i >= 0 && !exhausted; ) {
            Reference reference = reference(s, i);
            Optional<List<Text>> value = reference == null ? Optional.empty() : lookUp(reference, text, i);
            if (reference == null || value.isEmpty()) {
                i = s.indexOf('$', i + 1);
                continue;
            }
            copy(text.substring(copied, i), use, out);
            Place at = use != null ? use : text.locate(i, reference.end()).place();
            if (use == null) givenUp = false;
            if (mayExpand(reference, at, depth)) insert(reference, value.get(), at, depth, out);
            if (givenUp && use != null) return; // otherwise two uses in each of two circles double at every step
            copied = reference.end();
            i = s.indexOf('$', copied);
        }
        copy(text.substring(copied, s.length()), use, out);
    }

    private void insert(Reference reference, List<Text> lines, Place use, int depth, Output out) {
        underWay.add(reference.key());
        for (int n = 0; n < lines.size() && !givenUp; n++) {
            if (n > 0) out.endLine();
            expand(lines.get(n), use, depth + 1, out);
        }
        underWay.remove(reference.key());
    }

    private void copy(Text part, @Nullable Place use, Output out) {
        if (part.string().isEmpty()) return;
        if (use != null) characters += part.string().length();
        for (Fragment fragment : part.fragments()) out.current.add(use == null ? fragment : fragment.usedBy(use));
    }

    private boolean mayExpand(Reference reference, Place at, int depth) {
        if (depth >= MAX_DEPTH || underWay.contains(reference.key())) {
            givenUp = true;
            String message = "$" + reference.name() + " leads back to itself, or is nested deeper than " + MAX_DEPTH;
            problems.report(Severity.ERROR, at, message, "define it without itself");
            return false;
        }
        if (++expansions <= MAX_EXPANSIONS && characters <= MAX_EXPANDED_CHARACTERS) return true;
        exhausted = true;
        String message = "the definitions of this file expand to more than " + MAX_EXPANSIONS + " uses or "
                + (MAX_EXPANDED_CHARACTERS >> 20) + " Mi characters";
        problems.report(Severity.ERROR, at, message, "expansion stops here");
        return false;
    }

    /** keepalived's predefined names may be redefined, as there. */
    private Optional<List<Text>> lookUp(Reference reference, Text text, int at) {
        List<Text> own = values.get(reference.name());
        if (own != null) return Optional.of(own);
        Place place = text.locate(at, reference.end()).place();
        return switch (reference.name()) {
            case "_PWD" ->
                computed(place.file().directory().toAbsolutePath().normalize().toString(), place);
            case "_INSTANCE" -> computed(surroundings.configId(), place);
            case "_HASH" -> computed("#", place);
            case "_BANG" -> computed("!", place);
            case "_ENV" -> {
                String value = surroundings.environment().get(reference.arguments());
                yield value == null ? Optional.empty() : computed(value, place);
            }
            default -> Optional.empty();
        };
    }

    private static Optional<List<Text>> computed(String value, Place place) {
        String oneLine = value.replace('\n', ' ').replace('\0', ' ');
        return Optional.of(List.of(new Text(List.of(new Fragment(oneLine, place, null, false, true)))));
    }

    private static @Nullable Reference reference(String text, int dollar) {
        int from = dollar + 1;
        boolean braced = from < text.length() && text.charAt(from) == '{';
        if (braced) from++;
        int end = nameEnd(text, from);
        if (end == from) return null;
        String name = text.substring(from, end);
        if (!braced) return new Reference(name, "", false, end);
        int close = text.indexOf('}', end);
        if (close < 0) return null;
        String arguments = text.substring(end, close);
        boolean spaced = arguments.isEmpty() || arguments.charAt(0) == ' ';
        if (!spaced || !arguments.chars().allMatch(c -> c == ' ' || isNamePart((char) c))) return null;
        return new Reference(name, arguments.strip(), true, close + 1);
    }

    private static boolean isNamePart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
}
