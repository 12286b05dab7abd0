package io.evenkeel.cli;

import io.evenkeel.daemon.Daemon;
import io.evenkeel.daemon.Daemon.Ending;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evenkeel run}. */
@Command(
        name = "run",
        header = "Be a director, in the foreground, until SIGTERM or SIGINT.",
        description = "Logs go to stderr; the line with the word 'ready' says that it serves. Problems in the"
                + " file are warned of, and what was understood is run.")
final class RunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "FILE", description = "The configuration, as for keepalived.")
    private Path file = Path.of("");

    @Mixin
    private final PlaneOption plane = new PlaneOption();

    /** For whoever starts a director as a child and must not leave it behind. */
    @Option(names = "--until-input-closes", hidden = true, description = "Stop when standard input closes.")
    private boolean untilInputCloses;

    @Mixin
    private final RuntimeDirectoryOption where = new RuntimeDirectoryOption();

    @Mixin
    private final InstanceOption instance = new InstanceOption();

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Path directory = where.locate(terminal.environment());
        Daemon daemon = new Daemon(new Daemon.Settings(file, plane.choice(), directory, instance.locate(directory)));
        if (untilInputCloses) watchInput(daemon);
        ExitStatus status = switch (daemon.run()) {
            case Ending.Stopped() -> ExitStatus.OK;
            case Ending.NothingToRun nothing -> {
                Diagnostics.print(terminal, nothing.diagnostics());
                if (!nothing.unreadable()) terminal.error(file + ": nothing in it can be run");
                yield nothing.unreadable() ? ExitStatus.UNREADABLE : ExitStatus.INVALID_CONFIGURATION;
            }
            case Ending.Denied denied -> {
                terminal.error(denied.refused().toString());
                yield ExitStatus.FAILED;
            }
            case Ending.Broken() -> ExitStatus.INTERNAL;
        };
        return status.code();
    }

    private static void watchInput(Daemon daemon) {
        Thread thread = new Thread(
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                        daemon.requestStop("standard input closed");
                    } catch (IOException broken) {
                        daemon.requestStop("standard input: " + broken.getMessage());
                    }
                },
                "ek-input");
        thread.setDaemon(true);
        thread.start();
    }
}
