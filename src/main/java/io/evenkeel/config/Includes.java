package io.evenkeel.config;

import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Position;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.PatternSyntaxException;

/**
 * Follows {@code include} and its strict variants, within bounds and never in a circle. A plain file name must exist;
 * what only a wildcard or one branch of a brace could have meant may be missing unless a strict variant says otherwise.
 * One thread, one reading.
 */
final class Includes {

    /** A file in a file in a file. */
    static final int MAX_DEPTH = 16;

    /** Files of one reading. */
    static final int MAX_FILES = 4_096;

    /** What must hold of an include. */
    enum Check {
        /** A pattern must match something. */
        MATCH,
        /** Also one with a wildcard. */
        WILDCARD_MATCH,
        /** Every branch of a brace must match. */
        BRACE_MATCH
    }

    /** @param end after the word */
    record Directive(Set<Check> checks, int end) {

        static Optional<Directive> of(String text, int start) {
            int end = start;
            while (end < text.length() && !Lexer.isBlank(text.charAt(end))) end++;
            int after = end;
            return checks(text.substring(start, end)).map(checks -> new Directive(checks, after));
        }

        private static Optional<Set<Check>> checks(String word) {
            return switch (word) {
                case "include", "includer" -> Optional.of(EnumSet.noneOf(Check.class));
                case "includem" -> Optional.of(EnumSet.of(Check.MATCH));
                case "includew" -> Optional.of(EnumSet.of(Check.MATCH, Check.WILDCARD_MATCH));
                case "includeb" -> Optional.of(EnumSet.of(Check.MATCH, Check.BRACE_MATCH));
                case "includea" -> Optional.of(EnumSet.allOf(Check.class));
                default -> Optional.empty();
            };
        }
    }

    private record Open(SourceFile file, Path real) {}

    private final Problems problems;
    private final Consumer<SourceFile> reader;
    private final Deque<Open> open = new ArrayDeque<>();
    private final Set<Check> always = EnumSet.noneOf(Check.class);
    private int files;

    Includes(Problems problems, Consumer<SourceFile> reader) {
        this.problems = problems;
        this.reader = reader;
    }

    void enterRoot(SourceFile root) {
        enter(root, realPath(Path.of(root.name())));
    }

    /** Remembers {@code include_check}; never takes the line, which the binder sees too. */
    boolean noteCheck(String line) {
        if (!line.startsWith("include_check")) return false;
        List<String> words = List.of(line.split("\\s+"));
        if (!words.getFirst().equals("include_check")) return false;
        if (words.size() == 1) always.addAll(EnumSet.allOf(Check.class));
        if (words.contains("match")) always.add(Check.MATCH);
        if (words.contains("wildcard_match")) always.add(Check.WILDCARD_MATCH);
        if (words.contains("brace_match")) always.add(Check.BRACE_MATCH);
        return false;
    }

    /** @param at the whole include statement */
    void include(Directive directive, Place at, String written) {
        String pattern = unquoted(written);
        if (pattern.isEmpty()) {
            error(at, "an include needs a file name", "");
            return;
        }
        List<IncludePattern.Alternative> alternatives;
        try {
            alternatives = IncludePattern.resolve(pattern, at.file().directory());
        } catch (InvalidPathException | PatternSyntaxException e) {
            error(at, "'" + pattern + "' cannot be a file name", "");
            return;
        }
        reportMissing(directive, at, pattern, alternatives);
        for (IncludePattern.Alternative alternative : alternatives) {
            for (Path match : alternative.matches()) enterIncluded(at, match, alternatives);
        }
    }

    private void reportMissing(
            Directive directive, Place at, String pattern, List<IncludePattern.Alternative> alternatives) {
        Set<Check> checks = EnumSet.copyOf(always);
        checks.addAll(directive.checks());
        boolean none = alternatives.stream().allMatch(a -> a.matches().isEmpty());
        boolean wildcard = alternatives.stream().anyMatch(IncludePattern.Alternative::wildcard);
        if (alternatives.isEmpty()) {
            error(at, "more than " + IncludePattern.MAX_ALTERNATIVES + " alternatives in one include", "");
        } else if (none && wildcard && checks.contains(Check.WILDCARD_MATCH)) {
            error(at, "no file matches '" + pattern + "'", "");
        } else if (checks.contains(Check.BRACE_MATCH)) {
            for (IncludePattern.Alternative branch : alternatives) {
                if (!branch.matches().isEmpty() || (none && wildcard && alternatives.size() == 1)) continue;
                error(at, "no file matches the branch '" + branch.text() + "'", "");
                return;
            }
        }
    }

    private void enterIncluded(Place at, Path match, List<IncludePattern.Alternative> alternatives) {
        String name = displayed(at.file(), match);
        Path real = realPath(match);
        if (open.stream().anyMatch(o -> o.real().equals(real))) {
            error(at, "'" + name + "' includes itself", "take this include away");
            return;
        }
        if (open.size() > MAX_DEPTH || ++files > MAX_FILES) {
            String bound = open.size() > MAX_DEPTH ? "deeper than " + MAX_DEPTH : "more than " + MAX_FILES + " files";
            error(at, "includes go " + bound, "");
            return;
        }
        boolean chosen = alternatives.size() == 1 && !alternatives.getFirst().wildcard();
        switch (FileContent.ofIncluded(match)) {
            case FileContent.Unreadable unreadable -> {
                String message = (chosen ? "cannot read " : "skipped ") + "'" + name + "': " + unreadable.why();
                problems.report(chosen ? Severity.ERROR : Severity.WARNING, at, message, unreadable.remedy());
            }
            case FileContent.Content content -> {
                List<Position> chain = new ArrayList<>();
                chain.add(at.position());
                chain.addAll(at.file().includedFrom());
                Path directory = directoryOf(match);
                enter(SourceFile.of(name, directory, content.text(), chain), real);
            }
        }
    }

    private void enter(SourceFile file, Path real) {
        problems.opened(file);
        open.push(new Open(file, real));
        reader.accept(file);
        open.pop();
    }

    private void error(Place at, String message, String suggestion) {
        problems.report(Severity.ERROR, at, message, suggestion);
    }

    /** As the user would type it: next to how the including file was named. */
    private static String displayed(SourceFile including, Path match) {
        Path parent = Path.of(including.name()).getParent();
        if (!match.startsWith(including.directory())) return match.toString();
        Path relative = including.directory().relativize(match);
        return parent == null ? relative.toString() : parent.resolve(relative).toString();
    }

    static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    private static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize(); // reading it will say what is wrong
        }
    }

    private static String unquoted(String path) {
        boolean quoted = path.length() >= 2 && path.startsWith("\"") && path.endsWith("\"");
        return quoted ? path.substring(1, path.length() - 1) : path;
    }
}
