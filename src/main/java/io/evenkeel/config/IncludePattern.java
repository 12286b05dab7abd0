package io.evenkeel.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * The file names that an include asks for: {@code {a,b}} alternatives, then {@code * ? [...]} within one path component,
 * in the order of names. Reads directories; the thread that loads.
 */
final class IncludePattern {

    /** Alternatives that braces may make. */
    static final int MAX_ALTERNATIVES = 256;

    /** Names that one pattern may match. */
    static final int MAX_MATCHES = 4_096;

    private IncludePattern() {}

    /** One alternative: what it names. A plain name is its own match, whether or not it exists. */
    record Alternative(String text, boolean wildcard, List<Path> matches) {}

    /**
     * @param directory of the including file
     * @throws InvalidPathException if this cannot be a file name at all
     * @throws PatternSyntaxException if a wildcard is malformed
     */
    static List<Alternative> resolve(String pattern, Path directory) {
        List<Alternative> all = new ArrayList<>();
        for (String text : alternatives(pattern)) {
            boolean wildcard = isWildcard(text);
            List<Path> matches = wildcard ? glob(text, directory) : List.of(directory.resolve(text));
            all.add(new Alternative(text, wildcard, matches));
        }
        return all;
    }

    /** None if there are too many. */
    static List<String> alternatives(String pattern) {
        List<String> done = new ArrayList<>();
        Deque<String> open = new ArrayDeque<>(List.of(pattern));
        while (!open.isEmpty()) {
            if (done.size() + open.size() > MAX_ALTERNATIVES) return List.of();
            String next = open.pop();
            int start = next.indexOf('{');
            int close = start < 0 ? -1 : closing(next, start);
            if (close < 0) {
                done.add(next);
                continue;
            }
            List<String> branches = branches(next.substring(start + 1, close));
            for (String branch : branches.reversed()) {
                open.push(next.substring(0, start) + branch + next.substring(close + 1));
            }
        }
        return done;
    }

    private static int closing(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            if (text.charAt(i) == '{') depth++;
            if (text.charAt(i) == '}' && --depth == 0) return i;
        }
        return -1;
    }

    /** At the commas that stand in no brace of their own. */
    private static List<String> branches(String text) {
        List<String> branches = new ArrayList<>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{') depth++;
            if (c == '}') depth--;
            if (c != ',' || depth > 0) continue;
            branches.add(text.substring(from, i));
            from = i + 1;
        }
        branches.add(text.substring(from));
        return branches;
    }

    private static boolean isWildcard(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0 || text.indexOf('[') >= 0;
    }

    private static List<Path> glob(String text, Path directory) {
        Path pattern = Path.of(text);
        List<Path> found = List.of(pattern.isAbsolute() ? pattern.getRoot() : directory);
        for (Path component : pattern) {
            List<Path> next = new ArrayList<>();
            for (Path parent : found) next.addAll(children(parent, component.toString()));
            found = next.size() <= MAX_MATCHES ? next : next.subList(0, MAX_MATCHES);
        }
        return found;
    }

    private static List<Path> children(Path parent, String component) {
        if (!isWildcard(component)) {
            Path child = parent.resolve(component);
            return Files.exists(child) ? List.of(child) : List.of();
        }
        PathMatcher matcher = parent.getFileSystem().getPathMatcher("glob:" + component.replace("\\", "\\\\"));
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                Path name = entry.getFileName();
                boolean hidden = name.toString().startsWith(".") && !component.startsWith(".");
                if (!hidden && matcher.matches(name)) names.add(parent.resolve(name));
                if (names.size() > MAX_MATCHES) break;
            }
        } catch (IOException e) {
            return List.of(); // as glob(3): what cannot be listed matches nothing
        }
        names.sort((a, b) -> a.toString().compareTo(b.toString()));
        return names;
    }
}
