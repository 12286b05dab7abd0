package io.evenkeel.config;

import static io.evenkeel.config.Scope.FREE;
import static io.evenkeel.config.Scope.ROOT;
import static io.evenkeel.config.Support.BUILT;
import static io.evenkeel.config.Support.HARMLESS;
import static io.evenkeel.config.Support.NOT_BUILT;
import static io.evenkeel.config.Support.NOT_BUILT_FORWARDING;

/** The keywords of a file's top level, and {@code include}, which may stand on any line. Immutable; any thread. */
enum RootKeyword implements Keyword {
    GLOBAL_DEFS("global_defs", BUILT, Scope.GLOBAL_DEFS, "Settings of the whole program", ROOT),
    VIRTUAL_SERVER(
            "virtual_server",
            BUILT,
            Scope.VIRTUAL_SERVER,
            "A virtual service: an address and a port, and the realservers behind them",
            ROOT),
    VIRTUAL_SERVER_GROUP(
            "virtual_server_group", NOT_BUILT_FORWARDING, FREE, "Addresses that share one virtual_server", ROOT),
    VRRP_INSTANCE(
            "vrrp_instance",
            NOT_BUILT_FORWARDING,
            Scope.VRRP_INSTANCE,
            "A virtual router: addresses that move between directors",
            ROOT),
    VRRP_SYNC_GROUP(
            "vrrp_sync_group",
            NOT_BUILT_FORWARDING,
            Scope.VRRP_SYNC_GROUP,
            "VRRP instances that change state together",
            ROOT),
    VRRP_SCRIPT("vrrp_script", NOT_BUILT, Scope.VRRP_SCRIPT, "A script whose result a VRRP instance follows", ROOT),
    VRRP_TRACK_PROCESS(
            "vrrp_track_process",
            NOT_BUILT,
            Scope.VRRP_TRACK_PROCESS,
            "A process whose presence a VRRP instance follows",
            ROOT),
    VRRP_TRACK_FILE("vrrp_track_file", NOT_BUILT, Scope.TRACK_FILE, "The old name of track_file", ROOT),
    TRACK_FILE("track_file", NOT_BUILT, Scope.TRACK_FILE, "A file whose number changes weights and priorities", ROOT),
    STATIC_IPADDRESS(
            "static_ipaddress", NOT_BUILT_FORWARDING, FREE, "Addresses set at start and taken away at stop", ROOT),
    STATIC_ROUTES("static_routes", NOT_BUILT_FORWARDING, FREE, "Routes set at start and taken away at stop", ROOT),
    STATIC_RULES("static_rules", NOT_BUILT_FORWARDING, FREE, "Routing rules set at start and taken away at stop", ROOT),
    TRACK_GROUP("track_group", NOT_BUILT, FREE, "VRRP instances that static addresses and routes follow", ROOT),
    INTERFACE_UP_DOWN_DELAYS(
            "interface_up_down_delays",
            NOT_BUILT,
            FREE,
            "How long an interface must be down or up before it counts",
            ROOT),
    GARP_GROUP("garp_group", NOT_BUILT, FREE, "How gratuitous ARPs are spaced on an interface", ROOT),
    BFD_INSTANCE("bfd_instance", NOT_BUILT, Scope.BFD_INSTANCE, "A BFD session to a neighbour", ROOT),
    SSL("SSL", NOT_BUILT, Scope.SSL, "The key and certificate that SSL_GET shows", ROOT),
    NET_NAMESPACE("net_namespace", NOT_BUILT_FORWARDING, "The network namespace to run in", ROOT),
    NET_NAMESPACE_IPVS("net_namespace_ipvs", NOT_BUILT_FORWARDING, "The network namespace of IPVS", ROOT),
    NAMESPACE_WITH_IPSETS("namespace_with_ipsets", HARMLESS, "Use ipsets although in a network namespace", ROOT),
    INSTANCE("instance", HARMLESS, "A name for this keepalived among several", ROOT),
    USE_PID_DIR("use_pid_dir", HARMLESS, "Keep process id files in a directory of their own", ROOT),
    CHILD_WAIT_TIME("child_wait_time", HARMLESS, "How long to wait for child processes at stop", ROOT),
    LINKBEAT_USE_POLLING("linkbeat_use_polling", HARMLESS, "Poll for the state of interfaces", ROOT),
    INCLUDE("include", BUILT, "Reads the files that match, relative to this one; a plain name must exist", ROOT),
    INCLUDER("includer", BUILT, "As include; every file must be readable", ROOT),
    INCLUDEM("includem", BUILT, "As include; a plain name must exist", ROOT),
    INCLUDEW("includew", BUILT, "As include; also a pattern with a wildcard must match a file", ROOT),
    INCLUDEB("includeb", BUILT, "As include; every branch of a brace must match a file", ROOT),
    INCLUDEA("includea", BUILT, "As include; all of the strict rules together", ROOT);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings, enums and an unmodifiable set
    private final Entry entry;

    RootKeyword(String word, Support support, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, null, sentence, scopes);
    }

    RootKeyword(String word, Support support, Scope opens, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, opens, sentence, scopes);
    }

    /** Begins a block of the top level, and never stands anywhere else. */
    static boolean opensOnlyAtTop(String word) {
        return Keyword.find(ROOT, word)
                .filter(k -> k.opens().isPresent() && k != TRACK_FILE && k != SSL && k != INTERFACE_UP_DOWN_DELAYS)
                .isPresent();
    }

    @Override
    public Entry entry() {
        return entry;
    }
}
