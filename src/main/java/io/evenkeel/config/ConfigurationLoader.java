package io.evenkeel.config;

import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Origins;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a {@code keepalived.conf}: files to lines to tokens to a tree to a configuration, with every problem on the way.
 * The one way into this room. Any thread; one call does not know of another.
 */
public final class ConfigurationLoader {
    private ConfigurationLoader() {}

    /** Reads {@code file} and all it includes. Never throws for what the text or the file system holds. */
    public static Loaded load(Path file) {
        return load(file, Surroundings.ofThisMachine());
    }

    static Loaded load(Path file, Surroundings surroundings) {
        return switch (FileContent.ofRoot(file)) {
            case FileContent.Unreadable unreadable -> unreadable(file, unreadable);
            case FileContent.Content content ->
                read(
                        SourceFile.of(file.toString(), Includes.directoryOf(file), content.text(), List.of()),
                        surroundings);
        };
    }

    /** The reading of a root that is in memory; its includes are looked up on disk. */
    static Loaded read(SourceFile root, Surroundings surroundings) {
        Problems problems = new Problems();
        List<Text> lines = new Preprocessor(surroundings, problems).lines(root);
        problems.nextPhase();
        SyntaxTree tree = SyntaxTree.parse(lines, problems);
        problems.nextPhase();
        Binder.Bound bound = Binder.bind(tree, problems);
        return new Loaded(bound.configuration(), bound.origins(), problems.inOrder(), problems.files(), false);
    }

    private static Loaded unreadable(Path file, FileContent.Unreadable unreadable) {
        Problems problems = new Problems();
        String message = "cannot read '" + file + "': " + unreadable.why();
        problems.ofFile(Severity.ERROR, message, unreadable.remedy(), List.of());
        Configuration empty = new Configuration(List.of(), Configuration.DEFAULT_REPLY_PORTS, List.of());
        return new Loaded(empty, Origins.NONE, problems.inOrder(), problems.files(), true);
    }
}
