package io.evenkeel.model;

import java.util.List;

/**
 * Where a part of a {@link Configuration} was written, and how to show it.
 *
 * @param length characters to underline, ≥ 1
 * @param sourceLine the line as written
 * @param includedFrom the include statements that led there, innermost first
 */
public record Origin(Position position, int length, String sourceLine, List<Position> includedFrom) {
    public Origin {
        includedFrom = List.copyOf(includedFrom);
    }
}
