package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.VirtualService.Persistence;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Persistence, gathered from {@code persistence_timeout} and {@code persistence_granularity}. One thread. */
final class Affinity {

    /** keepalived's when no time is written: 360 s. */
    static final Duration DEFAULT = Duration.ofMinutes(6);

    /** 31 days, IPVS's longest. */
    static final int MAX_SECONDS = 2_678_400;

    private final Values values;
    private Optional<Duration> timeout = Optional.empty();
    private Optional<Token> granularity = Optional.empty();

    Affinity(Values values) {
        this.values = values;
    }

    void timeout(Statement statement) {
        if (statement.arguments().isEmpty()) {
            timeout = Optional.of(DEFAULT);
            return;
        }
        OptionalInt seconds = values.integer(statement, 1, MAX_SECONDS);
        timeout = Optional.of(seconds.isPresent() ? Duration.ofSeconds(seconds.getAsInt()) : DEFAULT);
    }

    void granularity(Statement statement) {
        granularity = values.single(statement);
        if (granularity.isPresent() && timeout.isEmpty()) timeout = Optional.of(DEFAULT);
    }

    /** @param service where to say that port 0 needs persistence */
    Optional<Persistence> chosen(Endpoint vip, Token service) {
        if (timeout.isEmpty() && vip.port() == 0) {
            String message = "a service without a port needs persistence; persistence_timeout 360 is used";
            values.problems().error(service, message, "write the port, or persistence_timeout");
            timeout = Optional.of(DEFAULT);
        }
        boolean v6 = vip.address().v6();
        int host = v6 ? 128 : 32;
        int prefix = granularity.map(t -> prefix(t, v6).orElse(host)).orElse(host);
        return timeout.map(t -> new Persistence(t, prefix));
    }

    private OptionalInt prefix(Token token, boolean v6) {
        if (v6) return values.integer(token, 1, 128);
        OptionalInt prefix = netmask(token.value());
        if (prefix.isEmpty()) {
            String message = Clip.quoted(token) + " is not a netmask";
            values.problems().error(token, message, "write a netmask without gaps, such as 255.255.255.0");
        }
        return prefix;
    }

    /** The length of a dotted netmask without gaps. */
    static OptionalInt netmask(String text) {
        Optional<IpAddress> mask = text.indexOf(':') >= 0 ? Optional.empty() : IpAddress.parse(text);
        if (mask.isEmpty()) return OptionalInt.empty();
        int bits = (int) mask.get().low();
        int length = Integer.numberOfLeadingZeros(~bits);
        boolean gaps = length < 32 && bits << length != 0;
        return gaps ? OptionalInt.empty() : OptionalInt.of(length);
    }

    /** The dotted netmask of that length. */
    static String netmask(int prefixLength) {
        return IpAddress.v4(prefixLength == 0 ? 0 : -1 << (32 - prefixLength)).toString();
    }
}
