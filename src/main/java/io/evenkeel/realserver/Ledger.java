package io.evenkeel.realserver;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that we have changed, or were about to: written down before it is done, so that what a killed process left
 * behind can be undone. Immutable.
 */
record Ledger(List<Change> changes) {
    static final Ledger EMPTY = new Ledger(List.of());
    private static final String TITLE = "evenkeel realserver 1";

    Ledger {
        changes = List.copyOf(changes);
    }

    /** The text of the ledger's file. */
    String text() {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        for (Change change : changes) text.append(change.line()).append('\n');
        return text.toString();
    }

    /** From such a text; empty if it is none, for then nothing in it may be trusted. */
    static Optional<Ledger> parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) return Optional.empty();
        List<Change> changes = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Optional<Change> change = Change.parse(line);
            if (change.isEmpty()) return Optional.empty();
            changes.add(change.get());
        }
        return Optional.of(new Ledger(changes));
    }

    Ledger and(List<? extends Change> more) {
        return new Ledger(Stream.concat(changes.stream(), more.stream()).toList());
    }

    Ledger without(List<? extends Change> less) {
        return new Ledger(changes.stream().filter(c -> !less.contains(c)).toList());
    }

    /** Whether a change of this kind and subject stands here. */
    boolean knows(Change change) {
        return changes.stream()
                .anyMatch(c -> c.getClass() == change.getClass() && c.subject().equals(change.subject()));
    }
}
