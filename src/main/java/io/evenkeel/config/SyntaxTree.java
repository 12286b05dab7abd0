package io.evenkeel.config;

import java.util.List;
import java.util.Optional;

/**
 * What preprocessed text says, before anybody asks what it means: statements, and blocks of statements. Every character
 * is kept, blanks and comments too, so that {@link #text()} gives the text back. Immutable; any thread.
 *
 * @param tokens all of them, in the text's order
 */
record SyntaxTree(List<Statement> statements, List<Token> tokens) {

    /**
     * A keyword, its arguments, and its block if it has one.
     *
     * @param words at least one: the keyword first
     */
    record Statement(List<Token> words, Optional<Block> block) {

        Token keyword() {
            return words.getFirst();
        }

        String word() {
            return words.getFirst().value();
        }

        List<Token> arguments() {
            return words.subList(1, words.size());
        }
    }

    /**
     * What stands between braces.
     *
     * @param close empty if the text ends, or another block begins, before it
     */
    record Block(Token open, List<Statement> statements, Optional<Token> close) {}

    SyntaxTree {
        statements = List.copyOf(statements);
        tokens = List.copyOf(tokens);
    }

    static SyntaxTree parse(List<Text> lines, Problems problems) {
        return new Parser(Lexer.tokens(lines, problems), problems).tree();
    }

    /** The text it was parsed from: its lines joined with line feeds. */
    String text() {
        StringBuilder all = new StringBuilder();
        for (Token token : tokens) all.append(token.raw());
        return all.toString();
    }
}
