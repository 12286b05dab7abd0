package io.evenkeel.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each hazard from made-up facts: one fact is changed, and exactly that hazard is found, with the command that mends it. */
class DoctorTest {

    @ParameterizedTest
    @MethodSource("io.evenkeel.doctor.WrongFacts#everything")
    void oneWrongFactIsFoundAloneWithItsRemedy(WrongFacts.Wrong wrong) {
        MadeUp machine = new MadeUp();
        wrong.change().accept(machine);
        List<Finding> found = machine.judge().findings();
        assertThat(found).hasSize(1);
        Finding finding = found.getFirst();
        assertThat(finding.hazard()).isEqualTo(wrong.hazard());
        assertThat(finding.severity()).isEqualTo(wrong.severity());
        assertThat(finding.what()).isEqualTo(wrong.what());
        assertThat(finding.remedies()).extracting(Remedy::command).isEqualTo(wrong.remedies());
    }

    @Test
    void everyHazardIsAmongTheCases() {
        Set<Hazard> seen = EnumSet.noneOf(Hazard.class);
        WrongFacts.everything().forEach(wrong -> seen.add(wrong.hazard()));
        assertThat(seen).containsExactlyInAnyOrder(Hazard.values());
    }

    @Test
    void nothingIsFoundWhereNothingIsWrong() {
        Examination examination = new MadeUp().judge();
        assertThat(examination.findings()).isEmpty();
        assertThat(examination.worst()).isEqualTo(Severity.OK);
        assertThat(examination.subjects().stream().map(Subject::toString))
                .containsExactly("this machine", "interface cl", "interface sw", "service 198.18.0.200:514/udp");
    }

    @Test
    void ourOwnProgramsAndSocketsAreNoHazard() {
        MadeUp machine = new MadeUp();
        machine.nic(
                "cl",
                Nics.programs(
                        List.of(WrongFacts.program("ek_ingress", "", 0, 3)),
                        List.of(WrongFacts.program("ek_egress", "egress", 0, 4))));
        machine.ports.add(new BoundPort(Protocol.TCP, IpAddress.of("0.0.0.0"), 514, 1, "rsyslogd", 3));
        machine.ports.add(new BoundPort(Protocol.UDP, IpAddress.of("198.18.0.254"), 514, 1, "named", 4));
        assertThat(machine.judge().findings()).isEmpty();
    }

    @Test
    void answersThatNobodyAwaitsMayGoAnyWay() {
        MadeUp machine = new MadeUp().onLink("198.18.0.11", 2);
        machine.file(MadeUp.service(MadeUp.SERVICE, "NAT", "198.18.0.11 514", "responses 0"));
        assertThat(machine.judge().findings()).isEmpty();
        machine.file(MadeUp.service(MadeUp.SERVICE, "NAT", "198.18.0.11 514", "client_address director"));
        assertThat(machine.judge().findings()).isEmpty();
    }

    /** docs/descriptors.md: two workers and one service need 10, and 40 for the rest. */
    @ParameterizedTest
    @CsvSource({"responses 0, 50", "ops, 9226", "responses 0 | transparent, 1378"})
    void theLimitOfOpenFilesIsEnoughForWhatTheFileAsksFor(String more, int enough) {
        MadeUp machine =
                new MadeUp().file(MadeUp.service(MadeUp.SERVICE, "NAT", "198.18.1.11 514", more.replace('|', '\n')));
        machine.openFiles = enough;
        assertThat(machine.judge().findings()).isEmpty();
        machine.openFiles = enough - 1;
        assertThat(machine.judge().findings()).hasSize(1);
    }

    @Test
    void whatConcernsOnlyAPlaneThatIsNotWantedIsLeftOut() {
        MadeUp machine = new MadeUp().sysctl("ipv4/ip_forward", "0");
        machine.openFiles = 1_024;
        machine.planes = EnumSet.of(Plane.SOCKET);
        assertThat(machine.judge().findings()).extracting(Finding::hazard).containsExactly(Hazard.FEW_DESCRIPTORS);
        machine.planes = EnumSet.of(Plane.KERNEL);
        assertThat(machine.judge().findings()).extracting(Finding::hazard).containsExactly(Hazard.NO_FORWARDING);
    }

    @Test
    void whereTheSocketPlaneServesWhatTheKernelPlaneLacksIsANote() {
        MadeUp machine = new MadeUp().sysctl("ipv4/ip_forward", "0");
        machine.missing.add(new Refused("needs CAP_BPF", "run as root"));
        assertThat(machine.judge().worst()).isEqualTo(Severity.NOTE);
        machine.planes = EnumSet.of(Plane.KERNEL);
        assertThat(machine.judge().worst()).isEqualTo(Severity.STOPS);
    }

    @Test
    void withoutAFileEveryInterfaceThatIsUpIsLookedAt() {
        MadeUp machine = new MadeUp().link(4, "spare", "").link("spare", MadeUp.up(false, false));
        machine.configuration = Optional.empty();
        machine.nic("sw", Nics.with(Set.of("rx-lro"))).nic("spare", Nics.with(Set.of("rx-lro")));
        assertThat(machine.judge().findings())
                .extracting(f -> f.subject().name())
                .containsExactly("sw");
    }

    @Test
    void theWorstOfSeveralServicesIsSaidForEach() {
        MadeUp machine = new MadeUp();
        machine.file(MadeUp.service("NAT", "198.18.1.11 514")
                + MadeUp.service("198.18.0.200 515", "NAT", "198.18.0.200 514", ""));
        assertThat(machine.judge().findings())
                .singleElement()
                .satisfies(f -> assertThat(f.what())
                        .isEqualTo("realserver 198.18.0.200:514 is the service 198.18.0.200:514/udp"));
    }

    @Test
    void everyHazardSaysWhyInOneSentence() {
        assertThat(Arrays.asList(Hazard.values()))
                .allSatisfy(hazard -> assertThat(hazard.why())
                        .matches("[A-Z].*\\.")
                        .doesNotContain("|")
                        .doesNotContain(". "));
    }

    @Test
    void thePageIsMadeOfTheHazards() throws IOException {
        Path file = Path.of("docs/doctor.md");
        if (Boolean.getBoolean("regenerate")) Files.writeString(file, DoctorPage.text());
        assertThat(Files.readString(file))
                .as("run ./mvnw -Dtest=DoctorTest -Dregenerate=true test and look at the difference")
                .isEqualTo(DoctorPage.text());
    }
}
