package io.evenkeel.config;

import io.evenkeel.model.Diagnostic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads configurations that tests write in the source. */
final class Reading {

    static final Surroundings HERE = new Surroundings("here", Map.of("EK_SIZE", "7"));

    private Reading() {}

    static SourceFile file(String text) {
        return SourceFile.of("t.conf", Path.of("/nowhere"), text, List.of());
    }

    static Loaded load(String text) {
        return ConfigurationLoader.read(file(text), HERE);
    }

    /** {@code line:column severity message}, for tables. */
    static String brief(Diagnostic diagnostic) {
        String where = diagnostic
                .position()
                .map(p -> (p.file().equals("t.conf") ? "" : p.file() + ":") + p.line() + ":" + p.column() + " ")
                .orElse("");
        return where + diagnostic.severity() + " " + diagnostic.message();
    }

    static List<String> briefs(Loaded loaded) {
        return loaded.diagnostics().stream().map(Reading::brief).toList();
    }

    /** The words of every line after preprocessing, blanks single, empty lines left out. */
    static List<String> lines(String text, Problems problems) {
        return new Preprocessor(HERE, problems)
                .lines(file(text)).stream()
                        .map(Reading::words)
                        .filter(l -> !l.isEmpty())
                        .toList();
    }

    private static String words(Text line) {
        List<String> words = Lexer.tokens(List.of(line), new Problems()).stream()
                .filter(t -> t.kind() != Token.Kind.BLANK && t.kind() != Token.Kind.COMMENT)
                .map(Token::value)
                .toList();
        return String.join(" ", words);
    }
}
