package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.stream.IntStream;

/** Any bytes become tokens and a tree, nothing is lost, and the same text gives the same tree. */
class LexerFuzzTest {

    @FuzzTest
    void anyBytesBecomeATreeThatGivesThemBack(byte[] bytes) {
        String text = SourceFile.decode(bytes);
        assertThat(SourceFile.encode(text)).isEqualTo(bytes);
        SourceFile file = Reading.file(text);
        String read = String.join("\n", file.lines());

        SyntaxTree tree = parse(file);
        assertThat(tree.text()).isEqualTo(read);
        assertThat(parse(Reading.file(tree.text())).text()).isEqualTo(read);
        assertThat(text.startsWith(read)).isTrue();
    }

    private static SyntaxTree parse(SourceFile file) {
        Problems problems = new Problems();
        List<Text> lines = IntStream.rangeClosed(1, file.lines().size())
                .mapToObj(n -> Text.of(file, n))
                .toList();
        SyntaxTree tree = SyntaxTree.parse(lines, problems);
        DiagnosticPrinter.print(problems.inOrder());
        return tree;
    }
}
