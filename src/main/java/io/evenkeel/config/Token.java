package io.evenkeel.config;

/**
 * A stretch of a line with a meaning. Immutable; any thread.
 *
 * @param from first character within the line's text
 * @param to after the last one
 * @param value of a word: without its quotes and escapes; of anything else: as written
 */
record Token(Kind kind, Text line, int from, int to, String value) {

    enum Kind {
        WORD,
        OPEN,
        CLOSE,
        BLANK,
        COMMENT,
        NEWLINE
    }

    /** As it stands in the line. */
    String raw() {
        return kind == Kind.NEWLINE ? "\n" : line.string().substring(from, to);
    }

    boolean quoted() {
        return kind == Kind.WORD && to > from && line.string().charAt(from) == '"';
    }

    Place place() {
        return line.locate(from, to).place();
    }
}
