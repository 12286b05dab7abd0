package io.evenkeel.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code evenkeel completion}. */
@Command(
        name = "completion",
        header = "Print a completion script for bash and zsh.",
        description = "Use it so: source <(evenkeel completion)")
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out().print(AutoComplete.bash("evenkeel", Main.commandLine(terminal)));
        return ExitStatus.OK.code();
    }
}
