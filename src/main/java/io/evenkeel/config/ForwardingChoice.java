package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Forwarding.Encapsulation;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads {@code lb_kind} and its kin: {@code NAT}, {@code DR}, {@code TUN [type ipip|gre|gue port N]}. One thread. */
final class ForwardingChoice {

    private static final List<String> NAMES = List.of("NAT", "DR", "TUN");

    private ForwardingChoice() {}

    static Optional<Forwarding> read(Statement statement, Values values) {
        List<Token> arguments = statement.arguments();
        if (arguments.isEmpty()) {
            values.single(statement);
            return Optional.empty();
        }
        Token first = arguments.getFirst();
        if (first.value().equals("TUN")) return tunnel(arguments, values);
        values.noMoreThan(statement, 1);
        return switch (first.value()) {
            case "NAT" -> Optional.of(new Forwarding.Nat());
            case "DR" -> Optional.of(new Forwarding.DirectRouting());
            default -> {
                String near = Suggestion.didYouMean(first.value().toUpperCase(Locale.ROOT), NAMES);
                String message = "unknown forwarding method " + Clip.quoted(first);
                values.problems().error(first, message, near.isEmpty() ? "write NAT, DR or TUN" : near);
                yield Optional.empty();
            }
        };
    }

    /** As {@link #read} takes it, without the keyword. */
    static String print(Forwarding forwarding) {
        return switch (forwarding) {
            case Forwarding.Nat nat -> "NAT";
            case Forwarding.DirectRouting dr -> "DR";
            case Forwarding.Tunnel tunnel ->
                switch (tunnel.kind()) {
                    case IPIP -> "TUN";
                    case GRE -> "TUN type gre";
                    case GUE -> "TUN type gue port " + tunnel.port();
                };
        };
    }

    private static Optional<Forwarding> tunnel(List<Token> arguments, Values values) {
        Encapsulation kind = Encapsulation.IPIP;
        int port = 0;
        for (int i = 1; i < arguments.size(); i++) {
            Token option = arguments.get(i);
            Optional<Token> value = i + 1 < arguments.size() ? Optional.of(arguments.get(i + 1)) : Optional.empty();
            switch (option.value()) {
                case "type" -> {
                    Optional<Encapsulation> read = encapsulation(option, value, values);
                    if (read.isEmpty()) return Optional.empty();
                    kind = read.get();
                    i++;
                }
                case "port" -> {
                    OptionalInt read = value.map(v -> values.port(v, 1)).orElse(OptionalInt.empty());
                    if (value.isEmpty()) values.problems().error(option, "'port' needs a number", "");
                    if (read.isEmpty()) return Optional.empty();
                    port = read.getAsInt();
                    i++;
                }
                case "nocsum", "csum", "remcsum" -> {
                    String message = "'" + option.value() + "' is not built yet";
                    values.problems().warning(option, message, "");
                }
                default -> {
                    String near = Suggestion.didYouMean(option.value(), List.of("type", "port", "nocsum", "csum"));
                    values.problems().error(option, "unknown option " + Clip.quoted(option) + " of TUN", near);
                    return Optional.empty();
                }
            }
        }
        return checked(kind, port, arguments.getFirst(), values);
    }

    private static Optional<Encapsulation> encapsulation(Token option, Optional<Token> value, Values values) {
        List<String> kinds = List.of("ipip", "gue", "gre");
        if (value.isPresent() && kinds.contains(value.get().value())) {
            return Optional.of(Encapsulation.valueOf(value.get().value().toUpperCase(Locale.ROOT)));
        }
        values.problems().error(value.orElse(option), "a tunnel is of type ipip, gue or gre", "");
        return Optional.empty();
    }

    private static Optional<Forwarding> checked(Encapsulation kind, int port, Token at, Values values) {
        if (kind == Encapsulation.GUE && port == 0) {
            values.problems().error(at, "a tunnel of type gue needs a port", "write TUN type gue port N");
            return Optional.empty();
        }
        if (kind != Encapsulation.GUE && port != 0) {
            values.problems().warning(at, "only a tunnel of type gue has a port", "take the port away");
            return Optional.of(new Forwarding.Tunnel(kind, 0));
        }
        return Optional.of(new Forwarding.Tunnel(kind, port));
    }
}
