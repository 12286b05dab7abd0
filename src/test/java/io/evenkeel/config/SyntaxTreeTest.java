package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Diagnostic;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SyntaxTreeTest {

    private final Problems problems = new Problems();

    static List<Arguments> shapes() {
        return List.of(
                Arguments.of("a b c", "a b c;"),
                Arguments.of("a\nb", "a; b;"),
                Arguments.of("a x {\n b\n}\nc", "a x [b;] c;"),
                Arguments.of("a { b { c d } e }", "a [b [c d;] e;]"),
                Arguments.of("a\n\n# why\n{\nb\n}", "a [b;]"),
                Arguments.of("a {\n} b {\n}", "a [] b []"),
                Arguments.of("a { b } c d", "a [b;] c d;"),
                Arguments.of("a \"{\" {\n}", "a { []"),
                Arguments.of(
                        "virtual_server 1 {\n nonsense {\n  real_server 2 {\n  b\n  }\n }\n}",
                        "virtual_server 1 [nonsense [real_server 2 [b;]]]"));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void statementsEndWithTheirLineOrAtABrace(String text, String shape) {
        assertThat(shape(tree(text).statements())).isEqualTo(shape);
        assertThat(problems.inOrder()).isEmpty();
    }

    static List<Arguments> broken() {
        return List.of(
                Arguments.of(
                        "global_defs {\n a\n",
                        "1:13 ERROR the block of 'global_defs' that opens here is not closed",
                        "global_defs [a;]"),
                Arguments.of("a\n}\nb", "2:1 ERROR this '}' closes nothing", "a; b;"),
                Arguments.of("{\n a\n}\nb", "1:1 ERROR this '{' has no keyword before it", "a; b;"),
                Arguments.of(
                        "virtual_server 1.2.3.4 5 {\n a\nglobal_defs {\n b\n}\n",
                        "1:26 ERROR the block of 'virtual_server' that opens here is not closed"
                                + " before the 'global_defs' of t.conf:3:1",
                        "virtual_server 1.2.3.4 5 [a;] global_defs [b;]"),
                Arguments.of(
                        "nonsense {\n a\nvirtual_server 3 {\n b\n}\n",
                        "1:10 ERROR the block of 'nonsense' that opens here is not closed"
                                + " before the 'virtual_server' of t.conf:3:1",
                        "nonsense [a;] virtual_server 3 [b;]"),
                Arguments.of(
                        "virtual_server 1 {\n real_server 2 {\n a\n real_server 3 {\n b\n }\n}\n",
                        "2:16 ERROR the block of 'real_server' that opens here is not closed"
                                + " before the 'real_server' of t.conf:4:2",
                        "virtual_server 1 [real_server 2 [a;] real_server 3 [b;]]"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void oneWrongBraceIsOneMessageAndTheRestIsUnderstood(String text, String brief, String shape) {
        assertThat(shape(tree(text).statements())).isEqualTo(shape);
        assertThat(problems.inOrder()).extracting(Reading::brief).containsExactly(brief);
    }

    @Test
    void aKeywordOfTheTopEndsEveryBlockThatIsOpen() {
        SyntaxTree tree = tree("virtual_server 1 {\n real_server 2 {\n a\nvirtual_server 3 {\n b\n}\n");
        assertThat(shape(tree.statements())).isEqualTo("virtual_server 1 [real_server 2 [a;]] virtual_server 3 [b;]");
        String before = " that opens here is not closed before the 'virtual_server' of t.conf:4:1";
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly(
                        "1:18 ERROR the block of 'virtual_server'" + before,
                        "2:16 ERROR the block of 'real_server'" + before);
    }

    @Test
    void depthIsBounded() {
        SyntaxTree tree = tree("a {\n".repeat(100_000) + "}\n".repeat(100_000) + "b");
        assertThat(tree.statements()).hasSize(2);
        assertThat(problems.inOrder())
                .extracting(Reading::brief)
                .containsExactly("33:3 ERROR blocks are nested deeper than 32");
    }

    @Test
    void aTextOfErrorsIsReadUntilTheirBoundAndIsAnError() {
        SyntaxTree tree = tree("virtual_server {\n".repeat(100_000));
        assertThat(tree.statements()).hasSizeLessThan(2 * Problems.MAX_DIAGNOSTICS);
        assertThat(problems.inOrder())
                .hasSize(Problems.MAX_DIAGNOSTICS + 1)
                .last()
                .satisfies(d -> {
                    assertThat(d.severity()).isEqualTo(Diagnostic.Severity.ERROR);
                    assertThat(d.message()).endsWith(" more problems are not shown");
                });
    }

    @Test
    void nothingIsLostFromAnyText() {
        long seed = 20_260_801;
        Random random = new Random(seed);
        String alphabet = "ab{}\"#!\\ \t\r\n$'é\udc80";
        for (int run = 0; run < 3_000; run++) {
            String text = random.ints(random.nextInt(60), 0, alphabet.length())
                    .mapToObj(i -> String.valueOf(alphabet.charAt(i)))
                    .collect(Collectors.joining());
            assertThat(tree(text).text()).as("seed %d run %d", seed, run).isEqualTo(text);
        }
    }

    @Test
    void bytesThatAreNoTextComeBackToo() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) i;
        assertThat(SourceFile.encode(SourceFile.decode(bytes))).isEqualTo(bytes);
        byte[] mixed = "ä€😀".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        mixed[1] = (byte) 0xff;
        assertThat(SourceFile.encode(SourceFile.decode(mixed))).isEqualTo(mixed);
    }

    private SyntaxTree tree(String text) {
        SourceFile file = Reading.file(text);
        List<Text> lines = java.util.stream.IntStream.rangeClosed(
                        1, file.lines().size())
                .mapToObj(n -> Text.of(file, n))
                .toList();
        return SyntaxTree.parse(lines, problems);
    }

    private static String shape(List<Statement> statements) {
        return statements.stream().map(SyntaxTreeTest::shape).collect(Collectors.joining(" "));
    }

    private static String shape(Statement statement) {
        String words = statement.words().stream().map(Token::value).collect(Collectors.joining(" "));
        return words
                + statement.block().map(b -> " [" + shape(b.statements()) + "]").orElse(";");
    }
}
