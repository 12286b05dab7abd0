package io.evenkeel.config;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One line after preprocessing: its characters, and for each the place where it was written. Immutable; any thread. */
final class Text {
    private final List<Fragment> fragments;
    private final String string;
    private final BitSet literal;

    /** @param fragments at least one */
    Text(List<Fragment> fragments) {
        this.fragments = List.copyOf(fragments);
        this.string = fragments.size() == 1 ? fragments.getFirst().text() : join(fragments);
        this.literal = literal(fragments);
    }

    /** The line {@code number} of {@code file} as written. */
    static Text of(SourceFile file, int number) {
        String line = file.lines().get(number - 1);
        return new Text(List.of(Fragment.written(line, new Place(file, number, 0, line.length()))));
    }

    /** Where characters stand: in a file, and, if a definition brought them, where it was used. */
    record Located(Place place, @Nullable Place usedAt) {}

    String string() {
        return string;
    }

    List<Fragment> fragments() {
        return fragments;
    }

    /** The character means nothing but itself. */
    boolean isLiteral(int index) {
        return literal.get(index);
    }

    Text substring(int from, int to) {
        if (from == 0 && to == string.length()) return this;
        return new Text(slices(from, to));
    }

    /**
     * Where {@code from..to} was written. Characters from one stretch of one file point there, even when a definition
     * brought them; a mixture points at what stands on the line where it is used.
     */
    Located locate(int from, int to) {
        List<Fragment> parts = slices(from, Math.max(from, to));
        if (parts.isEmpty()) {
            Place end = fragments.getLast().visible();
            return new Located(new Place(end.file(), end.line(), end.column() + end.length(), 0), null);
        }
        Fragment first = parts.getFirst();
        if (parts.size() == 1) return new Located(first.written(), first.usedAt());
        return new Located(first.visible().through(parts.getLast().visible()), null);
    }

    private static BitSet literal(List<Fragment> fragments) {
        BitSet literal = new BitSet(0);
        int start = 0;
        for (Fragment fragment : fragments) {
            int end = start + fragment.text().length();
            if (fragment.literal()) literal.set(start, end);
            start = end;
        }
        return literal;
    }

    private List<Fragment> slices(int from, int to) {
        List<Fragment> parts = new ArrayList<>();
        int start = 0;
        for (Fragment fragment : fragments) {
            int end = start + fragment.text().length();
            boolean emptyAtHome = from == to && from >= start && from <= end && parts.isEmpty();
            if ((from < end && to > start) || emptyAtHome) {
                parts.add(fragment.slice(Math.max(from, start) - start, Math.min(to, end) - start));
            }
            start = end;
        }
        return parts;
    }

    private static String join(List<Fragment> fragments) {
        StringBuilder all = new StringBuilder();
        for (Fragment fragment : fragments) all.append(fragment.text());
        return all.toString();
    }

    @Override
    public String toString() {
        return string;
    }
}
