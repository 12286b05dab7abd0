package io.evenkeel.realserver;

import io.evenkeel.model.Protocol;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads what the program saw of UDP answers, and says once which daemon answers from elsewhere. Belongs to one thread. */
final class AnswerWatch {
    private final Assignment assignment;
    private final Receiver receiver;
    private final Set<Check> faulty = new HashSet<>();

    AnswerWatch(Assignment assignment, Receiver receiver) {
        this.assignment = assignment;
        this.receiver = receiver;
    }

    /** By the checks of UDP, in their order. */
    Map<Check, Answers> answers() {
        Map<Check, Answers> all = new LinkedHashMap<>();
        for (Check check : assignment.checks()) {
            if (check.protocol() != Protocol.UDP) continue;
            receiver.answers(check.port()).ifPresent(answers -> all.put(check, answers));
        }
        return all;
    }

    void look(Notes notes) {
        answers().forEach((check, answers) -> {
            if (answers.fromElsewhere() == 0 || !faulty.add(check)) return;
            notes.say(check + ": answers leave from another address than the VIP that was asked, so clients do not know"
                    + " them" + process(check) + ": bind the daemon to the VIP, or use --mend");
        });
    }

    private String process(Check check) {
        return DaemonCheck.now(assignment).stream()
                .filter(finding ->
                        finding.check().equals(check) && !finding.process().isEmpty())
                .map(finding -> " (" + finding.process() + ")")
                .findFirst()
                .orElse("");
    }
}
