package io.evenkeel.model;

/**
 * A place in a text: counted from 1, in characters.
 *
 * @param file as the user would type it
 */
public record Position(String file, int line, int column) {
    @Override
    public String toString() {
        return file + ":" + line + ":" + column;
    }
}
