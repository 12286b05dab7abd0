package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules were tried out with keepalived 2.2.7 (keepalived -t), except where a row says otherwise. */
class LexerTest {

    private final Problems problems = new Problems();

    static List<Arguments> lines() {
        return List.of(
                Arguments.of("weight 3", List.of("weight", "3")),
                Arguments.of("\tweight\t 3 \r", List.of("weight", "3")),
                Arguments.of("a { b {", List.of("a", "{", "b", "{")),
                Arguments.of("a{b}c", List.of("a", "{", "b", "}", "c")),
                Arguments.of("a\\{b", List.of("a\\", "{", "b")),
                Arguments.of("weight 3 # comment", List.of("weight", "3")),
                Arguments.of("weight 3 ! comment { \"", List.of("weight", "3")),
                Arguments.of("pre!post", List.of("pre")),
                Arguments.of("pre#post", List.of("pre")),
                Arguments.of("a\\#b", List.of("a#b")),
                Arguments.of("a\\!b", List.of("a!b")),
                Arguments.of("a\\\\b", List.of("a\\\\b")),
                Arguments.of("\"q{q\"", List.of("q{q")),
                Arguments.of("\"x#y\" z", List.of("x#y", "z")),
                Arguments.of("mid\"a b\"c", List.of("mid", "a b", "c")),
                Arguments.of("q\"\"", List.of("q", "")),
                Arguments.of("\"\" x", List.of("", "x")),
                Arguments.of("'x y'", List.of("'x", "y'")),
                Arguments.of("foo\\", List.of("foo\\")),
                Arguments.of("$ZZ", List.of("$ZZ")),
                Arguments.of("", List.of()),
                Arguments.of("# only", List.of()),
                // ours: keepalived calls this an unmatched quote
                Arguments.of("\"a\\\"b\" c", List.of("a\"b", "c")),
                Arguments.of("\"a\\\\\" c", List.of("a\\\\", "c")),
                // ours: keepalived lets it fall apart at its braces
                Arguments.of("x${ZZ}y", List.of("x${ZZ}y")),
                Arguments.of("x${1}", List.of("x$", "{", "1", "}")),
                // ours: the mark that some editors put first
                Arguments.of("\ufeffa b", List.of("a", "b")));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void wordsAndBracesAreCutAsKeepalivedCutsThem(String line, List<String> values) {
        assertThat(Lexer.tokens(List.of(text(line)), problems).stream()
                        .filter(t -> t.kind() != Token.Kind.BLANK && t.kind() != Token.Kind.COMMENT)
                        .map(Token::value))
                .isEqualTo(values);
        assertThat(problems.inOrder()).isEmpty();
    }

    @Test
    void rawTextsTogetherAreTheLines() {
        List<Text> lines = List.of(text("a {  # x"), text(""), text("\t\"b c\" d\\#}\r"));
        StringBuilder raw = new StringBuilder();
        Lexer.tokens(lines, problems).forEach(t -> raw.append(t.raw()));
        assertThat(raw).hasToString("a {  # x\n\n\t\"b c\" d\\#}\r");
    }

    @Test
    void anOpenQuoteIsReportedWhereItOpensAndTakesTheRestOfItsLine() {
        List<Token> tokens = Lexer.tokens(List.of(text("path \"/x # y"), text("next")), problems);
        assertThat(tokens.stream().filter(t -> t.kind() == Token.Kind.WORD).map(Token::value))
                .containsExactly("path", "/x # y", "next");
        assertThat(problems.inOrder()).singleElement().satisfies(d -> {
            assertThat(Reading.brief(d)).isEqualTo("1:6 ERROR a quote is opened here and not closed on this line");
            assertThat(d.suggestion()).contains("write the closing \"");
            assertThat(d.length()).isEqualTo(7);
        });
    }

    private static Text text(String line) {
        return Text.of(Reading.file(line), 1);
    }
}
