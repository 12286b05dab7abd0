package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.IpAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads the arguments of a statement as what they should be. What is wrong is reported once, and the answer is empty: the
 * keyword then has its default. One thread.
 */
final class Values {

    /** The longest time anything may take: keepalived's limit for persistence, 31 days. */
    static final Duration MAX_TIMER = Duration.ofDays(31);

    private final Problems problems;

    Values(Problems problems) {
        this.problems = problems;
    }

    Problems problems() {
        return problems;
    }

    /** The only argument. */
    Optional<Token> single(Statement statement) {
        if (statement.arguments().isEmpty()) {
            problems.error(statement.keyword(), "'" + statement.word() + "' needs a value", "");
            return Optional.empty();
        }
        noMoreThan(statement, 1);
        return Optional.of(statement.arguments().getFirst());
    }

    /** keepalived ignores what follows; it was hardly meant to be ignored. */
    void noMoreThan(Statement statement, int count) {
        if (statement.arguments().size() <= count) return;
        Token extra = statement.arguments().get(count);
        problems.warning(extra, Clip.quoted(extra) + " is one value too many and is ignored", "take it away");
    }

    /** Anything; only emptiness is wrong. */
    Optional<String> text(Statement statement) {
        Optional<Token> token = single(statement);
        if (token.isEmpty() || !token.get().value().isEmpty()) return token.map(Token::value);
        problems.error(token.get(), "'" + statement.word() + "' needs a value", "");
        return Optional.empty();
    }

    /** A word that goes into a request or a system call as it is: no blanks, no control characters. */
    Optional<String> visible(Statement statement, int maxLength) {
        Optional<String> text = text(statement);
        if (text.isEmpty()) return text;
        boolean visible = text.get().chars().allMatch(c -> c > ' ' && c != 0x7f);
        if (visible && text.get().length() <= maxLength) return text;
        String wrong = visible ? " has more than " + maxLength + " characters" : " cannot hold blanks";
        problems.error(statement.arguments().getFirst(), "'" + statement.word() + "'" + wrong, "");
        return Optional.empty();
    }

    OptionalInt integer(Statement statement, long min, long max) {
        return single(statement).map(t -> integer(t, min, max)).orElse(OptionalInt.empty());
    }

    /** A whole number; above 2^31−1 (where {@code max} allows it) it is 2^31−1, or its bits if {@code max} is 2^32−1. */
    OptionalInt integer(Token token, long min, long max) {
        Optional<Long> value = whole(token.value());
        if (value.isEmpty()) {
            problems.error(token, Clip.quoted(token) + " is not a whole number", range(min, max));
            return OptionalInt.empty();
        }
        if (value.get() < min || value.get() > max) {
            problems.error(token, Clip.quoted(token) + " is out of range", range(min, max));
            return OptionalInt.empty();
        }
        return OptionalInt.of(value.get().intValue());
    }

    private static String range(long min, long max) {
        return "write a number from " + min + " to " + max;
    }

    private static Optional<Long> whole(String text) {
        boolean negative = text.startsWith("-");
        String digits = negative ? text.substring(1) : text;
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) return Optional.empty();
        String significant = digits.replaceFirst("^0+(?=.)", "");
        long value = significant.length() > 18 ? Long.MAX_VALUE : Long.parseLong(significant);
        return Optional.of(negative ? -value : value);
    }

    Optional<Duration> timer(Statement statement, Duration min, Duration max) {
        return single(statement).flatMap(t -> timer(t, min, max));
    }

    /** Seconds with up to six decimals, keepalived's TIMER. */
    Optional<Duration> timer(Token token, Duration min, Duration max) {
        String text = token.value();
        int point = text.indexOf('.');
        String seconds = point < 0 ? text : text.substring(0, point);
        String fraction = point < 0 ? "" : text.substring(point + 1);
        boolean digits = (seconds + fraction).chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (seconds + fraction).isEmpty() || fraction.length() > 6) {
            problems.error(token, Clip.quoted(token) + " is not a time", "write seconds, such as 3 or 0.25");
            return Optional.empty();
        }
        Duration time = seconds.length() > 9
                ? Duration.ofSeconds(Long.MAX_VALUE)
                : Duration.ofSeconds(seconds.isEmpty() ? 0 : Long.parseLong(seconds))
                        .plusNanos(1_000 * Long.parseLong((fraction + "000000").substring(0, 6)));
        if (time.compareTo(min) >= 0 && time.compareTo(max) <= 0) return Optional.of(time);
        String bounds = "write seconds from " + seconds(min) + " to " + seconds(max);
        problems.error(token, Clip.quoted(token) + " is out of range", bounds);
        return Optional.empty();
    }

    /** As {@link #timer} reads it. */
    static String seconds(Duration time) {
        long micros = time.toNanosPart() / 1_000;
        if (micros == 0) return Long.toString(time.toSeconds());
        return time.toSeconds() + "." + "%06d".formatted(micros).replaceFirst("0+$", "");
    }

    /** A bare keyword is true. */
    Optional<Boolean> bool(Statement statement) {
        if (statement.arguments().isEmpty()) return Optional.of(true);
        noMoreThan(statement, 1);
        Token token = statement.arguments().getFirst();
        return switch (token.value()) {
            case "on", "true", "yes" -> Optional.of(true);
            case "off", "false", "no" -> Optional.of(false);
            default -> {
                List<String> words = List.of("on", "off", "true", "false", "yes", "no");
                String near = Suggestion.didYouMean(token.value(), words);
                String remedy = near.isEmpty() ? "write on or off" : near;
                problems.error(token, Clip.quoted(token) + " is neither on nor off", remedy);
                yield Optional.empty();
            }
        };
    }

    /** True; arguments are too many. */
    boolean flag(Statement statement) {
        noMoreThan(statement, 0);
        return true;
    }

    Optional<IpAddress> address(Token token) {
        Optional<IpAddress> address = IpAddress.parse(token.value());
        if (address.isEmpty()) {
            problems.error(token, Clip.quoted(token) + " is not an IP address", addressRemedy(token.value()));
        }
        return address;
    }

    private static String addressRemedy(String text) {
        if (text.indexOf('$') >= 0) return "is a definition missing?";
        int colon = text.lastIndexOf(':');
        if (colon > 0) {
            String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
            boolean port = !text.substring(colon + 1).isEmpty()
                    && text.substring(colon + 1).chars().allMatch(Character::isDigit);
            if (port && IpAddress.parse(host).isPresent()) {
                return "write '" + host + " " + text.substring(colon + 1) + "', with a blank";
            }
        }
        int slash = text.indexOf('/');
        if (slash > 0 && IpAddress.parse(text.substring(0, slash)).isPresent())
            return "write it without a prefix length";
        boolean name = text.chars().anyMatch(Character::isLetter) && colon < 0;
        return name ? "names are not looked up: write the address itself" : "";
    }

    OptionalInt port(Token token, int min) {
        boolean number = whole(token.value()).isPresent();
        if (number) return integer(token, min, 65_535);
        problems.error(token, Clip.quoted(token) + " is not a port number", "write the number of the port");
        return OptionalInt.empty();
    }

    /** {@code IP [PORT]}; a port that is missing or 0 is empty. */
    Optional<AddressAndPort> addressAndPort(Statement statement) {
        if (statement.arguments().isEmpty()) {
            problems.error(
                    statement.keyword(), "'" + statement.word() + "' needs an address", "write IP PORT behind it");
            return Optional.empty();
        }
        noMoreThan(statement, 2);
        Optional<IpAddress> address = address(statement.arguments().getFirst());
        if (statement.arguments().size() == 1) return address.map(a -> new AddressAndPort(a, 0));
        OptionalInt port = port(statement.arguments().get(1), 0);
        if (address.isEmpty() || port.isEmpty()) return Optional.empty();
        return Optional.of(new AddressAndPort(address.get(), port.getAsInt()));
    }

    /** @param port 0 if none was written */
    record AddressAndPort(IpAddress address, int port) {}
}
