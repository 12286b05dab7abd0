package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService.ClientAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** Our own keywords of a {@code virtual_server}, and which of them contradict each other. One thread. */
final class ServiceExtensions {

    static final Duration TRACKED_TIMEOUT = Duration.ofMinutes(5);
    static final Duration ONE_PACKET_TIMEOUT = Duration.ofSeconds(30);
    static final int MAX_RESPONSES = 65_535;

    private static final Duration MICROSECOND = Duration.ofNanos(1_000);

    /** What holds once contradictions are out. */
    record Chosen(
            OptionalInt responses,
            Duration udpTimeout,
            ClientAddress clientAddress,
            boolean transparent,
            boolean proxyProtocol,
            boolean canonicalOrder,
            Optional<Duration> drainTimeout,
            Duration failbackGrace) {}

    private OptionalInt responses = OptionalInt.empty();
    private Optional<Duration> udpTimeout = Optional.empty();
    private ClientAddress clientAddress = ClientAddress.UNSPECIFIED;
    private boolean transparent;
    private boolean proxyProtocol;
    private boolean canonicalOrder;
    private Optional<Duration> drainTimeout = Optional.empty();
    private Duration failbackGrace = Duration.ZERO;

    void read(ServiceKeyword keyword, Statement statement, Values values) {
        if (keyword == ServiceKeyword.RESPONSES) responses = values.integer(statement, 0, MAX_RESPONSES);
        if (keyword == ServiceKeyword.UDP_TIMEOUT) {
            udpTimeout = values.timer(statement, MICROSECOND, Values.MAX_TIMER);
        }
        if (keyword == ServiceKeyword.TRANSPARENT)
            transparent = values.bool(statement).orElse(false);
        if (keyword == ServiceKeyword.PROXY_PROTOCOL)
            proxyProtocol = word(statement, values, "v2").isPresent();
        if (keyword == ServiceKeyword.ORDER)
            canonicalOrder = word(statement, values, "canonical").isPresent();
        if (keyword == ServiceKeyword.DRAIN_TIMEOUT) {
            drainTimeout = values.timer(statement, Duration.ZERO, Values.MAX_TIMER);
        }
        if (keyword == ServiceKeyword.FAILBACK_GRACE) {
            failbackGrace =
                    values.timer(statement, Duration.ZERO, Values.MAX_TIMER).orElse(Duration.ZERO);
        }
        if (keyword == ServiceKeyword.CLIENT_ADDRESS) {
            clientAddress = word(statement, values, "keep", "director")
                    .map(w -> w.equals("keep") ? ClientAddress.KEEP : ClientAddress.DIRECTOR)
                    .orElse(ClientAddress.UNSPECIFIED);
        }
    }

    private static Optional<String> word(Statement statement, Values values, String... words) {
        Optional<Token> token = values.single(statement);
        if (token.isEmpty() || List.of(words).contains(token.get().value())) return token.map(Token::value);
        String near = Suggestion.didYouMean(token.get().value(), List.of(words));
        String message = "'" + statement.word() + "' cannot be " + Clip.quoted(token.get());
        String remedy = near.isEmpty() ? "write " + String.join(" or ", words) : near;
        values.problems().error(token.get(), message, remedy);
        return Optional.empty();
    }

    /** @param at where a keyword was written */
    Chosen chosen(ServiceKey key, boolean onePacket, Forwarding method, Function<String, Token> at, Problems problems) {
        boolean tcp = key.protocol() == Protocol.TCP;
        if (tcp && responses.isPresent()) {
            problems.error(at.apply("responses"), "'responses' counts datagrams; TCP has none", "take it away");
            responses = OptionalInt.empty();
        }
        if (tcp && udpTimeout.isPresent()) {
            problems.warning(at.apply("udp_timeout"), "'udp_timeout' has no effect on TCP", "take it away");
            udpTimeout = Optional.empty();
        }
        resolveTransparent(tcp, method, at, problems);
        boolean rewritten = method instanceof Forwarding.Nat;
        if (clientAddress == ClientAddress.DIRECTOR && !rewritten) {
            String message = "'client_address director' contradicts lb_kind " + method.word();
            problems.error(at.apply("client_address"), message, "it always keeps the address of the client");
            clientAddress = ClientAddress.UNSPECIFIED;
        }
        if (proxyProtocol && !rewritten) {
            String message = "'proxy_protocol' contradicts lb_kind " + method.word();
            problems.error(at.apply("proxy_protocol"), message, "packets are not rewritten there: take it away");
            proxyProtocol = false;
        }
        Duration idle = udpTimeout.orElse(onePacket ? ONE_PACKET_TIMEOUT : TRACKED_TIMEOUT);
        return new Chosen(
                responses,
                idle,
                clientAddress,
                transparent,
                proxyProtocol,
                canonicalOrder,
                drainTimeout,
                failbackGrace);
    }

    private void resolveTransparent(boolean tcp, Forwarding method, Function<String, Token> at, Problems problems) {
        if (!transparent) return;
        Token token = at.apply("transparent");
        if (tcp) {
            problems.error(token, "'transparent' is for one-way UDP services", "proxy_protocol v2 serves TCP");
            transparent = false;
        } else if (!(method instanceof Forwarding.Nat)) {
            problems.error(
                    token, "'transparent' contradicts lb_kind " + method.word(), "the address is kept there anyway");
            transparent = false;
        } else if (!responses.equals(OptionalInt.of(0))) {
            String message = "'transparent' needs 'responses 0': replies would not come back to the director";
            problems.error(token, message, "write responses 0, or proxy_protocol v2 instead of transparent");
            transparent = false;
        } else if (clientAddress == ClientAddress.DIRECTOR) {
            problems.error(token, "'transparent' contradicts 'client_address director'", "take one of them away");
            transparent = false;
        } else if (proxyProtocol) {
            String message = "'proxy_protocol' beside 'transparent' says the address of the client twice";
            problems.error(at.apply("proxy_protocol"), message, "take one of them away");
            proxyProtocol = false;
        }
    }
}
