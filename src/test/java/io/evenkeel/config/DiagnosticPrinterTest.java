package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Position;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiagnosticPrinterTest {

    private static Diagnostic at(int column, int length, String line) {
        return new Diagnostic(
                Severity.ERROR,
                Optional.of(new Position("lb.conf", 3, column)),
                length,
                line,
                "unknown keyword 'x'",
                Optional.empty(),
                List.of());
    }

    @Test
    void aProblemHasPlaceLineCaretSuggestionAndIncludeChain() {
        Diagnostic diagnostic = new Diagnostic(
                Severity.ERROR,
                Optional.of(new Position("conf.d/a.conf", 12, 5)),
                7,
                "    lb_aglo rr",
                "unknown keyword 'lb_aglo'",
                Optional.of("did you mean 'lb_algo'?"),
                List.of(new Position("conf.d/all.conf", 1, 1), new Position("main.conf", 2, 1)));
        assertThat(DiagnosticPrinter.print(diagnostic)).isEqualTo("""
                        conf.d/a.conf:12:5: error: unknown keyword 'lb_aglo'
                         12 |     lb_aglo rr
                            |     ^~~~~~~
                             = did you mean 'lb_algo'?
                             included from conf.d/all.conf:1:1
                             included from main.conf:2:1
                        """);
    }

    @Test
    void aProblemOfAWholeFileHasNoLine() {
        Diagnostic diagnostic = Diagnostic.at(Severity.WARNING, Optional.empty(), "cannot read 'x'", "create it");
        assertThat(DiagnosticPrinter.print(diagnostic)).isEqualTo("warning: cannot read 'x'\n    = create it\n");
    }

    @Test
    void tabsBecomeBlanksInLineAndCaretAlike() {
        assertThat(DiagnosticPrinter.print(at(5, 2, "\ta\t\tbc d")))
                .endsWith(" 3 |         a               bc d\n   |                         ^~\n");
    }

    @Test
    void wideAndCombiningCharactersAreCountedInCells() {
        assertThat(DiagnosticPrinter.print(at(3, 1, "日本e\u0301x"))).endsWith(" 3 | 日本e\u0301x\n   |     ^\n");
        assertThat(DiagnosticPrinter.print(at(5, 1, "日本e\u0301x"))).endsWith("   |      ^\n");
        assertThat(DiagnosticPrinter.print(at(2, 1, "😀x"))).endsWith("   |   ^\n");
    }

    @Test
    void whatATerminalWouldObeyIsMadeVisible() {
        String printed = DiagnosticPrinter.print(at(1, 3, "a\u001b[31m\u0007\u0000\udc80"));
        assertThat(printed).contains("a␛[31m␇␀\ufffd").doesNotContain("\u001b");
    }

    @Test
    void aLineOfAMegabyteIsCutAroundThePlace() {
        String line = "a".repeat(500_000) + "HERE" + "b".repeat(500_000);
        String printed = DiagnosticPrinter.print(at(500_001, 4, line));
        List<String> lines = printed.lines().toList();
        assertThat(printed.length()).isLessThan(400);
        assertThat(lines.get(1)).startsWith(" 3 | …aaa").endsWith("bbb…").contains("aHEREb");
        assertThat(lines.get(2).indexOf('^')).isEqualTo(lines.get(1).indexOf("HERE"));
        assertThat(lines.get(2)).endsWith("^~~~");
    }

    @Test
    void theEndOfAShortLineIsNotCut() {
        String line = "x".repeat(DiagnosticPrinter.MAX_SHOWN);
        assertThat(DiagnosticPrinter.print(at(DiagnosticPrinter.MAX_SHOWN, 1, line)))
                .doesNotContain("…");
    }

    @Test
    void aColumnBehindTheLineIsShownAtItsEnd() {
        assertThat(DiagnosticPrinter.print(at(99, 9, "abc"))).endsWith("   |    ^\n");
    }

    @Test
    void theFirstLineIsOneLine() {
        Diagnostic diagnostic = Diagnostic.at(Severity.ERROR, Optional.empty(), "a\nb\u001b", "");
        assertThat(DiagnosticPrinter.firstLine(diagnostic)).isEqualTo("error: a␊b␛");
    }
}
