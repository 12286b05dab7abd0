package io.evenkeel.model;

import java.util.List;
import java.util.Optional;

/**
 * One problem in the user's text: a value, never an exception.
 *
 * @param position where it begins; empty for a problem of the file as a whole
 * @param length characters to underline, ≥ 1
 * @param sourceLine the line as written, empty if there is none
 * @param message one sentence without a full stop, saying what is wrong
 * @param suggestion what to write instead, if something can be said
 * @param includedFrom the include statements that led here, innermost first
 */
public record Diagnostic(
        Severity severity,
        Optional<Position> position,
        int length,
        String sourceLine,
        String message,
        Optional<String> suggestion,
        List<Position> includedFrom) {

    /** How bad. Order matters: the worst of a list decides. */
    public enum Severity {
        /** Worth knowing; changes nothing. */
        NOTICE,
        /** Usable, but not what was written or not wise. */
        WARNING,
        /** Not usable. */
        ERROR
    }

    public Diagnostic {
        includedFrom = List.copyOf(includedFrom);
    }

    /** A problem of what was written there, or of the whole if it was written nowhere. */
    public static Diagnostic at(Severity severity, Optional<Origin> origin, String message, String suggestion) {
        return new Diagnostic(
                severity,
                origin.map(Origin::position),
                origin.map(Origin::length).orElse(1),
                origin.map(Origin::sourceLine).orElse(""),
                message,
                suggestion.isEmpty() ? Optional.empty() : Optional.of(suggestion),
                origin.map(Origin::includedFrom).orElse(List.of()));
    }
}
