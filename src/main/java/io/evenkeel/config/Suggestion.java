package io.evenkeel.config;

import java.util.Collection;
import java.util.Optional;

/** What somebody may have meant: the nearest of the words that would have been right. Pure; any thread. */
final class Suggestion {

    /** Nobody mistypes a word this long, and the distance costs its square. */
    private static final int MAX_WORD = 64;

    private Suggestion() {}

    /** {@code did you mean 'WORD'?} for the nearest of {@code words}, else empty text. */
    static String didYouMean(String typed, Collection<String> words) {
        return among(typed, words).map(near -> "did you mean '" + near + "'?").orElse("");
    }

    /** The nearest of {@code words}, if it is near enough to be meant: a third of its letters, at most three. */
    static Optional<String> among(String typed, Collection<String> words) {
        String nearest = null;
        int best = Integer.MAX_VALUE;
        for (String word : words) {
            if (typed.length() > MAX_WORD || Math.abs(word.length() - typed.length()) > 3) continue;
            int distance = word.equalsIgnoreCase(typed) ? 0 : distance(typed, word);
            int allowed = Math.min(3, Math.max(1, Math.max(word.length(), typed.length()) / 3));
            boolean better = distance < best || (distance == best && nearest != null && word.compareTo(nearest) < 0);
            if (distance > allowed || !better) continue;
            best = distance;
            nearest = word;
        }
        return Optional.ofNullable(nearest);
    }

    /** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] now = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) last[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            now[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                now[j] = Math.min(Math.min(now[j - 1], last[j]) + 1, last[j - 1] + change);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) now[j] = Math.min(now[j], beforeLast[j - 2] + 1);
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = now;
            now = spare;
        }
        return last[b.length()];
    }
}
