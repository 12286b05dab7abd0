package io.evenkeel.cli;

import io.evenkeel.config.ConfigurationLoader;
import io.evenkeel.config.Loaded;
import io.evenkeel.dataplane.kernel.KernelSupport;
import io.evenkeel.doctor.Doctor;
import io.evenkeel.doctor.Examination;
import io.evenkeel.doctor.Plane;
import io.evenkeel.doctor.Severity;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Refused;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evenkeel doctor}. */
@Command(
        name = "doctor",
        header = "Examine this machine for what would lose packets, and say what mends it.",
        description =
                "Looks at the network namespace it runs in, with FILE at the interfaces, addresses and realservers"
                        + " that it names. Changes nothing. Exit status 1 when it finds a hazard or worse.")
final class DoctorCommand implements Callable<Integer> {
    private static final int FEWEST_COLUMNS = 80;
    private static final int MOST_COLUMNS = 100;

    private final Terminal terminal;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE",
            description = "The configuration that is to run here.")
    private @Nullable Path file;

    @Option(names = "--json", description = "As data, on stdout.")
    private boolean json;

    @Mixin
    private final PlaneOption plane = new PlaneOption();

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (file == null) return examine(Optional.empty()).code();
        Loaded loaded = ConfigurationLoader.load(file);
        if (loaded.fatal()) {
            Diagnostics.print(terminal, loaded.diagnostics());
            if (loaded.unreadable()) return ExitStatus.UNREADABLE.code();
            terminal.error(file + ": nothing in it can be run");
            return ExitStatus.INVALID_CONFIGURATION.code();
        }
        if (loaded.hasErrors()) {
            String errors =
                    Diagnostics.number(Diagnostics.count(loaded.diagnostics(), Diagnostic.Severity.ERROR), "error");
            terminal.error(
                    file + ": " + errors + ", see 'evenkeel check " + file + "'; what was understood is examined");
        }
        return examine(Optional.of(loaded.configuration())).code();
    }

    private ExitStatus examine(Optional<Configuration> configuration) {
        Set<Plane> planes = switch (plane.choice()) {
            case AUTO -> Set.of(Plane.KERNEL, Plane.SOCKET);
            case KERNEL -> Set.of(Plane.KERNEL);
            case SOCKET -> Set.of(Plane.SOCKET);
        };
        Examination examination = Doctor.examine(new Doctor.Question(configuration, planes, missing(planes)));
        if (json) terminal.out().print(DoctorReport.of(examination).toJson());
        else terminal.out().print(DoctorText.of(examination, terminal.columns(FEWEST_COLUMNS, MOST_COLUMNS)));
        return examination.worst().compareTo(Severity.HAZARD) < 0 ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private static List<Refused> missing(Set<Plane> planes) {
        if (!planes.contains(Plane.KERNEL)) return List.of();
        return switch (KernelSupport.probe()) {
            case KernelSupport.Usable() -> List.of();
            case KernelSupport.Lacking(List<Refused> missing) -> missing;
        };
    }
}
