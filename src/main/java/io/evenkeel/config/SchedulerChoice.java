package io.evenkeel.config;

import io.evenkeel.model.Scheduling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The scheduler of a service, gathered from {@code lb_algo} and its flags in any order (keepalived wants the flags behind
 * it). Mutable while a block is read; one thread.
 */
final class SchedulerChoice {

    static final List<String> NAMES = List.of("rr", "wrr", "lc", "wlc", "sh", "mh", "dh", "sed", "nq", "fo", "ovf");

    private static final List<String> NOT_BUILT = List.of("lblc", "lblcr", "twos");

    private Optional<Scheduling> named = Optional.empty();
    private boolean written;
    private final Map<String, Token> flags = new LinkedHashMap<>();

    /** The scheduler that IPVS knows by {@code name}, with the flags that belong to it; others do nothing. */
    static Optional<Scheduling> scheduling(String name, Set<String> flags) {
        boolean port = flags.contains(name + "-port") || flags.contains("flag-2");
        boolean fallback = flags.contains(name + "-fallback") || flags.contains("flag-1");
        return Optional.ofNullable(
                switch (name) {
                    case "rr" -> new Scheduling.RoundRobin();
                    case "wrr" -> new Scheduling.WeightedRoundRobin();
                    case "lc" -> new Scheduling.LeastConnection();
                    case "wlc" -> new Scheduling.WeightedLeastConnection();
                    case "sh" -> new Scheduling.SourceHash(port, fallback);
                    case "mh" -> new Scheduling.Maglev(port, fallback);
                    case "dh" -> new Scheduling.DestinationHash();
                    case "sed" -> new Scheduling.ShortestExpectedDelay();
                    case "nq" -> new Scheduling.NeverQueue();
                    case "fo" -> new Scheduling.WeightedFailover();
                    case "ovf" -> new Scheduling.Overflow();
                    default -> null;
                });
    }

    /** The flags of {@code scheduling} as keepalived writes them. */
    static List<String> flagsOf(Scheduling scheduling) {
        return switch (scheduling) {
            case Scheduling.SourceHash sh -> flags("sh", sh.port(), sh.fallback());
            case Scheduling.Maglev mh -> flags("mh", mh.port(), mh.fallback());
            case Scheduling.RoundRobin rr -> List.of();
            case Scheduling.WeightedRoundRobin wrr -> List.of();
            case Scheduling.LeastConnection lc -> List.of();
            case Scheduling.WeightedLeastConnection wlc -> List.of();
            case Scheduling.ShortestExpectedDelay sed -> List.of();
            case Scheduling.NeverQueue nq -> List.of();
            case Scheduling.WeightedFailover fo -> List.of();
            case Scheduling.Overflow ovf -> List.of();
            case Scheduling.DestinationHash dh -> List.of();
        };
    }

    private static List<String> flags(String name, boolean port, boolean fallback) {
        if (port) return fallback ? List.of(name + "-port", name + "-fallback") : List.of(name + "-port");
        return fallback ? List.of(name + "-fallback") : List.of();
    }

    void name(SyntaxTree.Statement statement, Values values) {
        written = true;
        Optional<Token> token = values.single(statement);
        if (token.isEmpty()) return;
        String name = token.get().value();
        named = scheduling(name, Set.of());
        if (named.isPresent()) return;
        String wlc = "; wlc is used";
        if (NOT_BUILT.contains(name)) {
            values.problems().error(token.get(), "scheduler '" + name + "' is not built yet" + wlc, known());
        } else {
            String near = Suggestion.didYouMean(name, NAMES);
            String message = "unknown scheduler " + Clip.quoted(token.get()) + wlc;
            values.problems().error(token.get(), message, near.isEmpty() ? known() : near);
        }
    }

    private static String known() {
        return "write one of " + String.join(" ", NAMES);
    }

    void flag(SyntaxTree.Statement statement, Values values) {
        if (values.flag(statement)) flags.put(statement.word(), statement.keyword());
    }

    boolean isWritten() {
        return written;
    }

    /** What was chosen; IPVS's and keepalived's default is wlc. */
    Scheduling chosen(Problems problems) {
        Scheduling bare = named.orElse(new Scheduling.WeightedLeastConnection());
        String name = bare.ipvsName();
        flags.forEach((flag, token) -> {
            boolean hash = name.equals("sh") || name.equals("mh");
            boolean fits = flag.startsWith(name + "-") || (hash && flag.startsWith("flag-") && !flag.equals("flag-3"));
            if (!fits) problems.warning(token, "'" + flag + "' has no effect on scheduler " + name, "");
        });
        return scheduling(name, flags.keySet()).orElse(bare);
    }
}
