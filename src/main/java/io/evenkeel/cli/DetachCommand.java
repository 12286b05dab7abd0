package io.evenkeel.cli;

import io.evenkeel.dataplane.kernel.Detachment;
import io.evenkeel.dataplane.kernel.Instance;
import io.evenkeel.model.Refused;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code evenkeel detach}. */
@Command(
        name = "detach",
        header = "Take out of the kernel what a director has left there.",
        description = "Programs, filters and maps of one instance, whatever its version, after 'leave' or a crash; its"
                + " traffic stops. Says what it removed. Refused while a director of that instance runs.")
final class DetachCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final InstanceOption instance = new InstanceOption();

    @Mixin
    private final RuntimeDirectoryOption where = new RuntimeDirectoryOption();

    DetachCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Instance whose = instance.locate(where.locate(terminal.environment()));
        return switch (Detachment.of(whose)) {
            case Detachment.Result.Denied(Refused refused) -> {
                terminal.error(refused.toString());
                yield ExitStatus.FAILED.code();
            }
            case Detachment.Result.Done(List<String> said) -> {
                if (said.isEmpty())
                    terminal.out().println("nothing of the instance " + whose.name() + " is in the kernel");
                for (String line : said) terminal.out().println(line);
                yield ExitStatus.OK.code();
            }
        };
    }
}
