package io.evenkeel.cli;

import io.evenkeel.api.ControlMessage;
import io.evenkeel.daemon.RuntimeDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code evenkeel leave}. */
@Command(
        name = "leave",
        header = "End the director and let the kernel go on forwarding.",
        description =
                "For an upgrade: the next 'run' of the same instance takes over what is in force, without losing a"
                        + " packet, a flow or a turn. Until then no health check runs. Returns when the next one may be started."
                        + " Refused on the socket plane.")
final class LeaveCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Terminal terminal;

    @Mixin
    private final RuntimeDirectoryOption where = new RuntimeDirectoryOption();

    LeaveCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        int status = Question.ask(terminal, where, new ControlMessage.Leave());
        if (status != ExitStatus.OK.code()) return status;
        Path directory = where.locate(terminal.environment());
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - end < 0) {
            if (RuntimeDirectory.open(directory) instanceof RuntimeDirectory.Opening.Open(RuntimeDirectory free)) {
                free.close();
                return ExitStatus.OK.code();
            }
            Thread.sleep(PAUSE);
        }
        terminal.error("the director still runs after " + PATIENCE.toSeconds() + " s");
        return ExitStatus.FAILED.code();
    }
}
