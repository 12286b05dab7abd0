package io.evenkeel.config;

import static io.evenkeel.config.Scope.VIRTUAL_SERVER;
import static io.evenkeel.config.Support.BUILT;
import static io.evenkeel.config.Support.EXTENSION;
import static io.evenkeel.config.Support.HARMLESS;
import static io.evenkeel.config.Support.NOT_BUILT;
import static io.evenkeel.config.Support.NOT_BUILT_FORWARDING;

/** The keywords of {@code virtual_server}. Immutable; any thread. */
enum ServiceKeyword implements Keyword {
    PROTOCOL("protocol", BUILT, "TCP or UDP; keepalived takes UDP if it is missing", VIRTUAL_SERVER),
    LB_ALGO("lb_algo", BUILT, "The scheduler: rr wrr lc wlc sh mh dh sed nq fo ovf; default wlc", VIRTUAL_SERVER),
    LVS_SCHED("lvs_sched", BUILT, "Another spelling of lb_algo", VIRTUAL_SERVER),
    LB_KIND("lb_kind", BUILT, "The forwarding method: NAT, DR or TUN; default NAT", VIRTUAL_SERVER),
    LVS_METHOD("lvs_method", BUILT, "Another spelling of lb_kind", VIRTUAL_SERVER),
    OPS("ops", BUILT, "One-packet scheduling: every datagram is scheduled by itself", VIRTUAL_SERVER),
    SH_PORT("sh-port", BUILT, "Scheduler sh hashes the port of the client too", VIRTUAL_SERVER),
    SH_FALLBACK("sh-fallback", BUILT, "Scheduler sh looks on when its choice cannot be used", VIRTUAL_SERVER),
    MH_PORT("mh-port", BUILT, "Scheduler mh hashes the port of the client too", VIRTUAL_SERVER),
    MH_FALLBACK("mh-fallback", BUILT, "Scheduler mh looks on when its choice cannot be used", VIRTUAL_SERVER),
    FLAG_1("flag-1", BUILT, "sh-fallback or mh-fallback by number", VIRTUAL_SERVER),
    FLAG_2("flag-2", BUILT, "sh-port or mh-port by number", VIRTUAL_SERVER),
    FLAG_3("flag-3", BUILT, "A scheduler flag that no scheduler uses", VIRTUAL_SERVER),
    HASHED("hashed", HARMLESS, "Historic, without effect in keepalived too", VIRTUAL_SERVER),
    DELAY_LOOP("delay_loop", BUILT, "Time from one probe to the next; default 60 s", VIRTUAL_SERVER),
    PERSISTENCE_TIMEOUT(
            "persistence_timeout",
            BUILT,
            "How long a client keeps its realserver, 1 s to 31 days; 360 s if no time is given",
            VIRTUAL_SERVER),
    PERSISTENCE_GRANULARITY(
            "persistence_granularity",
            BUILT,
            "How much of the address makes a client: a netmask, or a prefix length for IPv6",
            VIRTUAL_SERVER),
    PERSISTENCE_ENGINE("persistence_engine", NOT_BUILT_FORWARDING, "Affinity by what the payload says", VIRTUAL_SERVER),
    QUORUM("quorum", BUILT, "The sum of live weights that is needed; default 1", VIRTUAL_SERVER),
    HYSTERESIS(
            "hysteresis",
            BUILT,
            "How far that sum may stray around the quorum before the state changes; default 0",
            VIRTUAL_SERVER),
    QUORUM_UP(
            "quorum_up",
            BUILT,
            "A script to run when quorum is gained; an ipvsadm -E of this service is applied, others are not run yet",
            VIRTUAL_SERVER),
    QUORUM_DOWN("quorum_down", NOT_BUILT, "A script to run when quorum is lost", VIRTUAL_SERVER),
    SORRY_SERVER("sorry_server", BUILT, "Takes the traffic while quorum is lost", VIRTUAL_SERVER),
    SORRY_SERVER_INHIBIT(
            "sorry_server_inhibit",
            BUILT,
            "The sorry server stays listed with weight 0 while it is not needed",
            VIRTUAL_SERVER),
    SORRY_SERVER_LVS_METHOD(
            "sorry_server_lvs_method",
            BUILT,
            "The forwarding method of the sorry server; default that of the service",
            VIRTUAL_SERVER),
    ALPHA("alpha", BUILT, "Realservers start failed until their checks have passed", VIRTUAL_SERVER),
    OMEGA("omega", BUILT, "A stop runs the scripts for down and quorum_down", VIRTUAL_SERVER),
    INHIBIT_ON_FAILURE("inhibit_on_failure", BUILT, "A failed realserver stays listed with weight 0", VIRTUAL_SERVER),
    WEIGHT("weight", BUILT, "The weight of realservers that name none; default 1", VIRTUAL_SERVER),
    RETRY("retry", BUILT, "More attempts after a failed probe; the default depends on the check", VIRTUAL_SERVER),
    DELAY_BEFORE_RETRY(
            "delay_before_retry", BUILT, "Time before such an attempt; default 1 s, HTTP_GET 3 s", VIRTUAL_SERVER),
    WARMUP("warmup", BUILT, "The first probe waits a random part of this; default delay_loop", VIRTUAL_SERVER),
    CONNECT_TIMEOUT("connect_timeout", BUILT, "Time that a probe may take; default 5 s", VIRTUAL_SERVER),
    VIRTUALHOST("virtualhost", BUILT, "The Host header of HTTP checks", VIRTUAL_SERVER),
    IP_FAMILY("ip_family", BUILT, "inet or inet6; an address says it already", VIRTUAL_SERVER),
    HA_SUSPEND("ha_suspend", NOT_BUILT, "Probe only while this machine has the address", VIRTUAL_SERVER),
    SMTP_ALERT("smtp_alert", NOT_BUILT, "Send mails about quorum", VIRTUAL_SERVER),
    SNMP_NAME("snmp_name", HARMLESS, "A name for SNMP", VIRTUAL_SERVER),
    REAL_SERVER("real_server", BUILT, Scope.REAL_SERVER, "A realserver: an address and a port", VIRTUAL_SERVER),

    // ours
    RESPONSES(
            "responses",
            EXTENSION,
            "Replies that a datagram is expected to bring, 0 to 65535; 0 keeps no state of clients",
            VIRTUAL_SERVER),
    UDP_TIMEOUT("udp_timeout", EXTENSION, "Idle life of a UDP flow; default 300 s, under ops 30 s", VIRTUAL_SERVER),
    CLIENT_ADDRESS(
            "client_address",
            EXTENSION,
            "What realservers see as the source: keep (the client) or director",
            VIRTUAL_SERVER),
    TRANSPARENT(
            "transparent",
            EXTENSION,
            "Keep the address of the client by a transparent socket; needs responses 0",
            VIRTUAL_SERVER),
    PROXY_PROTOCOL(
            "proxy_protocol", EXTENSION, "v2: tell realservers the address of the client in a header", VIRTUAL_SERVER),
    RISE("rise", EXTENSION, "Passing probes in a row that bring a realserver back; default 1", VIRTUAL_SERVER),
    FALL("fall", EXTENSION, "Failing rounds in a row that take a realserver away; default 1", VIRTUAL_SERVER),
    DRAIN_TIMEOUT(
            "drain_timeout",
            EXTENSION,
            "How long a draining realserver keeps its flows; default until they end",
            VIRTUAL_SERVER),
    FAILBACK_GRACE(
            "failback_grace",
            EXTENSION,
            "A realserver that is back within this keeps its TCP flows; default 0",
            VIRTUAL_SERVER),
    ORDER(
            "order",
            EXTENSION,
            "canonical: the table does not depend on the order of the file, and is then not that of IPVS",
            VIRTUAL_SERVER);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings, enums and an unmodifiable set
    private final Entry entry;

    ServiceKeyword(String word, Support support, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, null, sentence, scopes);
    }

    ServiceKeyword(String word, Support support, Scope opens, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, opens, sentence, scopes);
    }

    @Override
    public Entry entry() {
        return entry;
    }
}
