package io.evenkeel.cli;

import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import io.evenkeel.daemon.Daemon;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evenkeel check}. */
@Command(
        name = "check",
        header = "Judge a configuration without running it.",
        description = "Every problem is named with its place and a remedy. Needs neither root nor the interfaces"
                + " that the file names. Exit status 0 when it can be used, warnings or not.")
final class CheckCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "FILE", description = "The configuration, as for keepalived.")
    private Path file = Path.of("");

    @Option(names = "--strict", description = "Exit status 2 also when there are warnings.")
    private boolean strict;

    @Option(names = "--json", description = "As data, on stdout.")
    private boolean json;

    @Mixin
    private final PlaneOption plane = new PlaneOption();

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Loaded loaded = ConfigurationLoader.load(file);
        List<Diagnostic> diagnostics = loaded.with(Daemon.judge(loaded, plane.choice()));
        ExitStatus status = status(loaded, diagnostics);
        boolean usable = status == ExitStatus.OK;
        if (json) {
            terminal.out()
                    .print(CheckReport.of(file, usable, loaded.configuration(), diagnostics)
                            .toJson());
        } else {
            Diagnostics.print(terminal, diagnostics);
            conclude(loaded, diagnostics, status);
        }
        return status.code();
    }

    private ExitStatus status(Loaded loaded, List<Diagnostic> diagnostics) {
        if (loaded.unreadable()) return ExitStatus.UNREADABLE;
        boolean bad = loaded.fatal()
                || Diagnostics.count(diagnostics, Severity.ERROR) > 0
                || (strict && Diagnostics.count(diagnostics, Severity.WARNING) > 0);
        return bad ? ExitStatus.INVALID_CONFIGURATION : ExitStatus.OK;
    }

    private void conclude(Loaded loaded, List<Diagnostic> diagnostics, ExitStatus status) {
        if (loaded.unreadable()) return;
        String count = Diagnostics.count(diagnostics);
        if (status == ExitStatus.OK) {
            int services = loaded.configuration().services().size();
            terminal.out()
                    .println(file + ": usable: " + Diagnostics.number(services, "service") + ", "
                            + Diagnostics.number(CheckReport.realservers(loaded.configuration()), "realserver")
                            + (count.isEmpty() ? "" : ", " + count));
        } else {
            terminal.error(file + ": not usable: " + (count.isEmpty() ? "it has no virtual service" : count));
        }
    }
}
