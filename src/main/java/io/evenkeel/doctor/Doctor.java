package io.evenkeel.doctor;

import io.evenkeel.model.Configuration;
import io.evenkeel.model.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Examines the machine for running Evenkeel and changes nothing. {@link #examine} reads, on a platform thread in the
 * network namespace that is meant; {@link #judge} is pure.
 */
public final class Doctor {
    private Doctor() {}

    /** Each looks at one thing. */
    private static final List<Function<Situation, List<Finding>>> CHECKS = List.of(
            MachineChecks::jit,
            MachineChecks::forwarding,
            MachineChecks::forwardingV6,
            MachineChecks::conntrack,
            MachineChecks::descriptors,
            MachineChecks::buffers,
            DriverChecks::of,
            VethChecks::of,
            LinkChecks::reversePath,
            LinkChecks::redirects,
            VipChecks::of,
            RealserverChecks::of);

    /**
     * What is to be run.
     *
     * @param configuration empty to look at every interface that is up
     * @param planes both when either may forward
     * @param missing what the kernel plane lacks here; empty if it can run
     */
    public record Question(Optional<Configuration> configuration, Set<Plane> planes, List<Refused> missing) {
        public Question {
            planes = Set.copyOf(planes);
            missing = List.copyOf(missing);
        }
    }

    /** Looks and judges. */
    public static Examination examine(Question question) {
        return judge(Survey.read(question.configuration()), question);
    }

    /** What the facts mean for what is to be run: the machine first, then interfaces, then services. */
    static Examination judge(Facts facts, Question question) {
        Situation now = new Situation(facts, question.configuration());
        List<Finding> all = new ArrayList<>(MachineChecks.kernelPlane(question.missing()));
        for (Function<Situation, List<Finding>> check : CHECKS) all.addAll(check.apply(now));
        List<Finding> kept = new ArrayList<>();
        for (Finding finding : all) {
            if (finding.hazard().planes().stream().noneMatch(question.planes()::contains)) continue;
            kept.add(weighed(finding, question));
        }
        kept.sort(Comparator.comparing(finding -> finding.subject().kind())); // stable: else the order of the checks
        List<Subject> looked = new ArrayList<>();
        looked.add(Subject.MACHINE);
        now.links().forEach(link -> looked.add(Subject.device(link.name())));
        now.services().forEach(service -> looked.add(Subject.service(service.key())));
        List<String> unread = new ArrayList<>(facts.unread());
        now.links().forEach(link -> unread.addAll(now.nic(link).unread()));
        return new Examination(looked, kept, unread);
    }

    /** Where the socket plane serves anyway, what only the kernel plane suffers from is no more than worth knowing. */
    private static Finding weighed(Finding finding, Question question) {
        boolean optional =
                question.planes().contains(Plane.SOCKET) && !question.missing().isEmpty();
        boolean kernelOnly = !finding.hazard().planes().contains(Plane.SOCKET);
        return optional && kernelOnly && finding.severity().compareTo(Severity.NOTE) > 0
                ? finding.as(Severity.NOTE)
                : finding;
    }
}
