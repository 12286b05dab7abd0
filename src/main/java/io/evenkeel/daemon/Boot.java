package io.evenkeel.daemon;

import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.director.Director;
import io.evenkeel.director.TableCompiler;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Origins;
import io.evenkeel.model.Position;
import io.evenkeel.model.Refused;
import io.evenkeel.model.VirtualService;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first configuration. A reload is all or nothing, a boot is not: one service that cannot be had here, for the
 * plane's limits or because its port is taken, is left out with a warning and an alarm, and the others are served.
 * Belongs to main.
 */
final class Boot {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /** What a boot came to. */
    sealed interface Result {

        /** @param leftOut alarms: errors in the file, and one line for each service that is missing */
        record Up(String summary, List<String> leftOut) implements Result {}

        /** No service is left; the diagnostics say why. */
        record Nothing(List<Diagnostic> diagnostics) implements Result {}

        /** The world refused the last one. */
        record Denied(Refused refused) implements Result {}
    }

    private final Director director;
    private final Origins origins;
    private final List<VirtualService> services = new ArrayList<>();
    private final List<String> unserved = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();

    private Boot(Director director, Origins origins) {
        this.director = director;
        this.origins = origins;
    }

    /** Applies what it can of {@code configuration}; returns when every worker has acknowledged it. */
    static Result apply(
            Path file,
            List<Diagnostic> said,
            Configuration configuration,
            Origins origins,
            Director director,
            PlaneLimits limits,
            boolean planeChosen) {
        Boot boot = new Boot(director, origins);
        boot.mindErrors(file, said);
        List<Diagnostic> diagnostics = boot.judge(configuration, new TableCompiler(limits, planeChosen));
        if (boot.services.isEmpty()) return new Result.Nothing(diagnostics);
        boot.log(diagnostics);
        return boot.start(configuration);
    }

    /** Takes the services that the plane can do; answers what there is to say of all of them. */
    private List<Diagnostic> judge(Configuration configuration, TableCompiler compiler) {
        List<Diagnostic> all = new ArrayList<>();
        for (VirtualService service : configuration.services()) {
            List<Diagnostic> found = compiler.judge(with(configuration, List.of(service)), origins);
            all.addAll(found);
            Optional<Diagnostic> error = firstError(found);
            // Whether it is logged depends on whether anything is left: else whoever started us prints it.
            if (error.isPresent()) unserved.add(service.key() + " is not served: " + DiagnosticLine.of(error.get()));
            else services.add(service);
        }
        return all;
    }

    private void log(List<Diagnostic> diagnostics) {
        for (String line : unserved) LOG.error("{}", line);
        leftOut.addAll(unserved);
        for (Diagnostic diagnostic : diagnostics) {
            // Of an error it has been said that its service is not served.
            if (diagnostic.severity() != Severity.ERROR) DiagnosticLine.log(LOG, diagnostic);
        }
    }

    /** A typo must not stop a boot, nor be forgotten: what could not be understood may have been a check. */
    private void mindErrors(Path file, List<Diagnostic> said) {
        long errors = said.stream().filter(d -> d.severity() == Severity.ERROR).count();
        if (errors == 0) return;
        Optional<Diagnostic> first = firstError(said);
        leftOut.add("running without what could not be understood: " + errors + (errors == 1 ? " error" : " errors")
                + ", see evenkeel check " + file + "; the first: "
                + first.map(DiagnosticLine::of).orElse(""));
    }

    private Result start(Configuration configuration) {
        while (true) {
            Director.Applied applied =
                    director.apply(with(configuration, services), origins).join();
            if (applied.applied()) return new Result.Up(applied.summary(), List.copyOf(leftOut));
            Optional<Diagnostic> error = firstError(applied.diagnostics());
            String why = error.map(DiagnosticLine::of).orElse(applied.summary());
            Optional<VirtualService> culprit =
                    error.flatMap(Diagnostic::position).flatMap(this::writtenAt);
            if (culprit.isEmpty() || services.size() == 1) return new Result.Denied(new Refused(why, ""));
            services.remove(culprit.get());
            leaveOut(culprit.get(), why);
        }
    }

    private void leaveOut(VirtualService service, String why) {
        LOG.error("{} is not served: {}", service.key(), why);
        leftOut.add(service.key() + " is not served: " + why);
    }

    private Optional<VirtualService> writtenAt(Position position) {
        return services.stream()
                .filter(service -> origins.of(service.key(), "")
                        .filter(origin -> origin.position().equals(position))
                        .isPresent())
                .findFirst();
    }

    private static Optional<Diagnostic> firstError(List<Diagnostic> diagnostics) {
        return diagnostics.stream().filter(d -> d.severity() == Severity.ERROR).findFirst();
    }

    private static Configuration with(Configuration configuration, List<VirtualService> services) {
        return new Configuration(services, configuration.replyPorts(), configuration.replyAddresses());
    }
}
