package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Block;
import io.evenkeel.config.SyntaxTree.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Walks the statements of one block: says what is unknown, misplaced, repeated or not built, and hands over what works.
 * One thread.
 */
final class Statements {

    /** Their defaults are enough, so that a forgotten pair of braces does not cost a realserver its check. */
    private static final Set<Keyword> COMPLETE_WITHOUT_BLOCK = Set.of(
            ServiceKeyword.REAL_SERVER, ServerKeyword.TCP_CHECK, ServerKeyword.PING_CHECK, ServerKeyword.UDP_CHECK);

    private final Problems problems;

    Statements(Problems problems) {
        this.problems = problems;
    }

    /** @param region the enum that holds every working keyword of {@code scope} */
    <K extends Keyword> void each(
            List<Statement> statements, Scope scope, Class<K> region, BiConsumer<K, Statement> working) {
        Map<Keyword, Statement> seen = new HashMap<>();
        for (Statement statement : statements) {
            Optional<Keyword> keyword = Keyword.find(scope, statement.word());
            if (keyword.isEmpty()) {
                unknown(statement, scope);
            } else if (!keyword.get().support().works()) {
                sayState(keyword.get(), statement);
            } else if (bracesFit(keyword.get(), statement)) {
                sayRepeated(keyword.get(), statement, seen.put(keyword.get(), statement));
                working.accept(region.cast(keyword.get()), statement);
            }
        }
    }

    static List<Statement> of(Statement statement) {
        return statement.block().map(Block::statements).orElse(List.of());
    }

    private void unknown(Statement statement, Scope scope) {
        Token word = statement.keyword();
        String typed = word.value();
        String near = Suggestion.didYouMean(typed, Keyword.words(scope).keySet());
        Optional<Keyword> elsewhere = Keyword.all().stream()
                .filter(k -> k.word().equals(typed) && !k.scopes().contains(Scope.FREE))
                .findFirst();
        if (elsewhere.isPresent() && near.isEmpty()) {
            boolean include = typed.startsWith("include") && elsewhere.get() instanceof RootKeyword;
            String place = elsewhere.get().scopes().iterator().next().title();
            String message = include
                    ? "'" + typed + "' must be the first word of a line"
                    : "'" + typed + "' does not stand in " + scope.title();
            problems.error(word, message, include ? "" : "it stands in " + place);
            return;
        }
        String suggestion = typed.startsWith("$") ? "nothing defines it: write " + typed + "=VALUE above" : near;
        problems.error(word, "unknown keyword " + Clip.quoted(word), Clip.of(suggestion));
    }

    private boolean bracesFit(Keyword keyword, Statement statement) {
        boolean opens = keyword.opens().isPresent();
        if (opens == statement.block().isPresent()) return true;
        Token at = opens ? statement.keyword() : statement.block().orElseThrow().open();
        String message = "'" + keyword.word() + (opens ? "' needs a block" : "' takes no block");
        problems.error(at, message, opens ? "write { … } behind it" : "take the braces away");
        return COMPLETE_WITHOUT_BLOCK.contains(keyword);
    }

    private void sayRepeated(Keyword keyword, Statement statement, @Nullable Statement before) {
        if (before == null || keyword.repeats()) return;
        String first = before.keyword().place().position().toString();
        problems.warning(
                statement.keyword(),
                "'" + keyword.word() + "' stands twice in this block, first at " + first,
                "only this one counts");
    }

    private void sayState(Keyword keyword, Statement statement) {
        Token at = statement.keyword();
        String word = "'" + keyword.word() + "'";
        switch (keyword.support()) {
            case HARMLESS -> problems.notice(at, word + " has no effect", "");
            case NOT_BUILT -> problems.warning(at, word + " is not built yet and does nothing", "");
            case NOT_BUILT_FORWARDING ->
                problems.error(at, word + " is not built yet, and it would change what is forwarded", "");
            case BUILT, EXTENSION -> {}
        }
        keyword.opens().ifPresent(scope -> onlyKnown(of(statement), scope));
    }

    /** Within what is not built only mistyped words are worth a message. */
    private void onlyKnown(List<Statement> statements, Scope scope) {
        if (scope == Scope.FREE) return;
        for (Statement statement : statements) {
            Optional<Keyword> keyword = Keyword.find(scope, statement.word());
            if (keyword.isEmpty()) {
                unknown(statement, scope);
            } else {
                keyword.get().opens().ifPresent(inner -> onlyKnown(of(statement), inner));
            }
        }
    }
}
