package io.evenkeel.cli;

import io.evenkeel.doctor.Examination;
import io.evenkeel.doctor.Finding;
import io.evenkeel.doctor.Plane;
import io.evenkeel.doctor.Remedy;
import io.evenkeel.doctor.Severity;
import io.evenkeel.doctor.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What {@code doctor} prints: one group a subject, one paragraph a finding, its remedies as lines that can be copied
 * whole. Pure; used once.
 */
final class DoctorText {
    private static final char UNBROKEN = '\u00a0';
    private static final int INDENT = 10;
    private static final String MARGIN = " ".repeat(INDENT);

    private final StringBuilder page = new StringBuilder();
    private final int columns;

    private DoctorText(int columns) {
        this.columns = columns;
    }

    /** @param columns to keep to; commands are never broken */
    static String of(Examination examination, int columns) {
        DoctorText text = new DoctorText(columns);
        examination.subjects().forEach(subject -> text.group(subject, examination.of(subject)));
        if (!examination.unread().isEmpty()) {
            text.page.append("not looked at\n");
            examination.unread().forEach(each -> text.paragraph("  ", "  ", each));
            text.page.append('\n');
        }
        text.paragraph("", "", summary(examination));
        return text.page.toString();
    }

    private void group(Subject subject, List<Finding> findings) {
        page.append(subject).append('\n');
        if (findings.isEmpty()) page.append("  ok\n");
        findings.forEach(this::finding);
        page.append('\n');
    }

    private void finding(Finding finding) {
        String word = DoctorReport.word(finding.severity());
        String head = "  " + word + " ".repeat(INDENT - 2 - word.length());
        paragraph(head, MARGIN, finding.what() + plane(finding));
        paragraph(MARGIN, MARGIN, finding.why());
        String before = "";
        for (Remedy remedy : finding.remedies()) {
            boolean more = !remedy.command().isEmpty();
            if (!remedy.when().isEmpty() && !remedy.when().equals(before)) {
                paragraph(MARGIN, MARGIN, remedy.when() + (more ? ":" : ""));
            }
            before = remedy.when();
            if (more) page.append(MARGIN).append("$ ").append(remedy.command()).append('\n');
        }
    }

    private static String plane(Finding finding) {
        Set<Plane> planes = finding.hazard().planes();
        if (planes.size() != 1) return "";
        return " [" + DoctorReport.word(planes.iterator().next()) + UNBROKEN + "plane]";
    }

    /** Breaks at blanks. */
    private void paragraph(String first, String rest, String text) {
        StringBuilder line = new StringBuilder(first);
        boolean empty = true;
        for (String word : text.split(" ")) {
            if (!empty && line.length() + 1 + word.length() > columns) {
                end(line);
                line = new StringBuilder(rest);
                empty = true;
            }
            if (!empty) line.append(' ');
            line.append(word);
            empty = false;
        }
        end(line);
    }

    private void end(StringBuilder line) {
        page.append(line.toString().replace(UNBROKEN, ' ')).append('\n');
    }

    private static String summary(Examination examination) {
        List<String> parts = new ArrayList<>();
        for (Severity severity : List.of(Severity.STOPS, Severity.HAZARD, Severity.NOTE)) {
            long count = examination.findings().stream()
                    .filter(f -> f.severity() == severity)
                    .count();
            if (count == 0) continue;
            parts.add(
                    switch (severity) {
                        case STOPS -> count + (count == 1 ? " stops it" : " stop it");
                        case HAZARD -> Diagnostics.number(count, "hazard");
                        case NOTE, OK -> Diagnostics.number(count, "note");
                    });
        }
        return parts.isEmpty() ? "nothing found" : String.join(", ", parts);
    }
}
