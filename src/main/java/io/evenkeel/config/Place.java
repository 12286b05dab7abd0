package io.evenkeel.config;

import io.evenkeel.model.Origin;
import io.evenkeel.model.Position;

/**
 * A stretch of one line of one file. Immutable; any thread.
 *
 * @param line counted from 1
 * @param column characters (UTF-16) before it, from 0
 * @param length characters (UTF-16), ≥ 0
 */
record Place(SourceFile file, int line, int column, int length) {

    String sourceLine() {
        return file.lines().get(line - 1);
    }

    /** For a person: counted in code points from 1. */
    Position position() {
        String text = sourceLine();
        return new Position(file.name(), line, text.codePointCount(0, Math.min(column, text.length())) + 1);
    }

    /** Code points to underline, ≥ 1. */
    int underline() {
        String text = sourceLine();
        int from = Math.min(column, text.length());
        return Math.max(1, text.codePointCount(from, Math.min(from + length, text.length())));
    }

    /** The same for whoever judges the configuration afterwards. */
    Origin origin() {
        return new Origin(position(), underline(), sourceLine(), file.includedFrom());
    }

    boolean sameLine(Place other) {
        return line == other.line && file.equals(other.file);
    }

    /** From the start of this one to the end of {@code last}, which stands on the same line. */
    Place through(Place last) {
        return new Place(file, line, column, Math.max(length, last.column + last.length - column));
    }
}
