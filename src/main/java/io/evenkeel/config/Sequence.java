package io.evenkeel.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What {@code ~SEQ(…)}, {@code ~SEQx(…)} or {@code ~LST(…)} at the head of a line runs through. Pure; any thread.
 *
 * @param names of the variables
 * @param rows one value for each name, row by row
 * @param wrong why the text is not a sequence; empty if it is one
 */
record Sequence(List<String> names, List<List<String>> rows, String wrong) {

    /** Lines that one sequence may make. */
    static final int MAX_ROWS = 65_536;

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,9}");

    /** How long the head is that says which kind it is, parenthesis included; 0 if {@code text} at {@code i} is none. */
    static int head(String text, int i) {
        for (String head : List.of("~SEQ(", "~SEQx(", "~LST(")) {
            if (text.startsWith(head, i)) return head.length();
        }
        return 0;
    }

    /**
     * @param head as {@link #head} measured it
     * @param arguments what stands between the parentheses
     */
    static Sequence of(String head, String arguments) {
        List<String> parts = split(arguments);
        return head.equals("~LST(") ? list(parts) : numbers(parts, head.equals("~SEQx("));
    }

    private static Sequence refused(String why) {
        return new Sequence(List.of(), List.of(), why);
    }

    private static Sequence numbers(List<String> parts, boolean hexadecimal) {
        if (parts.size() < 2 || parts.size() > 4) return refused("it takes NAME, [START, [STEP,]] END");
        if (!isName(parts.getFirst())) return refused("'" + parts.getFirst() + "' is not a name");
        List<Long> given = new ArrayList<>();
        for (String part : parts.subList(1, parts.size())) {
            if (!NUMBER.matcher(part).matches()) return refused("'" + part + "' is not a whole number");
            given.add(Long.parseLong(part));
        }
        long end = given.getLast();
        long start = given.size() > 1 ? given.getFirst() : end < 0 ? -1 : 1;
        long step = given.size() > 2 ? given.get(1) : end < start ? -1 : 1;
        if (step == 0) return refused("a step of 0 has no end");
        if (start != end && start < end != step > 0) return refused("a step of " + step + " leads away from the end");
        if ((end - start) / step >= MAX_ROWS) return refused("more than " + MAX_ROWS + " values");
        List<List<String>> rows = new ArrayList<>();
        for (long value = start; step > 0 ? value <= end : value >= end; value += step) {
            rows.add(List.of(hexadecimal ? Long.toHexString(value) : Long.toString(value)));
        }
        return new Sequence(List.of(parts.getFirst()), rows, "");
    }

    private static Sequence list(List<String> parts) {
        if (parts.size() < 2) return refused("it takes NAME, VALUE, … or {NAME, …}, {VALUE, …}, …");
        List<String> names = tuple(parts.getFirst()).orElse(List.of(parts.getFirst()));
        for (String name : names) {
            if (!isName(name)) return refused("'" + name + "' is not a name");
        }
        List<List<String>> rows = new ArrayList<>();
        for (String part : parts.subList(1, parts.size())) {
            List<String> row = names.size() == 1 && tuple(parts.getFirst()).isEmpty()
                    ? List.of(part)
                    : tuple(part).orElse(List.of(part));
            if (row.size() != names.size()) {
                return refused("'" + part + "' has not as many values as there are names");
            }
            rows.add(row);
        }
        return rows.size() > MAX_ROWS ? refused("more than " + MAX_ROWS + " values") : new Sequence(names, rows, "");
    }

    private static Optional<List<String>> tuple(String part) {
        if (!part.startsWith("{") || !part.endsWith("}") || part.length() < 2) return Optional.empty();
        return Optional.of(split(part.substring(1, part.length() - 1)));
    }

    /** At the commas outside braces; blanks around a part do not count. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{') depth++;
            if (c == '}') depth--;
            if (c != ',' || depth > 0) continue;
            parts.add(text.substring(from, i).strip());
            from = i + 1;
        }
        parts.add(text.substring(from).strip());
        return parts;
    }

    private static boolean isName(String text) {
        return !text.isEmpty() && Definitions.nameEnd(text, 0) == text.length();
    }
}
