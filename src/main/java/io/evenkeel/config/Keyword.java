package io.evenkeel.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A word that begins a statement: every one of keepalived's, and ours. One enum for each region of the file, so that a
 * binder switches over its region and a new keyword does not compile until somebody says what becomes of it. The page
 * {@code docs/configuration.md} is made of these. Immutable; any thread.
 */
sealed interface Keyword
        permits RootKeyword, GlobalKeyword, ServiceKeyword, ServerKeyword, CheckKeyword, VrrpKeyword, DeviceKeyword {

    /**
     * What is known of a keyword.
     *
     * @param word as written, case-sensitive
     * @param opens the kind of block it opens; null if it opens none
     * @param sentence what it says, without a full stop
     * @param scopes where it may stand
     */
    record Entry(String word, Support support, @Nullable Scope opens, String sentence, Set<Scope> scopes) {
        static Entry of(String word, Support support, @Nullable Scope opens, String sentence, Scope... scopes) {
            Set<Scope> in = Collections.unmodifiableSet(EnumSet.copyOf(List.of(scopes)));
            return new Entry(word, support, opens, sentence, in);
        }
    }

    Entry entry();

    default String word() {
        return entry().word();
    }

    default Support support() {
        return entry().support();
    }

    default String sentence() {
        return entry().sentence();
    }

    default Set<Scope> scopes() {
        return entry().scopes();
    }

    /** The kind of block it opens; empty if it opens none. */
    default Optional<Scope> opens() {
        return Optional.ofNullable(entry().opens());
    }

    /** May stand more than once in a block without one replacing the other. */
    default boolean repeats() {
        return opens().isPresent() || !support().works();
    }

    /** Every keyword, region by region in the order of the page. */
    static List<Keyword> all() {
        return Vocabulary.ALL;
    }

    /** The keyword that {@code word} is in a block of kind {@code scope}. */
    static Optional<Keyword> find(Scope scope, String word) {
        return Optional.ofNullable(words(scope).get(word));
    }

    /** The words of a block of kind {@code scope}. */
    static Map<String, Keyword> words(Scope scope) {
        return Vocabulary.BY_SCOPE.getOrDefault(scope, Map.of());
    }

    /** Built once, after the enums. */
    final class Vocabulary {
        private static final List<Keyword> ALL = list();
        private static final Map<Scope, Map<String, Keyword>> BY_SCOPE = index();

        private Vocabulary() {}

        private static List<Keyword> list() {
            List<Keyword> all = new ArrayList<>();
            all.addAll(List.of(RootKeyword.values()));
            all.addAll(List.of(GlobalKeyword.values()));
            all.addAll(List.of(ServiceKeyword.values()));
            all.addAll(List.of(ServerKeyword.values()));
            all.addAll(List.of(CheckKeyword.values()));
            all.addAll(List.of(VrrpKeyword.values()));
            all.addAll(List.of(DeviceKeyword.values()));
            return List.copyOf(all);
        }

        private static Map<Scope, Map<String, Keyword>> index() {
            Map<Scope, Map<String, Keyword>> index = new EnumMap<>(Scope.class);
            for (Keyword keyword : ALL) {
                for (Scope scope : keyword.scopes()) {
                    Keyword other = index.computeIfAbsent(scope, s -> new LinkedHashMap<>())
                            .put(keyword.word(), keyword);
                    if (other != null) throw new AssertionError(keyword.word() + " twice in " + scope);
                }
            }
            return index;
        }
    }
}
