package io.evenkeel.cli;

import io.evenkeel.doctor.Examination;
import io.evenkeel.doctor.Finding;
import io.evenkeel.doctor.Remedy;
import io.evenkeel.doctor.Subject;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer to {@code doctor --json}. Pure.
 *
 * @param schema 1
 * @param worst the worst severity of all findings, {@code ok} if there is none
 * @param examined everything that was looked at
 * @param unread what could not be read, each with the reason
 */
record DoctorReport(int schema, String worst, List<Examined> examined, List<Found> findings, List<String> unread) {

    private static final int SCHEMA = 1;

    record Examined(String kind, String name, String worst) {}

    record Found(
            String hazard,
            String severity,
            List<String> planes,
            String kind,
            String name,
            String what,
            String why,
            List<Mend> remedies) {}

    /**
     * @param when empty, or where or under what condition
     * @param command empty if none does it
     */
    record Mend(String when, String command) {}

    static DoctorReport of(Examination examination) {
        return new DoctorReport(
                SCHEMA,
                word(examination.worst()),
                examination.subjects().stream()
                        .map(subject -> examined(examination, subject))
                        .toList(),
                examination.findings().stream().map(DoctorReport::found).toList(),
                examination.unread());
    }

    private static Examined examined(Examination examination, Subject subject) {
        Examination alone = new Examination(List.of(subject), examination.of(subject), List.of());
        return new Examined(word(subject.kind()), subject.name(), word(alone.worst()));
    }

    private static Found found(Finding finding) {
        return new Found(
                finding.hazard().word(),
                word(finding.severity()),
                finding.hazard().planes().stream()
                        .sorted()
                        .map(DoctorReport::word)
                        .toList(),
                word(finding.subject().kind()),
                finding.subject().name(),
                finding.what(),
                finding.why(),
                finding.remedies().stream().map(DoctorReport::mend).toList());
    }

    private static Mend mend(Remedy remedy) {
        return new Mend(remedy.when(), remedy.command());
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Indented, ending in a line feed. */
    String toJson() {
        JsonMapper json = JsonMapper.builder()
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
        return json.writeValueAsString(this) + "\n";
    }
}
