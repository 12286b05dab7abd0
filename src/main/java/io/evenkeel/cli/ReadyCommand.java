package io.evenkeel.cli;

import io.evenkeel.model.OperatorIntent;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code evenkeel ready}. */
@Command(
        name = "ready",
        header = "Give a drained realserver new flows again.",
        description = "Returns when every worker has acknowledged it.")
final class ReadyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final Wish wish = new Wish();

    ReadyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return wish.tell(terminal, OperatorIntent.IN);
    }
}
