package io.evenkeel.config;

import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects every problem of one reading: one message per place, bounded, in the order of the text. One thread: the one
 * that loads.
 */
final class Problems {

    /** More than this says nothing more; the rest is counted in a last one. */
    static final int MAX_DIAGNOSTICS = 1_000;

    private record Entry(int file, Diagnostic diagnostic) {}

    private record Line(SourceFile file, int number) {}

    private record Said(Place place, String message) {}

    /** Part of a line that was called wrong, and in which phase. */
    private record Wrong(int from, int to, int phase) {
        boolean overlaps(Place place) {
            return from < place.column() + Math.max(1, place.length()) && place.column() < to;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Map<SourceFile, Integer> fileOrder = new HashMap<>();
    private final Map<Line, List<Wrong>> wrong = new HashMap<>();
    private final Set<Said> said = new HashSet<>();
    private int phase;
    private int leftOut;

    /**
     * From here on the text is looked at in another way: what was called wrong before is not called wrong again for a
     * consequence of it.
     */
    void nextPhase() {
        phase++;
    }

    void error(Token token, String message, String suggestion) {
        report(Severity.ERROR, token.line().locate(token.from(), token.to()), message, suggestion);
    }

    void warning(Token token, String message, String suggestion) {
        report(Severity.WARNING, token.line().locate(token.from(), token.to()), message, suggestion);
    }

    void notice(Token token, String message, String suggestion) {
        report(Severity.NOTICE, token.line().locate(token.from(), token.to()), message, suggestion);
    }

    /** @param suggestion empty for none */
    void report(Severity severity, Text.Located located, String message, String suggestion) {
        Place place = located.place();
        // Beyond the bound nothing is kept, so that a file of errors does not fill the memory.
        if (entries.size() >= MAX_DIAGNOSTICS) {
            if (!said.contains(new Said(place, message)) && !isConsequence(place)) leftOut++;
            return;
        }
        // A definition or a sequence may bring the same problem to many lines: it is one problem.
        if (!said.add(new Said(place, message)) || isConsequence(place)) return;
        Place usedAt = located.usedAt();
        String where = usedAt == null || usedAt.sameLine(place) ? "" : ", used at " + usedAt.position();
        if (severity == Severity.ERROR) {
            wrong.computeIfAbsent(new Line(place.file(), place.line()), l -> new ArrayList<>())
                    .add(new Wrong(place.column(), place.column() + Math.max(1, place.length()), phase));
        }
        add(severity, place, message + where, suggestion);
    }

    void report(Severity severity, Place place, String message, String suggestion) {
        report(severity, new Text.Located(place, null), message, suggestion);
    }

    /** Some were not kept: reading on brings nothing but more of them. The last problem is an error, then. */
    boolean overflowed() {
        return leftOut > 0;
    }

    private boolean isConsequence(Place place) {
        return wrong.getOrDefault(new Line(place.file(), place.line()), List.of()).stream()
                .anyMatch(w -> w.phase() < phase && w.overlaps(place));
    }

    private void add(Severity severity, Place place, String message, String suggestion) {
        int order = fileOrder.computeIfAbsent(place.file(), f -> fileOrder.size());
        add(
                order,
                new Diagnostic(
                        severity,
                        Optional.of(place.position()),
                        place.underline(),
                        place.sourceLine(),
                        message,
                        suggestion.isEmpty() ? Optional.empty() : Optional.of(suggestion),
                        place.file().includedFrom()));
    }

    /** A problem of a file as a whole. */
    void ofFile(Severity severity, String message, String suggestion, List<Position> includedFrom) {
        Optional<String> remedy = suggestion.isEmpty() ? Optional.empty() : Optional.of(suggestion);
        add(0, new Diagnostic(severity, Optional.empty(), 1, "", message, remedy, includedFrom));
    }

    /** Files are ordered as they were opened. */
    void opened(SourceFile file) {
        fileOrder.putIfAbsent(file, fileOrder.size());
    }

    /** Names of the files, as they were opened. */
    List<String> files() {
        return fileOrder.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(entry -> entry.getKey().name())
                .toList();
    }

    List<Diagnostic> inOrder() {
        List<Diagnostic> all = new ArrayList<>(entries.stream()
                .sorted(Comparator.comparingInt(Entry::file)
                        .thenComparing(e -> e.diagnostic().position().orElse(null), Problems::compare))
                .map(Entry::diagnostic)
                .toList());
        if (leftOut > 0) {
            String message = leftOut + " more problems are not shown";
            all.add(Diagnostic.at(Severity.ERROR, Optional.empty(), message, "mend the first ones first"));
        }
        return List.copyOf(all);
    }

    private void add(int file, Diagnostic diagnostic) {
        if (entries.size() < MAX_DIAGNOSTICS) {
            entries.add(new Entry(file, diagnostic));
        } else {
            leftOut++;
        }
    }

    private static int compare(@Nullable Position a, @Nullable Position b) {
        if (a == null || b == null) return Boolean.compare(a != null, b != null);
        int byLine = Integer.compare(a.line(), b.line());
        return byLine != 0 ? byLine : Integer.compare(a.column(), b.column());
    }
}
