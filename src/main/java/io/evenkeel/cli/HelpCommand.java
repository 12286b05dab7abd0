package io.evenkeel.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evenkeel help}. */
@Command(name = "help", header = "Print help on evenkeel, or on one of its commands.")
final class HelpCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", arity = "0..1", paramLabel = "COMMAND", description = "The command to explain.")
    private @Nullable String name;

    @Option(names = "--man", description = "Print the manual page instead, e.g. evenkeel help --man | man -l -")
    private boolean man;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    HelpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        CommandLine evenkeel = Main.commandLine(terminal);
        if (man) {
            terminal.out().print(ManualPage.of(evenkeel));
            return ExitStatus.OK.code();
        }
        CommandLine subject =
                name == null ? evenkeel : evenkeel.getSubcommands().get(name);
        if (subject == null) throw new ParameterException(spec.commandLine(), "there is no command '" + name + "'");
        subject.usage(terminal.out(), CommandLine.Help.Ansi.OFF);
        return ExitStatus.OK.code();
    }
}
