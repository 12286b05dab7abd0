package io.evenkeel.cli;

import io.evenkeel.model.OperatorIntent;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code evenkeel drain}. */
@Command(
        name = "drain",
        header = "Give a realserver no new flows.",
        description = "Flows it has go on. Returns when every worker has acknowledged it.")
final class DrainCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final Wish wish = new Wish();

    DrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return wish.tell(terminal, OperatorIntent.DRAINING);
    }
}
