package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Block;
import io.evenkeel.config.SyntaxTree.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a tree of tokens, whatever they are. A statement ends with its line or at a brace; its block may open on a later
 * line. A keyword whose block may stand further out but not here ends the blocks that were left open before it, so that
 * one forgotten brace costs one message. One thread, one parse.
 */
final class Parser {

    /** Blocks in blocks. keepalived's deepest is 4. */
    static final int MAX_DEPTH = 32;

    private static final class Frame {
        final @Nullable Token open;
        final List<Token> head;
        final Scope scope;
        final List<Statement> statements = new ArrayList<>();

        Frame(List<Token> head, @Nullable Token open, Scope scope) {
            this.head = head;
            this.open = open;
            this.scope = scope;
        }

        /** A block with this keyword may stand here. */
        boolean takesBlock(String word) {
            return Keyword.find(scope, word).flatMap(Keyword::opens).isPresent();
        }
    }

    private final List<Token> tokens;
    private final Problems problems;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private List<Token> words = new ArrayList<>();
    private List<Token> waiting = List.of(); // a finished line whose block may open on the next one
    private int tooDeep;

    Parser(List<Token> tokens, Problems problems) {
        this.tokens = tokens;
        this.problems = problems;
        frames.push(new Frame(List.of(), null, Scope.ROOT));
    }

    SyntaxTree tree() {
        for (Token token : tokens) {
            if (problems.overflowed()) break;
            accept(token);
        }
        endLine();
        flushWaiting();
        while (frames.size() > 1) {
            reportUnclosed(frames.getFirst(), "");
            close(Optional.empty());
        }
        return new SyntaxTree(frames.getFirst().statements, tokens);
    }

    private void accept(Token token) {
        switch (token.kind()) {
            case WORD -> word(token);
            case OPEN -> open(token);
            case CLOSE -> close(token);
            case NEWLINE -> endLine();
            case BLANK, COMMENT -> {}
        }
    }

    private void word(Token token) {
        if (tooDeep > 0) return;
        flushWaiting();
        if (words.isEmpty()) closeForgotten(token);
        words.add(token);
    }

    private Scope scopeOf(List<Token> head) {
        Frame around = frames.getFirst();
        if (head.isEmpty()) return around.scope;
        return Keyword.find(around.scope, head.getFirst().value())
                .flatMap(Keyword::opens)
                .orElse(Scope.FREE);
    }

    /** A keyword that begins a block which may stand further out but not here says that braces are missing. */
    private void closeForgotten(Token token) {
        String word = token.value();
        if (frames.size() == 1 || Keyword.find(frames.getFirst().scope, word).isPresent()) return;
        boolean free = frames.getFirst().scope == Scope.FREE;
        boolean further =
                free ? RootKeyword.opensOnlyAtTop(word) : frames.stream().anyMatch(f -> f.takesBlock(word));
        if (!further) return;
        String where = " before the '" + word + "' of " + token.place().position();
        while (frames.size() > 1 && !frames.getFirst().takesBlock(word)) {
            reportUnclosed(frames.getFirst(), where);
            close(Optional.empty());
        }
    }

    private void open(Token token) {
        if (tooDeep > 0) {
            tooDeep++;
            return;
        }
        List<Token> head = words.isEmpty() ? waiting : words;
        words = new ArrayList<>();
        waiting = List.of();
        if (head.isEmpty()) {
            problems.error(token, "this '{' has no keyword before it", "write the keyword, or take the brace away");
            // Its content is read as if the brace were not there; the closing one is expected all the same.
        }
        if (frames.size() > MAX_DEPTH) {
            problems.error(token, "blocks are nested deeper than " + MAX_DEPTH, "");
            tooDeep = 1;
            return;
        }
        frames.push(new Frame(head, token, scopeOf(head)));
    }

    private void close(Token token) {
        if (tooDeep > 0) {
            tooDeep--;
            return;
        }
        endLine();
        flushWaiting();
        if (frames.size() == 1) {
            problems.error(token, "this '}' closes nothing", "take it away, or look for a missing '{' above");
            return;
        }
        close(Optional.of(token));
    }

    private void close(Optional<Token> closing) {
        Frame done = frames.pop();
        Frame around = frames.getFirst();
        if (done.open == null || done.head.isEmpty()) {
            around.statements.addAll(done.statements);
        } else {
            Block block = new Block(done.open, List.copyOf(done.statements), closing);
            around.statements.add(new Statement(List.copyOf(done.head), Optional.of(block)));
        }
    }

    private void reportUnclosed(Frame frame, String where) {
        if (frame.open == null) return;
        String of = frame.head.isEmpty() ? "" : " of '" + frame.head.getFirst().value() + "'";
        problems.error(
                frame.open, "the block" + of + " that opens here is not closed" + where, "write the missing '}'");
    }

    private void endLine() {
        if (words.isEmpty()) return;
        waiting = words;
        words = new ArrayList<>();
    }

    private void flushWaiting() {
        if (waiting.isEmpty()) return;
        frames.getFirst().statements.add(new Statement(List.copyOf(waiting), Optional.empty()));
        waiting = List.of();
    }
}
