package io.evenkeel.config;

import static io.evenkeel.config.Scope.BFD_CHECK;
import static io.evenkeel.config.Scope.DNS_CHECK;
import static io.evenkeel.config.Scope.FILE_CHECK;
import static io.evenkeel.config.Scope.HTTP_GET;
import static io.evenkeel.config.Scope.MISC_CHECK;
import static io.evenkeel.config.Scope.PING_CHECK;
import static io.evenkeel.config.Scope.SMTP_CHECK;
import static io.evenkeel.config.Scope.SMTP_HOST;
import static io.evenkeel.config.Scope.SSL_GET;
import static io.evenkeel.config.Scope.SSL_URL;
import static io.evenkeel.config.Scope.TCP_CHECK;
import static io.evenkeel.config.Scope.UDP_CHECK;
import static io.evenkeel.config.Support.BUILT;
import static io.evenkeel.config.Support.EXTENSION;
import static io.evenkeel.config.Support.HARMLESS;
import static io.evenkeel.config.Support.NOT_BUILT;
import static io.evenkeel.config.Support.NOT_BUILT_FORWARDING;

/** The keywords of the checks of a realserver. Immutable; any thread. */
enum CheckKeyword implements Keyword {

    // when to probe
    DELAY_LOOP(
            "delay_loop",
            BUILT,
            "Time from one probe to the next; default that of the realserver",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK),
    RETRY(
            "retry",
            BUILT,
            "More attempts after a failed one; default 1, MISC_CHECK 0",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK),
    DELAY_BEFORE_RETRY(
            "delay_before_retry",
            BUILT,
            "Time before such an attempt; default 1 s, HTTP_GET 3 s",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK),
    WARMUP(
            "warmup",
            BUILT,
            "The first probe waits a random part of this; default delay_loop",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK),
    CONNECT_TIMEOUT(
            "connect_timeout",
            BUILT,
            "Time that a probe may take; default 5 s",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            SMTP_HOST),
    RISE(
            "rise",
            EXTENSION,
            "Passing probes in a row that bring the realserver back; default 1",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK),
    FALL(
            "fall",
            EXTENSION,
            "Failing rounds in a row that take the realserver away; default 1",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK),
    ALPHA(
            "alpha",
            BUILT,
            "The check starts failed",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            BFD_CHECK),
    LOG_ALL_FAILURES(
            "log_all_failures",
            HARMLESS,
            "Log every failed probe; status shows the last one here",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            MISC_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK),

    // where to probe
    CONNECT_IP(
            "connect_ip",
            BUILT,
            "The address to probe; default that of the realserver",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            SMTP_HOST),
    CONNECT_PORT(
            "connect_port",
            BUILT,
            "The port to probe; default that of the realserver",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            SMTP_HOST),
    BINDTO(
            "bindto",
            BUILT,
            "The address to probe from",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            SMTP_HOST),
    BIND_IF(
            "bind_if",
            BUILT,
            "The interface to probe through",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            SMTP_HOST),
    BIND_PORT(
            "bind_port",
            BUILT,
            "The port to probe from",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            SMTP_HOST),
    FWMARK(
            "fwmark",
            BUILT,
            "The mark of the packets of the probe",
            TCP_CHECK,
            HTTP_GET,
            UDP_CHECK,
            PING_CHECK,
            SSL_GET,
            SMTP_CHECK,
            DNS_CHECK,
            SMTP_HOST),

    // HTTP_GET and SSL_GET
    EACH_URL("url", BUILT, Scope.URL, "One URL to get; all must pass", HTTP_GET),
    URL_OVER_TLS("url", NOT_BUILT_FORWARDING, SSL_URL, "One URL to get; all must pass", SSL_GET),
    NB_GET_RETRY("nb_get_retry", BUILT, "The old name of retry", HTTP_GET, SSL_GET),
    VIRTUALHOST(
            "virtualhost",
            BUILT,
            "The Host header; default that of the realserver",
            HTTP_GET,
            Scope.URL,
            SSL_GET,
            SSL_URL),
    HTTP_PROTOCOL("http_protocol", BUILT, "1.0, 1.0C (with Connection: close) or 1.1; default 1.0", HTTP_GET, SSL_GET),
    FAST_RECOVERY("fast_recovery", NOT_BUILT, "One pass of the failed URL is enough to come back", HTTP_GET, SSL_GET),
    ENABLE_SNI("enable_sni", HARMLESS, "Name the server in TLS", HTTP_GET, SSL_GET),
    SNI_NAME("sni_name", HARMLESS, "The name of the server in TLS", HTTP_GET, SSL_GET),
    TLS_COMPLIANT("tls_compliant", HARMLESS, "Hold strictly to TLS", HTTP_GET, Scope.URL, SSL_GET, SSL_URL),
    PATH("path", BUILT, "The path of the URL", Scope.URL, SSL_URL),
    STATUS_CODE("status_code", BUILT, "Statuses that pass: numbers or ranges; default 200-299", Scope.URL, SSL_URL),
    DIGEST("digest", NOT_BUILT_FORWARDING, "The MD5 sum that the body must have", Scope.URL, SSL_URL),
    REGEX("regex", NOT_BUILT_FORWARDING, "What the body must match", Scope.URL, SSL_URL),
    REGEX_NO_MATCH("regex_no_match", NOT_BUILT_FORWARDING, "The body must not match", Scope.URL, SSL_URL),
    REGEX_OPTIONS("regex_options", NOT_BUILT_FORWARDING, "How to match", Scope.URL, SSL_URL),
    REGEX_MIN_OFFSET(
            "regex_min_offset", NOT_BUILT_FORWARDING, "Where in the body a match may begin", Scope.URL, SSL_URL),
    REGEX_MAX_OFFSET(
            "regex_max_offset", NOT_BUILT_FORWARDING, "Where in the body a match must have begun", Scope.URL, SSL_URL),
    REGEX_STACK("regex_stack", HARMLESS, "Memory for matching", Scope.URL, SSL_URL),

    // UDP_CHECK
    PAYLOAD("payload", BUILT, "What is sent, in hexadecimal; default a text of 32 bytes", UDP_CHECK),
    REQUIRE_REPLY(
            "require_reply", BUILT, "A reply is needed; its beginning in hexadecimal, X for any digit", UDP_CHECK),
    MIN_REPLY_LENGTH("min_reply_length", BUILT, "Shortest reply; default 0", UDP_CHECK),
    MAX_REPLY_LENGTH("max_reply_length", BUILT, "Longest reply; default 255", UDP_CHECK),

    // MISC_CHECK
    MISC_PATH("misc_path", BUILT, "The program and its arguments; no shell", MISC_CHECK),
    MISC_TIMEOUT("misc_timeout", BUILT, "How long it may run; default delay_loop", MISC_CHECK),
    MISC_DYNAMIC("misc_dynamic", BUILT, "Exit status 2 to 255 sets the weight to status - 2", MISC_CHECK),
    USER("user", NOT_BUILT_FORWARDING, "The user that it runs as", MISC_CHECK),

    // checks that are not built yet
    HELO_NAME("helo_name", NOT_BUILT_FORWARDING, "The name to greet with", SMTP_CHECK),
    HOST("host", NOT_BUILT_FORWARDING, SMTP_HOST, "One more server to greet", SMTP_CHECK),
    TYPE("type", NOT_BUILT_FORWARDING, "The type of the question", DNS_CHECK),
    NAME("name", NOT_BUILT_FORWARDING, "The name asked for", DNS_CHECK),
    BFD_NAME("name", NOT_BUILT_FORWARDING, "The name of the BFD session", BFD_CHECK),
    TRACK_FILE("track_file", NOT_BUILT_FORWARDING, "The file to follow", FILE_CHECK),
    WEIGHT("weight", NOT_BUILT_FORWARDING, "What its number is multiplied with", FILE_CHECK);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings, enums and an unmodifiable set
    private final Entry entry;

    CheckKeyword(String word, Support support, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, null, sentence, scopes);
    }

    CheckKeyword(String word, Support support, Scope opens, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, opens, sentence, scopes);
    }

    /** Also the statuses of a URL may be written in several lines. */
    @Override
    public boolean repeats() {
        return this == STATUS_CODE || Keyword.super.repeats();
    }

    @Override
    public Entry entry() {
        return entry;
    }
}
