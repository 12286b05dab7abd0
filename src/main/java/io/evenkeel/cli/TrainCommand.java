package io.evenkeel.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code evenkeel train}: does a little of everything, so that the launcher's AOT cache knows every command. */
@Command(name = "train", hidden = true, description = "Exercise every command once, for the launcher's AOT cache.")
final class TrainCommand implements Callable<Integer> {
    private final Terminal terminal;

    TrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return Main.execute(terminal, "help");
    }
}
