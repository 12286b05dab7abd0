package io.evenkeel.cli;

import io.evenkeel.api.ControlMessage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code evenkeel reload}. */
@Command(
        name = "reload",
        header = "Let the director read its configuration file again.",
        description = "Says what came of it. A file with an error changes nothing. SIGHUP does the same.")
final class ReloadCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final RuntimeDirectoryOption where = new RuntimeDirectoryOption();

    ReloadCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return Question.ask(terminal, where, new ControlMessage.Reload());
    }
}
