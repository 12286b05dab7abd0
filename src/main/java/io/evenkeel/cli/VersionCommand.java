package io.evenkeel.cli;

import io.evenkeel.daemon.ProgramVersion;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code evenkeel version}. */
@Command(name = "version", header = "Print the version of this program.")
final class VersionCommand implements Callable<Integer> {
    private final Terminal terminal;

    VersionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out().println("evenkeel " + ProgramVersion.text());
        return ExitStatus.OK.code();
    }
}
