package io.evenkeel.config;

import static io.evenkeel.config.Scope.REAL_SERVER;
import static io.evenkeel.config.Support.BUILT;
import static io.evenkeel.config.Support.EXTENSION;
import static io.evenkeel.config.Support.HARMLESS;
import static io.evenkeel.config.Support.NOT_BUILT;
import static io.evenkeel.config.Support.NOT_BUILT_FORWARDING;

/** The keywords of {@code real_server}. Immutable; any thread. */
enum ServerKeyword implements Keyword {
    WEIGHT(
            "weight",
            BUILT,
            "Its share, 0 to 2147483647; 0 gives it nothing new; default that of the service",
            REAL_SERVER),
    LVS_METHOD("lvs_method", BUILT, "Its forwarding method; default that of the service", REAL_SERVER),
    LB_KIND("lb_kind", BUILT, "Another spelling of lvs_method", REAL_SERVER),
    UTHRESHOLD("uthreshold", BUILT, "Flows at which it takes no new ones; 0 for none", REAL_SERVER),
    LTHRESHOLD(
            "lthreshold",
            BUILT,
            "Flows below which it takes new ones again; default three quarters of uthreshold",
            REAL_SERVER),
    INHIBIT_ON_FAILURE("inhibit_on_failure", BUILT, "Failed, it stays listed with weight 0", REAL_SERVER),
    ALPHA("alpha", BUILT, "It starts failed until its checks have passed", REAL_SERVER),
    RETRY("retry", BUILT, "As in virtual_server", REAL_SERVER),
    DELAY_BEFORE_RETRY("delay_before_retry", BUILT, "As in virtual_server", REAL_SERVER),
    WARMUP("warmup", BUILT, "As in virtual_server", REAL_SERVER),
    CONNECT_TIMEOUT("connect_timeout", BUILT, "As in virtual_server", REAL_SERVER),
    DELAY_LOOP("delay_loop", BUILT, "As in virtual_server", REAL_SERVER),
    VIRTUALHOST("virtualhost", BUILT, "As in virtual_server", REAL_SERVER),
    RISE("rise", EXTENSION, "As in virtual_server", REAL_SERVER),
    FALL("fall", EXTENSION, "As in virtual_server", REAL_SERVER),
    NOTIFY_UP("notify_up", NOT_BUILT, "A script to run when it comes up", REAL_SERVER),
    NOTIFY_DOWN("notify_down", NOT_BUILT, "A script to run when it goes down", REAL_SERVER),
    SMTP_ALERT("smtp_alert", NOT_BUILT, "Send mails about it", REAL_SERVER),
    SNMP_NAME("snmp_name", HARMLESS, "A name for SNMP", REAL_SERVER),

    // checks
    TCP_CHECK("TCP_CHECK", BUILT, Scope.TCP_CHECK, "Connects and closes", REAL_SERVER),
    HTTP_GET("HTTP_GET", BUILT, Scope.HTTP_GET, "Gets one or more URLs and looks at the status", REAL_SERVER),
    UDP_CHECK(
            "UDP_CHECK",
            BUILT,
            Scope.UDP_CHECK,
            "Sends a datagram; an ICMP error fails, silence passes unless a reply is required",
            REAL_SERVER),
    PING_CHECK("PING_CHECK", BUILT, Scope.PING_CHECK, "Sends an ICMP echo request", REAL_SERVER),
    MISC_CHECK("MISC_CHECK", BUILT, Scope.MISC_CHECK, "Runs a program; exit status 0 passes", REAL_SERVER),
    SSL_GET("SSL_GET", NOT_BUILT_FORWARDING, Scope.SSL_GET, "As HTTP_GET over TLS", REAL_SERVER),
    SMTP_CHECK("SMTP_CHECK", NOT_BUILT_FORWARDING, Scope.SMTP_CHECK, "Greets a mail server", REAL_SERVER),
    DNS_CHECK("DNS_CHECK", NOT_BUILT_FORWARDING, Scope.DNS_CHECK, "Asks a name server", REAL_SERVER),
    FILE_CHECK("FILE_CHECK", NOT_BUILT_FORWARDING, Scope.FILE_CHECK, "Follows the number in a file", REAL_SERVER),
    BFD_CHECK("BFD_CHECK", NOT_BUILT_FORWARDING, Scope.BFD_CHECK, "Follows a BFD session", REAL_SERVER);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings, enums and an unmodifiable set
    private final Entry entry;

    ServerKeyword(String word, Support support, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, null, sentence, scopes);
    }

    ServerKeyword(String word, Support support, Scope opens, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, opens, sentence, scopes);
    }

    @Override
    public Entry entry() {
        return entry;
    }
}
