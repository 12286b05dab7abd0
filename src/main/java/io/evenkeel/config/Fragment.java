package io.evenkeel.config;

import org.jspecify.annotations.Nullable;

/**
 * Consecutive characters of a line after preprocessing, and where they were written. Immutable; any thread.
 *
 * @param written in a file, character by character if {@code exact}
 * @param usedAt the outermost {@code $NAME} that brought them here; null if they stand where they were written
 * @param exact {@code text} is what stands at {@code written}; otherwise it was computed from it (a member of a sequence)
 * @param literal never a comment, quote or brace ({@code $_HASH}, {@code $_BANG})
 */
record Fragment(String text, Place written, @Nullable Place usedAt, boolean exact, boolean literal) {

    static Fragment written(String text, Place at) {
        return new Fragment(text, at, null, true, false);
    }

    Fragment slice(int from, int to) {
        if (from == 0 && to == text.length()) return this;
        Place at = exact ? new Place(written.file(), written.line(), written.column() + from, to - from) : written;
        return new Fragment(text.substring(from, to), at, usedAt, exact, literal);
    }

    /** The same characters, brought to a line by the {@code $NAME} at {@code use}. */
    Fragment usedBy(Place use) {
        return new Fragment(text, written, use, exact, literal);
    }

    /** Where a person who reads the line sees them. */
    Place visible() {
        return usedAt == null ? written : usedAt;
    }
}
