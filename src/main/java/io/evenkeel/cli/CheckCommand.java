package io.evenkeel.cli;

import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evenkeel check}. */
@Command(
        name = "check",
        header = "Judge a configuration without running it.",
        description = "Every problem is named with its place and a remedy. Needs neither root nor the"
                + " interfaces that the file names. Exit status 0 when it can be used, warnings or not.")
final class CheckCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "FILE", description = "The configuration, as for keepalived.")
    private Path file = Path.of("");

    @Option(names = "--strict", description = "Exit status 2 also when there are warnings.")
    private boolean strict;

    @Option(names = "--json", description = "As data, on stdout.")
    private boolean json;

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Loaded loaded = ConfigurationLoader.load(file);
        if (json) terminal.out().println("{}");
        Diagnostics.print(terminal, loaded.diagnostics());
        return status(loaded).code();
    }

    private ExitStatus status(Loaded loaded) {
        if (loaded.unreadable()) return ExitStatus.UNREADABLE;
        boolean bad = loaded.hasErrors() || (strict && loaded.hasWarnings());
        return bad ? ExitStatus.INVALID_CONFIGURATION : ExitStatus.OK;
    }
}
