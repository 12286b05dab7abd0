package io.evenkeel.config;

import static io.evenkeel.config.Scope.AUTHENTICATION;
import static io.evenkeel.config.Scope.AUTH_HMAC;
import static io.evenkeel.config.Scope.BFD_INSTANCE;
import static io.evenkeel.config.Scope.SSL;
import static io.evenkeel.config.Scope.TRACK_FILE;
import static io.evenkeel.config.Scope.VRRP_SCRIPT;
import static io.evenkeel.config.Scope.VRRP_TRACK_PROCESS;
import static io.evenkeel.config.Support.NOT_BUILT;
import static io.evenkeel.config.Support.NOT_BUILT_FORWARDING;

/** The keywords of the smaller blocks around VRRP and checks; none of them is built yet. Immutable; any thread. */
enum DeviceKeyword implements Keyword {
    AUTH_TYPE("auth_type", NOT_BUILT_FORWARDING, "PASS or AH", AUTHENTICATION),
    AUTH_PASS("auth_pass", NOT_BUILT_FORWARDING, "The password", AUTHENTICATION),
    KEY("key", NOT_BUILT_FORWARDING, "A key and its number", AUTH_HMAC),
    ACTIVE_KEY("active_key", NOT_BUILT_FORWARDING, "The key to sign with", AUTH_HMAC),
    ANTI_REPLAY("anti_replay", NOT_BUILT_FORWARDING, "How replays are known", AUTH_HMAC),
    TIME_WINDOW("time_window", NOT_BUILT_FORWARDING, "How far clocks may differ", AUTH_HMAC),
    MODE("mode", NOT_BUILT_FORWARDING, "Who must sign", AUTH_HMAC),
    SCRIPT("script", NOT_BUILT, "The script", VRRP_SCRIPT),
    INTERVAL("interval", NOT_BUILT, "The time between two runs", VRRP_SCRIPT),
    TIMEOUT("timeout", NOT_BUILT, "How long a run may take", VRRP_SCRIPT),
    WEIGHT(
            "weight",
            NOT_BUILT,
            "What its result adds to a priority",
            VRRP_SCRIPT,
            VRRP_TRACK_PROCESS,
            TRACK_FILE,
            BFD_INSTANCE),
    RISE("rise", NOT_BUILT, "Successes that count", VRRP_SCRIPT),
    FALL("fall", NOT_BUILT, "Failures that count", VRRP_SCRIPT),
    USER("user", NOT_BUILT, "The user that it runs as", VRRP_SCRIPT),
    INIT_FAIL("init_fail", NOT_BUILT, "It begins failed", VRRP_SCRIPT),
    PROCESS("process", NOT_BUILT, "The process to look for", VRRP_TRACK_PROCESS),
    PARAM_MATCH("param_match", NOT_BUILT, "How its arguments must match", VRRP_TRACK_PROCESS),
    QUORUM("quorum", NOT_BUILT, "How many must run", VRRP_TRACK_PROCESS),
    QUORUM_MAX("quorum_max", NOT_BUILT, "How many may run", VRRP_TRACK_PROCESS),
    DELAY("delay", NOT_BUILT, "How long to wait for a change", VRRP_TRACK_PROCESS),
    FORK_DELAY("fork_delay", NOT_BUILT, "How long to wait for a start", VRRP_TRACK_PROCESS),
    TERMINATE_DELAY("terminate_delay", NOT_BUILT, "How long to wait for an end", VRRP_TRACK_PROCESS),
    FULL_COMMAND("full_command", NOT_BUILT, "Match the whole command", VRRP_TRACK_PROCESS),
    FILE("file", NOT_BUILT, "The file", TRACK_FILE),
    INIT_FILE("init_file", NOT_BUILT, "Write the file at start", TRACK_FILE),
    NEIGHBOR_IP("neighbor_ip", NOT_BUILT, "The neighbour", BFD_INSTANCE),
    SOURCE_IP("source_ip", NOT_BUILT, "The address to send from", BFD_INSTANCE),
    MIN_RX("min_rx", NOT_BUILT, "The shortest time between received packets", BFD_INSTANCE),
    MIN_TX("min_tx", NOT_BUILT, "The shortest time between sent packets", BFD_INSTANCE),
    IDLE_TX("idle_tx", NOT_BUILT, "The time between packets while down", BFD_INSTANCE),
    MULTIPLIER("multiplier", NOT_BUILT, "Packets that may be missed", BFD_INSTANCE),
    PASSIVE("passive", NOT_BUILT, "Wait for the neighbour", BFD_INSTANCE),
    TTL("ttl", NOT_BUILT, "The time to live", BFD_INSTANCE),
    MAX_HOPS("max_hops", NOT_BUILT, "How far the neighbour may be", BFD_INSTANCE),
    MULTIHOP("multihop", NOT_BUILT, "The neighbour is not on the same link", BFD_INSTANCE),
    VRRP("vrrp", NOT_BUILT, "For VRRP only", BFD_INSTANCE),
    CHECKER("checker", NOT_BUILT, "For checks only", BFD_INSTANCE),
    PASSWORD("password", NOT_BUILT, "The password of the key", SSL),
    CA("ca", NOT_BUILT, "The authorities", SSL),
    CERTIFICATE("certificate", NOT_BUILT, "The certificate", SSL),
    SSL_KEY("key", NOT_BUILT, "The key", SSL);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings, enums and an unmodifiable set
    private final Entry entry;

    DeviceKeyword(String word, Support support, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, null, sentence, scopes);
    }

    @Override
    public Entry entry() {
        return entry;
    }
}
