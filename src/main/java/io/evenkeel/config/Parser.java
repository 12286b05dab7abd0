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
 * line. A keyword that only begins a block of the file's top level also ends every block that was left open before it,
 * so that one forgotten brace costs one message. One thread, one parse.
 */
final class Parser {

    /** Blocks in blocks. keepalived's deepest is 4. */
    static final int MAX_DEPTH = 32;

    private static final class Frame {
        final @Nullable Token open;
        final List<Token> head;
        final List<Statement> statements = new ArrayList<>();

        Frame(List<Token> head, @Nullable Token open) {
            this.head = head;
            this.open = open;
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
        frames.push(new Frame(List.of(), null));
    }

    SyntaxTree tree() {
        for (Token token : tokens) accept(token);
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
        if (words.isEmpty() && frames.size() > 1 && RootKeyword.opensOnlyAtTop(token.value())) closeAllBefore(token);
        words.add(token);
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
        frames.push(new Frame(head, token));
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

    private void closeAllBefore(Token token) {
        String where = " before the '" + token.value() + "' of " + token.place().position();
        while (frames.size() > 1) {
            reportUnclosed(frames.getFirst(), where);
            close(Optional.empty());
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
