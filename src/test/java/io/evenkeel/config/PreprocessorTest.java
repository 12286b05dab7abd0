package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules were tried out with keepalived 2.2.7 (keepalived -t), except where a row says otherwise. */
class PreprocessorTest {

    private final Problems problems = new Problems();

    private static Arguments row(String text, String... lines) {
        return Arguments.of(text, List.of(lines));
    }

    static List<Arguments> definitions() {
        return List.of(
                row("$A= x y \nk_$A", "k_x y"),
                row("   $A=5\nk${A}5", "k55"),
                row("$A=1\n$B=$A\n$A=2\nk $B", "k 2"),
                row("$A=2\n$B=${A}${A}\nk $B", "k 22"),
                row("$A=1\nk $A,$A", "k 1,1"),
                row("$A=a#b\nk $A", "k a"),
                row("$A=a\\#b\nk $A", "k a#b"),
                row("$A=\"a b\"\nk $A z", "k a b z"),
                row("$A=5\n\"o${A}\"", "o5"),
                row("$A=5\nk $$A", "k $5"),
                row("$A=\nk x${A}y", "k xy"),
                row("k $ZZ", "k $ZZ"),
                row("k a$", "k a$"),
                row("$A=5\n# $A ${B}", ""),
                row("$_X=3\nk$_X", "k3"),
                row("$B=\\\nweight 1 \\\n  retry 2\nk $B l", "k", "weight 1", "retry 2 l"),
                row("$B=a { \\\n b # c \\\n }\n$B", "a {", "b", "}"),
                row("$B=a \\\nb \\\n\n$B", "a", "b"),
                row("$R=$U=7\n$R\nk $U", "k 7"),
                row("$R=@here x\n$R", "x"),
                row("$R=@there x\n$R"),
                row("$R=~SEQ(n,1,2) a${n}\n$R", "a1", "a2"),
                row("k $_PWD", "k /nowhere"),
                row("k $_INSTANCE", "k here"),
                row("k ${_ENV EK_SIZE}", "k 7"),
                row("$_PWD=3\nk $_PWD", "k 3"),
                // ours: keepalived 2.2.7 puts a bare $NAME in place only before a blank or a comma
                row("$D=5\nk $D.1 $D/2 ($D) \"$D\"", "k 5.1 5/2 (5) 5"),
                // ours: keepalived 2.2.7 takes them for the beginning of a comment all the same
                row("k e${_HASH}x${_BANG}y", "k e#x!y"));
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void definitionsAreLateAndRecursive(String text, List<String> lines) {
        assertLines(text, lines);
    }

    static List<Arguments> conditionals() {
        return List.of(
                row("@here a\n@there b\nc", "a", "c"),
                row("@^here a\n@^there b", "b"),
                row("  @here\ta", "a"),
                row("@here $X=1\n@there $X=2\nk $X", "k 1"),
                row("@^there @here a", "a"),
                row("@HERE a"),
                row("@here"),
                row("x@here y", "x@here y"),
                row("@here ~SEQ(z,1,2) e$z", "e1", "e2"),
                // ours: the lines that continue a definition of another machine go with it
                row("@there $X=a \\\n b\nk", "k"),
                row("@here $X=a \\\n b\n$X", "a", "b"));
    }

    @ParameterizedTest
    @MethodSource("conditionals")
    void aLineOfAnotherMachineIsNotThere(String text, List<String> lines) {
        assertLines(text, lines);
    }

    static List<Arguments> sequences() {
        return List.of(
                row("~SEQ(x,1,3) a$x", "a1", "a2", "a3"),
                row("~SEQ(x,3) a$x", "a1", "a2", "a3"),
                row("~SEQ(x,-2) a$x", "a-1", "a-2"),
                row("~SEQ(x,3,1) a$x", "a3", "a2", "a1"),
                row("~SEQ(x,0,5,12) a$x", "a0", "a5", "a10"),
                row("~SEQ(x, 2, 2)a$x", "a2"),
                row("~SEQx(x,8,2,12) a$x", "a8", "aa", "ac"),
                row("~LST(x,p,q) a$x", "ap", "aq"),
                row("~LST({x,y},{1,2},{3,4}) a${x}${y}", "a12", "a34"),
                row("~SEQ(x,1,2) ~SEQ(y,1,2) a${x}_${y}", "a1_1", "a1_2", "a2_1", "a2_2"),
                row("$R=j$n\n~SEQ(n,1,2) $R", "j1", "j2"),
                row("$MAX=2\n~SEQ(n,1,$MAX) j$n", "j1", "j2"),
                row("pre ~SEQ(x,1,2) c", "pre ~SEQ(x,1,2) c"),
                row("~FOO(x)", "~FOO(x)"),
                // ours: keepalived refuses blanks within a value
                row("~LST(x,a b, c) g ${x}|", "g a b|", "g c|"),
                // ours: afterwards the name is what it was before
                row("$x=9\n~SEQ(x,1,2) a$x\nb$x", "a1", "a2", "b9"),
                row("~SEQ(x,1,2) a$x\nb $x", "a1", "a2", "b $x"));
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void aSequenceRepeatsTheRestOfItsLine(String text, List<String> lines) {
        assertLines(text, lines);
    }

    private void assertLines(String text, List<String> lines) {
        List<String> wanted = lines.equals(List.of("")) ? List.of() : lines;
        assertThat(Reading.lines(text, problems)).isEqualTo(wanted);
        assertThat(problems.inOrder()).isEmpty();
    }

    static List<Arguments> wrong() {
        return List.of(
                Arguments.of(
                        "k ${ZZ}",
                        "1:3 ERROR ${ZZ} is not defined",
                        "define it above with $ZZ=VALUE on a line of its own"),
                Arguments.of("$SIZE=1\nk ${SIZ}", "2:3 ERROR ${SIZ} is not defined", "did you mean ${SIZE}?"),
                Arguments.of(
                        "k ${_ENV EK_NO}",
                        "1:3 ERROR the environment has no variable 'EK_NO'",
                        "define it above with $_ENV=VALUE on a line of its own"),
                Arguments.of(
                        "k ${_RANDOM 1 6}",
                        "1:3 ERROR $_RANDOM is not built: a file has to mean the same at every reading",
                        "write the number"),
                Arguments.of("$A =5", "1:1 ERROR a definition has no blank before its '='", "write $A=VALUE"),
                Arguments.of("$1=5", "1:1 ERROR the name of a definition begins with a letter", "write $NAME=VALUE"),
                Arguments.of(
                        "$A=x$A\nk $A",
                        "2:3 ERROR $A leads back to itself, or is nested deeper than 32",
                        "define it without itself"),
                Arguments.of(
                        "$A=$B\n$B=$A\nk $A",
                        "3:3 ERROR $A leads back to itself, or is nested deeper than 32",
                        "define it without itself"),
                Arguments.of(
                        "@ x",
                        "1:1 ERROR '@' needs the name of a machine",
                        "write @NAME or @^NAME, then the line; this machine is 'here'"),
                Arguments.of(
                        "~SEQ(x) a",
                        "1:1 ERROR this is no sequence: it takes NAME, [START, [STEP,]] END",
                        "~SEQ(NAME, START, STEP, END)"),
                Arguments.of(
                        "~SEQ(x,1,0,2) a",
                        "1:1 ERROR this is no sequence: a step of 0 has no end",
                        "~SEQ(NAME, START, STEP, END)"),
                Arguments.of(
                        "~SEQ(x,3,1,1) a",
                        "1:1 ERROR this is no sequence: a step of 1 leads away from the end",
                        "~SEQ(NAME, START, STEP, END)"),
                Arguments.of(
                        "~SEQ(x,0,0.5,1) a",
                        "1:1 ERROR this is no sequence: '0.5' is not a whole number",
                        "~SEQ(NAME, START, STEP, END)"),
                Arguments.of(
                        "~SEQ(1,0,1) a",
                        "1:1 ERROR this is no sequence: '1' is not a name",
                        "~SEQ(NAME, START, STEP, END)"),
                Arguments.of(
                        "~SEQ(x,1,99999999) a",
                        "1:1 ERROR this is no sequence: more than 65536 values",
                        "~SEQ(NAME, START, STEP, END)"),
                Arguments.of(
                        "~SEQ(x,1,2 a",
                        "1:1 ERROR this is no sequence: it has no closing parenthesis",
                        "~SEQ(NAME, START, STEP, END)"),
                Arguments.of(
                        "~LST(x) a",
                        "1:1 ERROR this is no sequence: it takes NAME, VALUE, … or {NAME, …}, {VALUE, …}, …",
                        "~LST(NAME, VALUE, …)"),
                Arguments.of(
                        "~LST({x,y},{1}) a",
                        "1:1 ERROR this is no sequence: '{1}' has not as many values as there are names",
                        "~LST(NAME, VALUE, …)"),
                Arguments.of("include", "1:1 ERROR an include needs a file name", ""));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatCannotBeDoneIsSaidOnceWithItsPlace(String text, String brief, String suggestion) {
        Reading.lines(text, problems);
        assertThat(problems.inOrder()).singleElement().satisfies(d -> {
            assertThat(Reading.brief(d)).isEqualTo(brief);
            assertThat(d.suggestion().orElse("")).isEqualTo(suggestion);
        });
    }

    @Test
    void doublingDefinitionsEndWithOneError() {
        StringBuilder text = new StringBuilder("$A0=\n");
        for (int i = 1; i < 30; i++) text.append("$A%d=$A%d $A%d\n".formatted(i, i - 1, i - 1));
        Reading.lines(text + "k $A29\nafter", problems);
        assertThat(problems.inOrder())
                .singleElement()
                .satisfies(d -> assertThat(d.message()).startsWith("the definitions of this file expand to more than"));
    }

    @Test
    void sequencesOfSequencesEndWithOneError() {
        String text = "~SEQ(a,1,60000) ~SEQ(b,1,60000) ~SEQ(c,1,60000) x\n";
        assertThat(Reading.lines(text, problems)).hasSize(Preprocessor.MAX_LINES);
        assertThat(problems.inOrder())
                .singleElement()
                .satisfies(d -> assertThat(d.message()).isEqualTo("this configuration has more than 200000 lines"));
    }

    @Test
    void sequencesThatLeaveNothingBehindEndWithOneError() {
        String text = "~SEQ(X,1,1,60000) ~SEQ(Y,1,1,60000) ~SEQ(Z,1,1,60000) $A=$X\nafter";
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> assertThat(Reading.lines(text, problems)).isEmpty());
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("1:37 ERROR sequences repeat more than 400000 lines or 16 Mi characters");
    }

    @Test
    void repeatedLongLinesEndByTheirCharacters() {
        String text = "~SEQ(X,1,1,60000) k " + "x".repeat(60_000);
        assertThat(Reading.lines(text, problems)).hasSize(Preprocessor.MAX_REPEATED_CHARACTERS / 60_003);
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("1:1 ERROR sequences repeat more than 400000 lines or 16 Mi characters");
    }

    @Test
    void aDefinitionContinuedWithoutEndIsOneErrorAndTheEndOfTheReading() {
        assertThat(Reading.lines("before\n" + "$A=x\\\n".repeat(200_000) + "\nafter", problems))
                .containsExactly("before");
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("2:1 ERROR definitions are continued over more than 20000 lines");
    }

    @Test
    void expansionEndsAtTheFirstDefinitionThatLeadsBackToItself() {
        assertThat(Reading.lines("$A=y$B$B\n$B=$A$A\n$C=c$C\n$D=d\nk x$A $D $D\nl $C", problems))
                .containsExactly("k xy d d", "l c");
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly(
                        "5:4 ERROR $A leads back to itself, or is nested deeper than 32",
                        "6:3 ERROR $C leads back to itself, or is nested deeper than 32");
    }

    @Test
    void aDefinitionMayBeNestedThirtyTwoDeepAndNoDeeper() {
        StringBuilder text = new StringBuilder("$A0=x\n");
        for (int i = 1; i <= Definitions.MAX_DEPTH; i++) text.append("$A%d=$A%d\n".formatted(i, i - 1));
        assertThat(Reading.lines(text + "k $A31", problems)).containsExactly("k x");
        assertThat(problems.inOrder()).isEmpty();
        Reading.lines(text + "k $A32", problems);
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("34:3 ERROR $A0 leads back to itself, or is nested deeper than 32");
    }

    @Test
    void expansionEndsByItsCharactersToo() {
        int length = 60_000;
        String text = "$A=" + "x".repeat(length) + "\n" + "k $A\n".repeat(400);
        assertThat(Reading.lines(text, problems))
                .filteredOn(line -> line.length() > length)
                .hasSize(Definitions.MAX_EXPANDED_CHARACTERS / length + 1);
        assertThat(problems.inOrder())
                .singleElement()
                .satisfies(d -> assertThat(d.message()).startsWith("the definitions of this file expand to more than"));
    }

    @Test
    void aLineThatItsDefinitionsMakeTooLongIsLeftOutWithOneError() {
        assertThat(Reading.lines("$A=" + "x".repeat(40_000) + "\nk $A$A\nafter", problems))
                .containsExactly("after");
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("2:1 ERROR this line is 80002 characters long with its definitions put in place");
    }

    @Test
    void repeatedShortLinesEndByTheirNumber() {
        // Five repetitions leave one line behind, so that the bound of lines is not the one that is reached.
        String text = "~SEQ(x,1,60000)~SEQ(y,1,60000)" + "~SEQ(z,1,1)".repeat(4) + "k";
        assertThat(Reading.lines(text, problems))
                .hasSizeBetween(Preprocessor.MAX_REPETITIONS / 5 - 2, Preprocessor.MAX_REPETITIONS / 5);
        assertThat(problems.inOrder())
                .singleElement()
                .satisfies(d -> assertThat(d.message())
                        .isEqualTo("sequences repeat more than 400000 lines or 16 Mi characters"));
    }

    @Test
    void aListOfMoreValuesThanASequenceMayHaveIsNoSequence() {
        String text = "$V=" + "a,".repeat(30_000) + "a\n~LST(x,$V,$V,$V) k$x";
        assertThat(Reading.lines(text, problems)).isEmpty();
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("2:1 ERROR this is no sequence: more than 65536 values");
    }

    @Test
    void sequencesInSequencesAreBounded() {
        assertThat(Reading.lines("~SEQ(x,1,1)".repeat(32) + "k", problems)).containsExactly("k");
        assertThat(problems.inOrder()).isEmpty();
        assertThat(Reading.lines("~SEQ(x,1,1)".repeat(33) + "k\nafter", problems))
                .containsExactly("after");
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("1:353 ERROR this is no sequence: it is nested deeper than 32");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$R=@here ${D}R\n$R", "$R=~SEQ(n,1,1) ${D}R\n$R"})
    void aLineThatBringsItselfForthAgainEnds(String text) {
        List<String> lines = Reading.lines("$D=$\n" + text + "\nafter", problems);
        assertThat(lines).endsWith("after");
        assertThat(lines.size() + problems.inOrder().size())
                .as("it is not passed over")
                .isEqualTo(2);
    }

    @Test
    void aLineOfConditionsAloneEnds() {
        assertThat(Reading.lines("@here ".repeat(10_000) + "k\nafter", problems))
                .endsWith("after");
    }

    @Test
    void aLineOfAMegabyteIsLeftOutWithOneErrorUnlessItIsAComment() {
        String mega = "x".repeat(1 << 20);
        assertThat(Reading.lines("a\n" + mega + "\n# " + mega + "\nb", problems))
                .containsExactly("a", "b");
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("2:1 ERROR this line is 1048576 characters long; at most 65536 are read");
    }

    @Test
    void aConditionThatIsNestedTooDeepIsAnErrorAndNotSilence() {
        assertThat(Reading.lines("@^other ".repeat(32) + "k", problems)).containsExactly("k");
        assertThat(problems.inOrder()).isEmpty();
        assertThat(Reading.lines("@^other ".repeat(33) + "k", problems)).isEmpty();
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("1:257 ERROR this condition is nested deeper than 32: the line is left out");
    }

    @Test
    void aByteThatIsNoTextIsNamedOnceOutsideCommentsOnly() {
        byte[] bytes = {'#', (byte) 0xfc, '\n', 'a', ' ', (byte) 0xe9, '\n', (byte) 0xff, '\n'};
        Reading.lines(SourceFile.decode(bytes), problems);
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("2:3 ERROR the byte 0xe9 is not UTF-8");
    }

    @Test
    void whatStandsBeforeANulByteIsRead() {
        assertThat(Reading.lines("a\nb \0\0\0\nc", problems)).containsExactly("a", "b");
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("2:3 ERROR a NUL byte: this is not a text file from here on");
    }
}
