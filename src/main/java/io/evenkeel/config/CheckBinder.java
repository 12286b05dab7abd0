package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Check;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads one check. What it inherits is known only when the blocks around it have been read, so reading answers a
 * {@link Draft}. One instance for each block; one thread.
 */
final class CheckBinder {

    /** A check that still lacks what it inherits. */
    interface Draft {
        /**
         * @param around the settings of the realserver within those of the service
         * @param server where it is probed unless the check says otherwise
         */
        Check complete(Inherited around, Endpoint server);
    }

    /** keepalived sends 32 bytes that begin with this text. */
    static final String DEFAULT_PAYLOAD =
            HexFormat.of().formatHex("keepalived check - from evenkeel".getBytes(StandardCharsets.US_ASCII));

    static final int DEFAULT_MAX_REPLY = 255;
    private static final int MAX_DATAGRAM = 65_507;

    /** Bytes of a payload or a pattern; a probe is small. */
    private static final int MAX_PAYLOAD = 16_384;

    /** Characters of a command with its arguments. */
    private static final int MAX_COMMAND = 4_096;

    /** IFNAMSIZ without its NUL. */
    private static final int MAX_INTERFACE = 15;

    /** TCP_CHECK, UDP_CHECK and PING_CHECK. */
    static final Inherited.Defaults ONE_SECOND = new Inherited.Defaults(1, Duration.ofSeconds(1));

    static final Inherited.Defaults HTTP = new Inherited.Defaults(1, Duration.ofSeconds(3));
    static final Inherited.Defaults MISC = new Inherited.Defaults(0, Duration.ofSeconds(1));

    private final Values values;
    private final Problems problems;
    private final Inherited own = new Inherited();
    private final HttpUrls urls;

    private Optional<IpAddress> connectAddress = Optional.empty();
    private OptionalInt connectPort = OptionalInt.empty();
    private Optional<IpAddress> bindAddress = Optional.empty();
    private Optional<String> bindInterface = Optional.empty();
    private int bindPort;
    private int fwmark;
    private Check.Http.Version version = Check.Http.Version.HTTP_1_0;
    private String payload = DEFAULT_PAYLOAD;
    private Optional<Check.ReplyPattern> reply = Optional.empty();
    private int minReply;
    private int maxReply = DEFAULT_MAX_REPLY;
    private List<String> command = List.of();
    private Optional<Duration> miscTimeout = Optional.empty();
    private boolean dynamic;

    private CheckBinder(Values values) {
        this.values = values;
        this.problems = values.problems();
        this.urls = new HttpUrls(values);
    }

    /** The check that {@code block} writes; empty if it cannot be made at all. */
    static Optional<Draft> read(Scope kind, Statement block, Values values) {
        values.noMoreThan(block, 0);
        CheckBinder binder = new CheckBinder(values);
        new Statements(values.problems())
                .each(Statements.of(block), kind, CheckKeyword.class, (k, s) -> binder.keyword(k, s));
        return switch (kind) {
            case TCP_CHECK -> Optional.of(binder.draft(ONE_SECOND, Check.Tcp::new));
            case PING_CHECK -> Optional.of(binder.draft(ONE_SECOND, Check.Ping::new));
            case UDP_CHECK -> Optional.of(binder.udp(block));
            case HTTP_GET -> binder.http(block);
            case MISC_CHECK -> binder.misc(block);
            default -> throw new AssertionError(kind + " is no check that is built");
        };
    }

    private interface Simple {
        Check of(Check.Timing timing, Check.Target target);
    }

    private Draft draft(Inherited.Defaults defaults, Simple check) {
        return (around, server) -> check.of(own.within(around).timing(defaults), target(server));
    }

    private Draft udp(Statement block) {
        if (minReply > maxReply) {
            String message = "min_reply_length " + minReply + " is more than max_reply_length " + maxReply;
            problems.error(block.keyword(), message, "");
            minReply = 0;
        }
        Check.HexBytes bytes = new Check.HexBytes(payload);
        return draft(ONE_SECOND, (timing, to) -> new Check.Udp(timing, to, bytes, reply, minReply, maxReply));
    }

    private Optional<Draft> http(Statement block) {
        if (urls.isEmpty()) {
            if (!urls.written()) problems.error(block.keyword(), "HTTP_GET needs a url block", "url { path / }");
            return Optional.empty();
        }
        return Optional.of((around, server) -> {
            Inherited all = own.within(around);
            return new Check.Http(all.timing(HTTP), target(server), urls.withHost(all.virtualHost()), version);
        });
    }

    private Optional<Draft> misc(Statement block) {
        if (command.isEmpty()) {
            boolean written =
                    Statements.of(block).stream().anyMatch(s -> s.word().equals("misc_path"));
            if (!written)
                problems.error(block.keyword(), "MISC_CHECK needs misc_path", "misc_path \"/path/program ARGUMENTS\"");
            return Optional.empty();
        }
        return Optional.of((around, server) -> {
            Check.Timing timing = own.within(around).timing(MISC);
            Duration timeout = miscTimeout.orElse(timing.delayLoop());
            return new Check.Misc(Inherited.withTimeout(timing, timeout), command, timeout, dynamic);
        });
    }

    private Check.Target target(Endpoint server) {
        Endpoint to = new Endpoint(connectAddress.orElse(server.address()), connectPort.orElse(server.port()));
        return new Check.Target(to, bindAddress, bindPort, bindInterface, fwmark);
    }

    private void keyword(CheckKeyword keyword, Statement statement) {
        switch (keyword) {
            case DELAY_LOOP, RETRY, NB_GET_RETRY, DELAY_BEFORE_RETRY, WARMUP, CONNECT_TIMEOUT, RISE, FALL, ALPHA ->
                own.read(statement, values);
            case VIRTUALHOST -> own.read(statement, values);
            case CONNECT_IP -> connectAddress = values.single(statement).flatMap(values::address);
            case CONNECT_PORT -> connectPort = port(statement);
            case BINDTO -> bindAddress = values.single(statement).flatMap(values::address);
            case BIND_IF -> bindInterface = values.visible(statement, MAX_INTERFACE);
            case BIND_PORT -> bindPort = port(statement).orElse(0);
            case FWMARK -> fwmark = values.integer(statement, 0, 0xffff_ffffL).orElse(0);
            case EACH_URL -> urls.read(statement);
            case HTTP_PROTOCOL -> httpProtocol(statement);
            case PAYLOAD -> payload = hexadecimal(statement, false).orElse(payload);
            case REQUIRE_REPLY -> requireReply(statement);
            case MIN_REPLY_LENGTH ->
                minReply = values.integer(statement, 0, MAX_DATAGRAM).orElse(0);
            case MAX_REPLY_LENGTH ->
                maxReply = values.integer(statement, 0, MAX_DATAGRAM).orElse(DEFAULT_MAX_REPLY);
            case MISC_PATH -> command = command(statement);
            case MISC_TIMEOUT -> miscTimeout = values.timer(statement, Duration.ofNanos(1_000), Values.MAX_TIMER);
            case MISC_DYNAMIC -> dynamic = values.bool(statement).orElse(false);
            case PATH, STATUS_CODE -> throw new AssertionError("read by HttpUrls");
            case LOG_ALL_FAILURES, URL_OVER_TLS, FAST_RECOVERY, ENABLE_SNI, SNI_NAME, TLS_COMPLIANT -> {}
            case DIGEST, REGEX, REGEX_NO_MATCH, REGEX_OPTIONS, REGEX_MIN_OFFSET, REGEX_MAX_OFFSET, REGEX_STACK -> {}
            case USER, HELO_NAME, HOST, TYPE, NAME, BFD_NAME, TRACK_FILE, WEIGHT -> {} // Statements has spoken
        }
    }

    private OptionalInt port(Statement statement) {
        return values.single(statement).map(t -> values.port(t, 1)).orElse(OptionalInt.empty());
    }

    private void httpProtocol(Statement statement) {
        values.single(statement).ifPresent(token -> {
            switch (token.value()) {
                case "1.0" -> version = Check.Http.Version.HTTP_1_0;
                case "1.0C", "1.0c" -> version = Check.Http.Version.HTTP_1_0_CLOSE;
                case "1.1" -> version = Check.Http.Version.HTTP_1_1;
                default ->
                    problems.error(token, Clip.quoted(token) + " is no version of HTTP", "write 1.0, 1.0C or 1.1");
            }
        });
    }

    private void requireReply(Statement statement) {
        reply = statement.arguments().isEmpty()
                ? Optional.of(new Check.ReplyPattern(""))
                : hexadecimal(statement, true).map(Check.ReplyPattern::new);
    }

    /** Digits, maybe in several words; the answer is in lower case, with {@code X} as the wildcard. */
    private Optional<String> hexadecimal(Statement statement, boolean wildcards) {
        if (statement.arguments().isEmpty()) {
            values.single(statement);
            return Optional.empty();
        }
        StringBuilder digits = new StringBuilder();
        for (Token token : statement.arguments()) {
            String text = token.value().replaceAll("\\s", "").toLowerCase(Locale.ROOT);
            String allowed = wildcards ? "[0-9a-fx]*" : "[0-9a-f]*";
            if (!text.matches(allowed)) {
                String remedy =
                        wildcards ? "write digits 0-9 a-f, or X for any" : "write digits 0-9 a-f, two for a byte";
                problems.error(token, Clip.quoted(token) + " is not hexadecimal", remedy);
                return Optional.empty();
            }
            digits.append(text.replace('x', 'X'));
        }
        if (digits.length() % 2 == 0 && digits.length() <= 2 * MAX_PAYLOAD) return Optional.of(digits.toString());
        String wrong = digits.length() % 2 == 0 ? "more than " + MAX_PAYLOAD + " bytes" : "an odd number of digits";
        problems.error(statement.arguments().getFirst(), "'" + statement.word() + "' has " + wrong, "");
        return Optional.empty();
    }

    private List<String> command(Statement statement) {
        List<String> words = CommandLine.of(statement);
        if (words.isEmpty() || words.getFirst().isEmpty()) {
            problems.error(statement.keyword(), "'misc_path' needs a program", "misc_path \"/path/program ARGUMENTS\"");
            return List.of();
        }
        boolean nul = words.stream().anyMatch(w -> w.indexOf('\0') >= 0);
        boolean tooLong = words.stream().mapToInt(String::length).sum() > MAX_COMMAND;
        if (!nul && !tooLong) return words;
        String wrong = nul ? "hold a NUL byte" : "have more than " + MAX_COMMAND + " characters";
        problems.error(statement.arguments().getFirst(), "a command cannot " + wrong, "");
        return List.of();
    }
}
