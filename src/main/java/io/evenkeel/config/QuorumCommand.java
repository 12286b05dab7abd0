package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService.Persistence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Takes {@code quorum_up "ipvsadm -E …"} for what it is: the way people switch one-packet scheduling on. With keepalived it
 * comes into force when quorum is reached; here from the first datagram. One thread.
 */
final class QuorumCommand {

    /** The settings that {@code ipvsadm -E} replaces, all of them. */
    record Effect(Scheduling scheduling, boolean onePacket, Optional<Persistence> persistence) {}

    private final Values values;
    private final Problems problems;

    QuorumCommand(Values values) {
        this.values = values;
        this.problems = values.problems();
    }

    /** What holds after {@code statement}: {@code before} unless it is an edit of this very service. */
    Effect apply(Statement statement, ServiceKey service, Effect before) {
        Token at = statement.keyword();
        switch (EditService.of(CommandLine.of(statement))) {
            case EditService.Other other -> {
                if (statement.arguments().isEmpty()) {
                    values.single(statement);
                } else {
                    String what = other.ipvsadm() ? "this ipvsadm command" : "this script";
                    problems.warning(at, "'quorum_up' is not built yet: " + what + " is not run", "");
                }
            }
            case EditService.Malformed malformed ->
                problems.warning(at, "ipvsadm would refuse this: " + malformed.why() + "; nothing is applied", "");
            case EditService.Edit edit -> {
                return edit(at, edit, service, before);
            }
        }
        return before;
    }

    private Effect edit(Token at, EditService.Edit edit, ServiceKey service, Effect before) {
        Endpoint vip = service.vip();
        boolean udp = service.protocol() == Protocol.UDP;
        if (edit.udp() != udp || !edit.names(vip.address(), vip.port())) {
            String message = "this edits " + Clip.of(edit.address()) + "/" + (edit.udp() ? "udp" : "tcp") + ", not "
                    + service + ": it is not run";
            problems.warning(at, message, "write -" + (udp ? "u " : "t ") + vip);
            return before;
        }
        String name = edit.scheduler().orElse("wlc");
        Optional<Scheduling> scheduling = SchedulerChoice.scheduling(name, new HashSet<>(edit.flags()));
        Optional<Persistence> persistence = persistence(edit, vip);
        String refused = refusal(edit, name, scheduling, udp, persistence);
        if (!refused.isEmpty()) {
            problems.warning(at, "ipvsadm would refuse this: " + refused + "; nothing is applied", "");
            return before;
        }
        Effect after = new Effect(scheduling.orElseThrow(), edit.onePacket(), persistence);
        say(at, edit, before, after);
        return after;
    }

    /** What ipvsadm 1.31 or the kernel would say; empty if they would do it. */
    private static String refusal(
            EditService.Edit edit,
            String name,
            Optional<Scheduling> scheduling,
            boolean udp,
            Optional<Persistence> persistence) {
        if (edit.onePacket() && !udp) return "one-packet scheduling is for UDP";
        if (scheduling.isEmpty()) return "scheduler '" + Clip.of(name) + "' is unknown or not built yet";
        if (persistence.isEmpty() && edit.persistenceSeconds().isPresent()) return "its timeout or netmask is wrong";
        for (String flag : edit.flags()) {
            boolean number = List.of("flag-1", "flag-2", "flag-3").contains(flag);
            boolean own =
                    List.of("sh-port", "sh-fallback", "mh-port", "mh-fallback").contains(flag)
                            && flag.startsWith(name + "-");
            if (!number && !own) return "scheduler flag '" + Clip.of(flag) + "' does not fit " + name;
        }
        return "";
    }

    private static Optional<Persistence> persistence(EditService.Edit edit, Endpoint vip) {
        if (edit.persistenceSeconds().isEmpty()) return Optional.empty();
        String text = edit.persistenceSeconds().get();
        boolean digits = !text.isEmpty() && text.length() <= 7 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int seconds = digits ? Integer.parseInt(text) : 0;
        boolean v6 = vip.address().v6();
        OptionalInt prefix = edit.netmask().map(m -> prefix(m, v6)).orElse(OptionalInt.of(v6 ? 128 : 32));
        if (seconds < 1 || seconds > Affinity.MAX_SECONDS || prefix.isEmpty()) return Optional.empty();
        return Optional.of(new Persistence(Duration.ofSeconds(seconds), prefix.getAsInt()));
    }

    private static OptionalInt prefix(String mask, boolean v6) {
        if (!v6) return Affinity.netmask(mask);
        boolean digits = mask.matches("[0-9]{1,3}");
        int length = digits ? Integer.parseInt(mask) : 0;
        return length >= 1 && length <= 128 ? OptionalInt.of(length) : OptionalInt.empty();
    }

    private void say(Token at, EditService.Edit edit, Effect before, Effect after) {
        if (edit.engine().isPresent()) {
            String message = "persistence engine '" + Clip.of(edit.engine().get()) + "' is not built yet";
            problems.error(at, message, "take --pe away");
            return;
        }
        List<String> lost = lost(edit, before, after);
        if (!lost.isEmpty()) {
            String message = "ipvsadm -E replaces every setting of the service: " + String.join(", ", lost)
                    + "; this is in force from the first datagram";
            problems.warning(
                    at, message, "give all of them: -s " + before.scheduling().ipvsName() + " …");
            return;
        }
        String ops = after.onePacket() ? "one-packet scheduling, " : "";
        String message = "this is in force from the first datagram: " + ops + "scheduler "
                + after.scheduling().ipvsName();
        problems.notice(at, message, after.onePacket() ? "'ops' in the service says the same" : "");
    }

    private static List<String> lost(EditService.Edit edit, Effect before, Effect after) {
        List<String> lost = new ArrayList<>();
        if (edit.scheduler().isEmpty() && !before.scheduling().equals(after.scheduling())) {
            lost.add("without -s the scheduler becomes wlc");
        }
        boolean flags = !SchedulerChoice.flagsOf(before.scheduling()).isEmpty();
        boolean same = before.scheduling().ipvsName().equals(after.scheduling().ipvsName());
        if (flags && same && edit.flags().isEmpty()) lost.add("without -b its flags are cleared");
        if (before.onePacket() && !after.onePacket()) lost.add("without --ops one-packet scheduling ends");
        if (before.persistence().isPresent() && after.persistence().isEmpty()) {
            lost.add("without -p persistence ends");
        }
        return lost;
    }
}
