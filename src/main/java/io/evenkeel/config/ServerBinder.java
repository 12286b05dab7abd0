package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.config.Values.AddressAndPort;
import io.evenkeel.model.Check;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.RealServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads one {@code real_server}. One instance for each block; one thread. */
final class ServerBinder {

    /** keepalived's largest weight and threshold. */
    static final int MAX_WEIGHT = Integer.MAX_VALUE;

    /** What the service says for all its realservers. */
    record Around(Inherited checks, int weight, Forwarding forwarding, boolean inhibitOnFailure) {}

    private final Values values;
    private final Statement block;
    private final Optional<AddressAndPort> header;
    private final Inherited own = new Inherited();
    private OptionalInt weight = OptionalInt.empty();
    private Optional<Forwarding> forwarding = Optional.empty();
    private int upperThreshold;
    private int lowerThreshold;
    private Optional<Boolean> inhibitOnFailure = Optional.empty();
    private final List<CheckBinder.Draft> checks = new ArrayList<>();

    ServerBinder(Statement block, Values values) {
        this.values = values;
        this.block = block;
        this.header = values.addressAndPort(block);
        new Statements(values.problems())
                .each(Statements.of(block), Scope.REAL_SERVER, ServerKeyword.class, this::keyword);
        reportThresholds();
    }

    /** Where it is written. */
    Token at() {
        return block.keyword();
    }

    /** Its address and port as written; empty if it cannot be read and the realserver has to be left out. */
    Optional<AddressAndPort> header() {
        return header;
    }

    Forwarding forwarding(Around around) {
        return forwarding.orElse(around.forwarding());
    }

    int weight(Around around) {
        return weight.orElse(around.weight());
    }

    /** @param endpoint with the port it is to have */
    RealServer complete(Endpoint endpoint, Around around) {
        Inherited all = own.within(around.checks());
        List<Check> complete = new ArrayList<>();
        for (CheckBinder.Draft check : checks) complete.add(check.complete(all, endpoint));
        return new RealServer(
                endpoint,
                weight(around),
                forwarding(around),
                upperThreshold,
                lowerThreshold,
                inhibitOnFailure.orElse(around.inhibitOnFailure()),
                all.alpha(),
                complete);
    }

    private void keyword(ServerKeyword keyword, Statement statement) {
        switch (keyword) {
            case WEIGHT -> weight = values.integer(statement, 0, MAX_WEIGHT);
            case LVS_METHOD, LB_KIND -> forwarding = ForwardingChoice.read(statement, values);
            case UTHRESHOLD ->
                upperThreshold = values.integer(statement, 0, MAX_WEIGHT).orElse(0);
            case LTHRESHOLD ->
                lowerThreshold = values.integer(statement, 0, MAX_WEIGHT).orElse(0);
            case INHIBIT_ON_FAILURE -> inhibitOnFailure = values.bool(statement);
            case ALPHA, RETRY, DELAY_BEFORE_RETRY, WARMUP, CONNECT_TIMEOUT, DELAY_LOOP, VIRTUALHOST, RISE, FALL ->
                own.read(statement, values);
            case TCP_CHECK -> check(Scope.TCP_CHECK, statement);
            case HTTP_GET -> check(Scope.HTTP_GET, statement);
            case UDP_CHECK -> check(Scope.UDP_CHECK, statement);
            case PING_CHECK -> check(Scope.PING_CHECK, statement);
            case MISC_CHECK -> check(Scope.MISC_CHECK, statement);
            case NOTIFY_UP, NOTIFY_DOWN, SMTP_ALERT, SNMP_NAME -> {} // Statements has spoken
            case SSL_GET, SMTP_CHECK, DNS_CHECK, FILE_CHECK, BFD_CHECK -> {}
        }
    }

    private void check(Scope kind, Statement statement) {
        CheckBinder.read(kind, statement, values).ifPresent(checks::add);
    }

    /** The kernel refuses this pair with ERANGE, and keepalived then has no such realserver. */
    private void reportThresholds() {
        if (lowerThreshold <= upperThreshold) return;
        String message = "lthreshold " + lowerThreshold + " is more than uthreshold " + upperThreshold;
        Token at = Statements.of(block).stream()
                .filter(s -> s.word().equals("lthreshold"))
                .reduce((first, last) -> last)
                .map(Statement::keyword)
                .orElse(block.keyword());
        values.problems().error(at, message, "lthreshold is left out");
        lowerThreshold = 0;
    }
}
