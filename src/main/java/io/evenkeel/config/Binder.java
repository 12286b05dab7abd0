package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Origin;
import io.evenkeel.model.Origins;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Finds what a syntax tree means: keepalived's defaults and cross checks, and every problem of the text. Never throws for
 * what the text holds; what cannot be understood is left out and said. One thread, one tree.
 */
final class Binder {

    /** Back ports over several source addresses. */
    static final int MAX_REPLY_PORTS = 1_048_576;

    static final int MAX_REPLY_ADDRESSES = 64;

    /** A configuration, and beside it where it was written. */
    record Bound(Configuration configuration, Origins origins) {}

    private final Values values;
    private final Problems problems;
    private final Map<ServiceKey, VirtualService> services = new LinkedHashMap<>();
    private final Map<ServiceKey, Origin> origins = new HashMap<>();
    private final Map<String, Origin> keywords = new HashMap<>();
    private int replyPorts = Configuration.DEFAULT_REPLY_PORTS;
    private final Set<IpAddress> replyAddresses = new LinkedHashSet<>();

    private Binder(Problems problems) {
        this.problems = problems;
        this.values = new Values(problems);
    }

    static Bound bind(SyntaxTree tree, Problems problems) {
        Binder binder = new Binder(problems);
        new Statements(problems).each(tree.statements(), Scope.ROOT, RootKeyword.class, binder::root);
        Configuration configuration = new Configuration(
                List.copyOf(binder.services.values()), binder.replyPorts, List.copyOf(binder.replyAddresses));
        return new Bound(configuration, new Origins(binder.origins, binder.keywords));
    }

    private void root(RootKeyword keyword, Statement statement) {
        switch (keyword) {
            case GLOBAL_DEFS -> globals(statement);
            case VIRTUAL_SERVER -> service(statement);
            case INCLUDE, INCLUDER, INCLUDEM, INCLUDEW, INCLUDEB, INCLUDEA -> {
                String message = "'" + statement.word() + "' must be the first word of a line";
                problems.error(statement.keyword(), message, "");
            }
            case VIRTUAL_SERVER_GROUP, VRRP_INSTANCE, VRRP_SYNC_GROUP, VRRP_SCRIPT, VRRP_TRACK_PROCESS -> {}
            case VRRP_TRACK_FILE, TRACK_FILE, STATIC_IPADDRESS, STATIC_ROUTES, STATIC_RULES, TRACK_GROUP -> {}
            case INTERFACE_UP_DOWN_DELAYS, GARP_GROUP, BFD_INSTANCE, SSL, NET_NAMESPACE, NET_NAMESPACE_IPVS -> {}
            case NAMESPACE_WITH_IPSETS, INSTANCE, USE_PID_DIR, CHILD_WAIT_TIME, LINKBEAT_USE_POLLING -> {}
        }
    }

    private void service(Statement statement) {
        new ServiceBinder(statement, values).bind().ifPresent(bound -> {
            ServiceKey key = bound.service().key();
            Origin first = origins.get(key);
            if (first != null) {
                String message =
                        "service " + key + " stands twice, first at " + first.position() + ": this one is left out";
                problems.error(statement.keyword(), message, "take one of them away");
                return;
            }
            services.put(key, bound.service());
            origins.put(key, statement.keyword().place().origin());
            keywords.putAll(bound.keywords());
        });
    }

    private void globals(Statement block) {
        values.noMoreThan(block, 0);
        new Statements(problems).each(Statements.of(block), Scope.GLOBAL_DEFS, GlobalKeyword.class, this::global);
    }

    private void global(GlobalKeyword keyword, Statement statement) {
        if (keyword == GlobalKeyword.REPLY_PORTS) {
            OptionalInt ports = values.integer(statement, 1, MAX_REPLY_PORTS);
            replyPorts = ports.orElse(replyPorts);
        }
        if (keyword == GlobalKeyword.REPLY_ADDRESSES) replyAddresses(statement);
        if (keyword == GlobalKeyword.INCLUDE_CHECK) includeCheck(statement);
    }

    private void replyAddresses(Statement statement) {
        if (statement.arguments().isEmpty()) values.single(statement);
        replyAddresses.clear();
        for (Token token : statement.arguments()) {
            values.address(token).ifPresent(address -> {
                if (replyAddresses.size() >= MAX_REPLY_ADDRESSES) {
                    problems.error(token, "more than " + MAX_REPLY_ADDRESSES + " reply addresses", "");
                } else if (!replyAddresses.add(address)) {
                    problems.warning(token, "address " + address + " stands twice", "take one of them away");
                }
            });
        }
    }

    /** The preprocessor has obeyed it; here only its words are looked at. */
    private void includeCheck(Statement statement) {
        List<String> known = List.of("readable", "match", "wildcard_match", "brace_match");
        List<Token> unknown = new ArrayList<>(statement.arguments());
        unknown.removeIf(t -> known.contains(t.value()));
        for (Token token : unknown) {
            problems.error(token, "unknown rule " + Clip.quoted(token), Suggestion.didYouMean(token.value(), known));
        }
    }
}
