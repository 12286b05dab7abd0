package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.config.Values.AddressAndPort;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Origin;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import io.evenkeel.model.VirtualService.SorryServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads one {@code virtual_server}. One instance for each block; one thread. */
final class ServiceBinder {

    /** As bound, and where its parts were written. */
    record Bound(VirtualService service, Map<String, Origin> keywords) {}

    private final Values values;
    private final Problems problems;
    private final Statement block;
    private final Map<String, Token> written = new HashMap<>();

    private final SchedulerChoice scheduler = new SchedulerChoice();
    private final Affinity affinity;
    private final ServiceExtensions extensions = new ServiceExtensions();
    private final Inherited checks = new Inherited();
    private final List<ServerBinder> servers = new ArrayList<>();
    private Optional<Protocol> protocol = Optional.empty();
    private boolean unsupported; // said already; the rest is read for its problems
    private boolean onePacket;
    private Optional<Forwarding> forwarding = Optional.empty();
    private long quorum = 1;
    private int hysteresis;
    private boolean omega;
    private boolean inhibitOnFailure;
    private int weight = 1;
    private Optional<AddressAndPort> sorry = Optional.empty();
    private boolean sorryInhibit;
    private Optional<Forwarding> sorryForwarding = Optional.empty();
    private Optional<Statement> quorumUp = Optional.empty();

    ServiceBinder(Statement block, Values values) {
        this.block = block;
        this.values = values;
        this.problems = values.problems();
        this.affinity = new Affinity(values);
    }

    /** The service; empty if there is none to speak of, which has then been said. */
    Optional<Bound> bind() {
        Optional<AddressAndPort> vip = header();
        new Statements(problems).each(Statements.of(block), Scope.VIRTUAL_SERVER, ServiceKeyword.class, this::keyword);
        if (vip.isEmpty() || unsupported) return Optional.empty();
        return complete(new Endpoint(vip.get().address(), vip.get().port()));
    }

    private Optional<AddressAndPort> header() {
        String first =
                block.arguments().isEmpty() ? "" : block.arguments().getFirst().value();
        if (!first.equals("fwmark") && !first.equals("group")) return values.addressAndPort(block);
        Token at = block.arguments().getFirst();
        String message = "a virtual_server by " + first + " is not built yet: this service is left out";
        problems.error(at, message, "write a virtual_server by address");
        return Optional.empty();
    }

    private void keyword(ServiceKeyword keyword, Statement statement) {
        written.put(keyword.word(), statement.keyword());
        switch (keyword) {
            case PROTOCOL -> protocol(statement);
            case LB_ALGO, LVS_SCHED -> scheduler.name(statement, values);
            case SH_PORT, SH_FALLBACK, MH_PORT, MH_FALLBACK, FLAG_1, FLAG_2, FLAG_3 ->
                scheduler.flag(statement, values);
            case LB_KIND, LVS_METHOD -> forwarding = ForwardingChoice.read(statement, values);
            case OPS -> onePacket = values.flag(statement);
            case PERSISTENCE_TIMEOUT -> affinity.timeout(statement);
            case PERSISTENCE_GRANULARITY -> affinity.granularity(statement);
            case QUORUM ->
                quorum = values.integer(statement, 1, 0xffff_ffffL).stream()
                        .mapToLong(Integer::toUnsignedLong)
                        .findFirst()
                        .orElse(1);
            case HYSTERESIS ->
                hysteresis = values.integer(statement, 0, Integer.MAX_VALUE).orElse(0);
            case QUORUM_UP -> quorumUp = Optional.of(statement);
            case SORRY_SERVER -> sorry = values.addressAndPort(statement);
            case SORRY_SERVER_INHIBIT -> sorryInhibit = values.bool(statement).orElse(false);
            case SORRY_SERVER_LVS_METHOD -> sorryForwarding = ForwardingChoice.read(statement, values);
            case OMEGA -> omega = values.bool(statement).orElse(false);
            case INHIBIT_ON_FAILURE -> inhibitOnFailure = values.bool(statement).orElse(false);
            case WEIGHT ->
                weight = values.integer(statement, 1, ServerBinder.MAX_WEIGHT).orElse(1);
            case ALPHA, DELAY_LOOP, RETRY, DELAY_BEFORE_RETRY, WARMUP, CONNECT_TIMEOUT, VIRTUALHOST, RISE, FALL ->
                checks.read(statement, values);
            case REAL_SERVER -> servers.add(new ServerBinder(statement, values));
            case IP_FAMILY -> family(statement);
            case RESPONSES, UDP_TIMEOUT, CLIENT_ADDRESS, TRANSPARENT -> extensions.read(keyword, statement, values);
            case PROXY_PROTOCOL, DRAIN_TIMEOUT, FAILBACK_GRACE, ORDER -> extensions.read(keyword, statement, values);
            case HASHED, PERSISTENCE_ENGINE, QUORUM_DOWN, HA_SUSPEND, SMTP_ALERT, SNMP_NAME -> {} // Statements spoke
        }
    }

    private void protocol(Statement statement) {
        values.single(statement).ifPresent(token -> {
            switch (token.value().toUpperCase(Locale.ROOT)) {
                case "UDP" -> protocol = Optional.of(Protocol.UDP);
                case "TCP" -> protocol = Optional.of(Protocol.TCP);
                case "SCTP" -> {
                    unsupported = true;
                    problems.error(token, "SCTP is not built yet: this service is left out", "");
                }
                default -> {
                    unsupported = true;
                    String near = Suggestion.didYouMean(token.value().toUpperCase(Locale.ROOT), List.of("UDP", "TCP"));
                    String message = "unknown protocol " + Clip.quoted(token) + ": this service is left out";
                    problems.error(token, message, near.isEmpty() ? "write UDP or TCP" : near);
                }
            }
        });
    }

    /** Only a fwmark service needs it; an address says its family. */
    private void family(Statement statement) {
        values.single(statement).ifPresent(token -> {
            boolean v6 = block.arguments().stream().anyMatch(a -> a.value().indexOf(':') >= 0);
            if (token.value().equals(v6 ? "inet6" : "inet")) return;
            boolean known = token.value().equals("inet6") || token.value().equals("inet");
            String message = known ? "the address of this service is of the other family" : "write inet or inet6";
            problems.error(token, message, "take it away");
        });
    }

    private Optional<Bound> complete(Endpoint vip) {
        if (protocol.isEmpty()) sayMissing("UDP is used", "write protocol UDP or TCP", "protocol");
        boolean tcp = protocol.equals(Optional.of(Protocol.TCP));
        ServiceKey key = new ServiceKey(tcp ? Protocol.TCP : Protocol.UDP, vip);
        if (tcp && onePacket) {
            problems.error(
                    written("ops"), "'ops' is for UDP: TCP cannot be scheduled packet by packet", "take it away");
            onePacket = false;
        }
        Forwarding method = method();
        if (!scheduler.isWritten()) sayMissing("wlc is used", "write lb_algo and a scheduler", "lb_algo", "lvs_sched");
        Scheduling scheduling = scheduler.chosen(problems);
        Optional<VirtualService.Persistence> persistence = affinity.chosen(vip, block.keyword());
        if (quorumUp.isPresent()) {
            QuorumCommand.Effect effect = new QuorumCommand(values)
                    .apply(quorumUp.get(), key, new QuorumCommand.Effect(scheduling, onePacket, persistence));
            scheduling = effect.scheduling();
            onePacket = effect.onePacket();
            persistence = effect.persistence();
        }
        ServerBinder.Around around = new ServerBinder.Around(checks, weight, method, inhibitOnFailure);
        ServerList list = new ServerList(key, around, problems);
        List<RealServer> complete = list.complete(servers);
        if (complete.isEmpty()) {
            if (servers.isEmpty()) {
                problems.error(
                        block.keyword(), "this service has no real_server: it is left out", "write a real_server");
            }
            return Optional.empty();
        }
        ServiceNumbers numbers = new ServiceNumbers(complete, quorum, hysteresis, this::written, problems);
        numbers.noteSchedule(scheduling, onePacket);
        ServiceExtensions.Chosen chosen = extensions.chosen(key, onePacket, method, this::written, problems);
        VirtualService service = new VirtualService(
                key,
                scheduling,
                onePacket,
                method,
                persistence,
                chosen.responses(),
                chosen.udpTimeout(),
                chosen.clientAddress(),
                chosen.transparent(),
                chosen.proxyProtocol(),
                chosen.canonicalOrder(),
                numbers.quorum(),
                numbers.hysteresis(),
                checks.alpha(),
                omega,
                sorryServer(vip, method),
                chosen.drainTimeout(),
                chosen.failbackGrace(),
                complete);
        return Optional.of(new Bound(service, origins(key, list.written())));
    }

    private Forwarding method() {
        if (forwarding.isEmpty()) sayMissing("NAT is used", "write lb_kind NAT", "lb_kind", "lvs_method");
        return forwarding.orElse(new Forwarding.Nat());
    }

    /** Unless it stands there with a wrong value, or mistyped: then that has been said. */
    private void sayMissing(String instead, String remedy, String... words) {
        for (Statement statement : Statements.of(block)) {
            String word = statement.word();
            boolean known = Keyword.find(Scope.VIRTUAL_SERVER, word).isPresent();
            Optional<String> meant = known
                    ? Optional.of(word)
                    : Suggestion.among(word, Keyword.words(Scope.VIRTUAL_SERVER).keySet());
            if (meant.isPresent() && List.of(words).contains(meant.get())) return;
        }
        problems.warning(block.keyword(), "this service has no " + words[0] + "; " + instead, remedy);
    }

    private Optional<SorryServer> sorryServer(Endpoint vip, Forwarding method) {
        if (sorry.isEmpty()) {
            sayNeedsSorry("sorry_server_inhibit");
            sayNeedsSorry("sorry_server_lvs_method");
            return Optional.empty();
        }
        Forwarding own = sorryForwarding.orElse(method);
        boolean tunnel = own instanceof Forwarding.Tunnel;
        if (sorry.get().address().v6() != vip.address().v6() && !tunnel) {
            String message = "the sorry server is not of the family of the service: it is left out";
            problems.error(written("sorry_server"), message, "only TUN may cross families");
            return Optional.empty();
        }
        int port = sorry.get().port() == 0 ? vip.port() : sorry.get().port();
        return Optional.of(new SorryServer(new Endpoint(sorry.get().address(), port), own, sorryInhibit));
    }

    private void sayNeedsSorry(String word) {
        Token at = written.get(word);
        if (at == null || written.containsKey("sorry_server")) return;
        problems.warning(at, "'" + word + "' has no effect without a sorry_server", "");
    }

    /** The last statement of that keyword; the service's own line if there is none. */
    private Token written(String word) {
        return written.getOrDefault(word, block.keyword());
    }

    /** Under the spelling of the documentation, whichever was written. */
    private Map<String, Origin> origins(ServiceKey key, Map<Endpoint, Token> servers) {
        Map<String, Origin> origins = new HashMap<>();
        written.forEach((word, token) -> {
            Origin origin = token.place().origin();
            origins.put(key + " " + word, origin);
            if (word.equals("lvs_sched")) origins.put(key + " lb_algo", origin);
            if (word.equals("lvs_method")) origins.put(key + " lb_kind", origin);
        });
        servers.forEach((endpoint, token) ->
                origins.put(key + " " + endpoint, token.place().origin()));
        return origins;
    }
}
