package io.evenkeel.api;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.director.Snapshot;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServerState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says an explanation to a person: why a realserver was chosen, and why each other was not. Pure; any thread. */
final class ExplainWords {
    private ExplainWords() {}

    static String why(Choice choice) {
        return switch (choice) {
            case Choice.Turn(long turn, int slot, int length, Endpoint first) ->
                "turn " + turn + " is slot " + slot + " of " + length + ", " + first + "'s";
            case Choice.Hash(String key, int slot, int size, Optional<Endpoint> first) ->
                key + " falls into slot " + slot + " of " + size + ", "
                        + first.map(its -> its + "'s").orElse("nobody's");
            case Choice.Load(long turn) -> "by load and weight; turn " + turn + " parts those that are equal";
            case Choice.Flow(long idleNanos) ->
                "the client has a flow, which keeps its realserver; last used " + seconds(idleNanos) + " ago";
            case Choice.Template(IpAddress network, int prefixLength) ->
                network + "/" + prefixLength + " was given to it before (persistence)";
            case Choice.Nobody() -> "nobody is chosen";
        };
    }

    private static String seconds(long nanos) {
        long tenths = Math.max(0, nanos) / 100_000_000;
        return tenths / 10 + "." + tenths % 10 + " s";
    }

    static String why(Fate fate) {
        return switch (fate) {
            case Fate.Sent sent ->
                "it goes to " + sent.to() + " by " + sent.method().word();
            case Fate.Either(List<Fate.Sent> either) ->
                "it goes to one of " + either.size()
                        + ": each worker deals for itself, and the kernel chooses the worker";
            case Fate.Delivered delivered -> "it is given to this machine's own stack, which is " + delivered.to();
            case Fate.Dropped(DropReason reason, Optional<Endpoint> at) ->
                "it is dropped" + at.map(one -> " on its way to " + one).orElse("") + ": "
                        + lowerFirst(reason.sentence());
            case Fate.Returned _ -> "it returns to the client";
            case Fate.Passed(String why) -> "it is left to the kernel's own stack: " + why;
        };
    }

    private static String lowerFirst(String sentence) {
        String plain = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
        return Character.toLowerCase(plain.charAt(0)) + plain.substring(1);
    }

    /** The packet goes to this one, would have gone, or may go. */
    static boolean chosen(Explanation.Server server, ToService to) {
        return switch (to.fate()) {
            case Fate.Sent sent -> sent.to().equals(server.endpoint());
            case Fate.Either(List<Fate.Sent> either) ->
                either.stream().anyMatch(sent -> sent.to().equals(server.endpoint()));
            case Fate.Delivered delivered -> delivered.to().equals(server.endpoint());
            case Fate.Dropped(DropReason _, Optional<Endpoint> at) ->
                at.isPresent() && at.get().equals(server.endpoint());
            case Fate.Returned _, Fate.Passed _ -> false;
        };
    }

    static String why(
            Explanation.Server server,
            ToService to,
            Snapshot.@Nullable Service service,
            Snapshot.@Nullable Server known) {
        if (chosen(server, to)) return chosenWords(server, to);
        return switch (server.standing()) {
            case OPEN -> notChosen(to.choice());
            case SUSPECT -> "suspect, and others are not" + evidence(known);
            case HOLDING -> holding(known);
            case SHUT -> shut(service, known);
            case OVERLOADED -> "at its upper threshold: " + server.flows() + " flows of " + server.upperThreshold();
        };
    }

    private static String chosenWords(Explanation.Server server, ToService to) {
        if (to.fate() instanceof Fate.Either) return "perhaps chosen";
        boolean anothers = switch (to.choice()) {
            case Choice.Turn turn -> !turn.first().equals(server.endpoint());
            case Choice.Hash hash ->
                hash.first().isPresent() && !hash.first().get().equals(server.endpoint());
            case Choice.Load _, Choice.Flow _, Choice.Template _, Choice.Nobody() -> false;
        };
        return anothers ? "chosen, since the slot's own cannot be used" : "chosen";
    }

    private static String notChosen(Choice choice) {
        return switch (choice) {
            case Choice.Turn _ -> "not its turn";
            case Choice.Hash _ -> "not its slot";
            case Choice.Load _ -> "another comes first by load and weight";
            case Choice.Flow _ -> "the flow is another's";
            case Choice.Template _ -> "the client's network was given to another";
            case Choice.Nobody() -> "nobody is chosen";
        };
    }

    private static String holding(Snapshot.@Nullable Server known) {
        if (known != null && known.operator() == OperatorIntent.DRAINING) return "draining";
        return known == null || known.weight() == 0 ? "weight 0" : "takes no new work";
    }

    private static String shut(Snapshot.@Nullable Service service, Snapshot.@Nullable Server known) {
        if (known == null) return "takes nothing";
        if (known.state() == RealServerState.FAILED) return "failed" + evidence(known);
        if (known.sorry()) return "sorry server, not needed";
        if (known.operator() == OperatorIntent.DRAINING) return "draining, and its time is over";
        if (service != null && service.state().equals("sorry")) return "the sorry server serves";
        return "takes nothing";
    }

    private static String evidence(Snapshot.@Nullable Server known) {
        return known == null || known.evidence().isBlank() ? "" : ": " + known.evidence();
    }
}
