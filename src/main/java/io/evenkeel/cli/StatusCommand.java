package io.evenkeel.cli;

import io.evenkeel.api.ControlMessage;
import io.evenkeel.api.ControlMessage.Request;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evenkeel status}. */
@Command(
        name = "status",
        header = "Show what the director does.",
        description = "Services, realservers and their state, and every packet accounted for.")
final class StatusCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--json", description = "As data, described by docs/status.schema.json.")
    private boolean json;

    @Mixin
    private final RuntimeDirectoryOption where = new RuntimeDirectoryOption();

    StatusCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        int columns = terminal.columns(ControlMessage.MIN_COLUMNS, ControlMessage.MAX_COLUMNS);
        Request request = json ? new ControlMessage.StatusJson() : new ControlMessage.StatusTable(columns);
        return Question.ask(terminal, where, request);
    }
}
