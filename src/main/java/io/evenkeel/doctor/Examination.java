package io.evenkeel.doctor;

import java.util.List;

/**
 * What the doctor has to say.
 *
 * @param subjects everything that was looked at, in order; what has no finding is as it should be
 * @param findings by kind of subject, then in the order of the checks
 * @param unread what could not be read, each with the reason; what depends on it was not judged
 */
public record Examination(List<Subject> subjects, List<Finding> findings, List<String> unread) {
    public Examination {
        subjects = List.copyOf(subjects);
        findings = List.copyOf(findings);
        unread = List.copyOf(unread);
    }

    public List<Finding> of(Subject subject) {
        return findings.stream().filter(f -> f.subject().equals(subject)).toList();
    }

    /** The worst of all findings; OK if there is none. */
    public Severity worst() {
        return findings.stream().map(Finding::severity).max(Severity::compareTo).orElse(Severity.OK);
    }
}
