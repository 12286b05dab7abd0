package io.evenkeel.config;

import static io.evenkeel.config.Scope.FREE;
import static io.evenkeel.config.Scope.VRRP_INSTANCE;
import static io.evenkeel.config.Scope.VRRP_SYNC_GROUP;
import static io.evenkeel.config.Support.NOT_BUILT;
import static io.evenkeel.config.Support.NOT_BUILT_FORWARDING;

/** The keywords of {@code vrrp_instance} and {@code vrrp_sync_group}; VRRP is not built yet. Immutable; any thread. */
enum VrrpKeyword implements Keyword {

    // election
    STATE("state", NOT_BUILT_FORWARDING, "The state to begin with", VRRP_INSTANCE),
    INTERFACE("interface", NOT_BUILT_FORWARDING, "The interface of the virtual router", VRRP_INSTANCE),
    VIRTUAL_ROUTER_ID("virtual_router_id", NOT_BUILT_FORWARDING, "The number of the virtual router", VRRP_INSTANCE),
    PRIORITY("priority", NOT_BUILT_FORWARDING, "Who wins", VRRP_INSTANCE),
    ADVERT_INT("advert_int", NOT_BUILT_FORWARDING, "The time between two advertisements", VRRP_INSTANCE),
    VERSION("version", NOT_BUILT_FORWARDING, "The version of VRRP", VRRP_INSTANCE),
    NOPREEMPT("nopreempt", NOT_BUILT_FORWARDING, "A higher priority does not take over", VRRP_INSTANCE),
    PREEMPT("preempt", NOT_BUILT_FORWARDING, "A higher priority takes over", VRRP_INSTANCE),
    PREEMPT_DELAY("preempt_delay", NOT_BUILT_FORWARDING, "How long it waits before that", VRRP_INSTANCE),
    DOWN_TIMER_ADVERTS("down_timer_adverts", NOT_BUILT_FORWARDING, "Advertisements that may be missed", VRRP_INSTANCE),
    LOWER_PRIO_NO_ADVERT(
            "lower_prio_no_advert",
            NOT_BUILT_FORWARDING,
            "No advertisement in answer to a lower priority",
            VRRP_INSTANCE),
    HIGHER_PRIO_SEND_ADVERT(
            "higher_prio_send_advert",
            NOT_BUILT_FORWARDING,
            "An advertisement in answer to a higher priority",
            VRRP_INSTANCE),
    OWNER_IGNORE_ADVERTS(
            "owner_ignore_adverts", NOT_BUILT_FORWARDING, "The owner ignores advertisements", VRRP_INSTANCE),
    TIMER_EXPIRED_BACKUP(
            "timer_expired_backup", NOT_BUILT_FORWARDING, "Go to backup when a timer was late", VRRP_INSTANCE),
    THREAD_TIMER_EXPIRED("thread_timer_expired", NOT_BUILT, "Deprecated", VRRP_INSTANCE),

    // addresses
    VIRTUAL_IPADDRESS(
            "virtual_ipaddress", NOT_BUILT_FORWARDING, FREE, "The addresses of the virtual router", VRRP_INSTANCE),
    VIRTUAL_IPADDRESS_EXCLUDED(
            "virtual_ipaddress_excluded",
            NOT_BUILT_FORWARDING,
            FREE,
            "Addresses that are not advertised",
            VRRP_INSTANCE),
    NO_VIRTUAL_IPADDRESS("no_virtual_ipaddress", NOT_BUILT_FORWARDING, "There are no addresses", VRRP_INSTANCE),
    VIRTUAL_ROUTES("virtual_routes", NOT_BUILT_FORWARDING, FREE, "Routes that go with the addresses", VRRP_INSTANCE),
    VIRTUAL_RULES("virtual_rules", NOT_BUILT_FORWARDING, FREE, "Rules that go with the addresses", VRRP_INSTANCE),
    PROMOTE_SECONDARIES(
            "promote_secondaries", NOT_BUILT_FORWARDING, "Secondary addresses survive the primary one", VRRP_INSTANCE),
    ACCEPT("accept", NOT_BUILT_FORWARDING, "Take packets for the addresses", VRRP_INSTANCE),
    NO_ACCEPT("no_accept", NOT_BUILT_FORWARDING, "Take no packets for the addresses", VRRP_INSTANCE),
    USE_VMAC("use_vmac", NOT_BUILT_FORWARDING, "Use the virtual MAC address", VRRP_INSTANCE),
    USE_VMAC_ADDR("use_vmac_addr", NOT_BUILT_FORWARDING, "Use it for other interfaces too", VRRP_INSTANCE),
    VMAC_XMIT_BASE("vmac_xmit_base", NOT_BUILT_FORWARDING, "Advertise through the interface below", VRRP_INSTANCE),
    USE_IPVLAN("use_ipvlan", NOT_BUILT_FORWARDING, "Use an ipvlan interface", VRRP_INSTANCE),
    VMAC_GARP_INTVL("vmac_garp_intvl", NOT_BUILT, "Deprecated", VRRP_INSTANCE),
    NATIVE_IPV6("native_ipv6", NOT_BUILT_FORWARDING, "The virtual router is IPv6", VRRP_INSTANCE),
    VRF("vrf", NOT_BUILT_FORWARDING, "The VRF of the virtual router", VRRP_INSTANCE),

    // the wire
    AUTHENTICATION(
            "authentication",
            NOT_BUILT_FORWARDING,
            Scope.AUTHENTICATION,
            "A password in advertisements",
            VRRP_INSTANCE),
    AUTH_HMAC("auth_hmac", NOT_BUILT_FORWARDING, Scope.AUTH_HMAC, "A signature behind advertisements", VRRP_INSTANCE),
    UNICAST_SRC_IP("unicast_src_ip", NOT_BUILT_FORWARDING, "The address to advertise from", VRRP_INSTANCE),
    UNICAST_PEER("unicast_peer", NOT_BUILT_FORWARDING, FREE, "The directors to advertise to", VRRP_INSTANCE),
    UNICAST_TTL("unicast_ttl", NOT_BUILT_FORWARDING, "The time to live of unicast advertisements", VRRP_INSTANCE),
    UNICAST_FAULT_NO_PEER("unicast_fault_no_peer", NOT_BUILT_FORWARDING, "A fault without peers", VRRP_INSTANCE),
    CHECK_UNICAST_SRC(
            "check_unicast_src", NOT_BUILT_FORWARDING, "Take advertisements of known peers only", VRRP_INSTANCE),
    MCAST_SRC_IP("mcast_src_ip", NOT_BUILT_FORWARDING, "The address to multicast from", VRRP_INSTANCE),
    MCAST_DST_IP("mcast_dst_ip", NOT_BUILT_FORWARDING, "The address to multicast to", VRRP_INSTANCE),
    STRICT_MODE("strict_mode", NOT_BUILT_FORWARDING, "Hold strictly to the RFCs", VRRP_INSTANCE),
    SKIP_CHECK_ADV_ADDR(
            "skip_check_adv_addr",
            NOT_BUILT_FORWARDING,
            "Do not compare the addresses of every advertisement",
            VRRP_INSTANCE),
    OLD_UNICAST_CHECKSUM(
            "old_unicast_checksum", NOT_BUILT_FORWARDING, "An older way to compute the checksum", VRRP_INSTANCE),
    V3_CHECKSUM_AS_V2("v3_checksum_as_v2", NOT_BUILT_FORWARDING, "An older way to compute the checksum", VRRP_INSTANCE),
    KERNEL_RX_BUF_SIZE("kernel_rx_buf_size", NOT_BUILT, "The receive buffer of advertisements", VRRP_INSTANCE),
    GARP_MASTER_DELAY(
            "garp_master_delay", NOT_BUILT_FORWARDING, "When gratuitous ARPs are sent a second time", VRRP_INSTANCE),
    GARP_MASTER_REPEAT("garp_master_repeat", NOT_BUILT_FORWARDING, "How many at once", VRRP_INSTANCE),
    GARP_MASTER_REFRESH("garp_master_refresh", NOT_BUILT_FORWARDING, "How often while master", VRRP_INSTANCE),
    GARP_MASTER_REFRESH_REPEAT(
            "garp_master_refresh_repeat", NOT_BUILT_FORWARDING, "How many of those at once", VRRP_INSTANCE),
    GARP_LOWER_PRIO_DELAY(
            "garp_lower_prio_delay", NOT_BUILT_FORWARDING, "The same after a lower priority", VRRP_INSTANCE),
    GARP_LOWER_PRIO_REPEAT(
            "garp_lower_prio_repeat", NOT_BUILT_FORWARDING, "The same after a lower priority", VRRP_INSTANCE),
    GARP_EXTRA_IF("garp_extra_if", NOT_BUILT_FORWARDING, "Other interfaces to send them on", VRRP_INSTANCE),

    // what the state follows
    TRACK_SRC_IP("track_src_ip", NOT_BUILT_FORWARDING, "A fault if the source address is missing", VRRP_INSTANCE),
    DONT_TRACK_PRIMARY("dont_track_primary", NOT_BUILT_FORWARDING, "Do not follow the interface", VRRP_INSTANCE),
    TRACK_INTERFACE(
            "track_interface", NOT_BUILT_FORWARDING, FREE, "Interfaces to follow", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    TRACK_SCRIPT("track_script", NOT_BUILT_FORWARDING, FREE, "Scripts to follow", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    TRACK_FILE("track_file", NOT_BUILT_FORWARDING, FREE, "Files to follow", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    TRACK_PROCESS("track_process", NOT_BUILT_FORWARDING, FREE, "Processes to follow", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    TRACK_BFD("track_bfd", NOT_BUILT_FORWARDING, FREE, "BFD sessions to follow", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    LINKBEAT_USE_POLLING("linkbeat_use_polling", NOT_BUILT, "Poll for the state of the interface", VRRP_INSTANCE),

    // telling others
    NOTIFY_MASTER("notify_master", NOT_BUILT, "A script to run as master", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    NOTIFY_BACKUP("notify_backup", NOT_BUILT, "A script to run as backup", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    NOTIFY_FAULT("notify_fault", NOT_BUILT, "A script to run at a fault", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    NOTIFY_STOP("notify_stop", NOT_BUILT, "A script to run at stop", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    NOTIFY_DELETED("notify_deleted", NOT_BUILT, "A script to run when taken away", VRRP_INSTANCE),
    NOTIFY("notify", NOT_BUILT, "A script to run at every change", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    NOTIFY_MASTER_RX_LOWER_PRI(
            "notify_master_rx_lower_pri", NOT_BUILT, "A script to run when a lower priority advertises", VRRP_INSTANCE),
    NOTIFY_PRIORITY_CHANGES(
            "notify_priority_changes", NOT_BUILT, "Tell of changes of the priority", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    SMTP_ALERT("smtp_alert", NOT_BUILT, "Send mails", VRRP_INSTANCE, VRRP_SYNC_GROUP),
    DEBUG("debug", NOT_BUILT, "Log more", VRRP_INSTANCE),
    LVS_SYNC_DAEMON_INTERFACE("lvs_sync_daemon_interface", NOT_BUILT, "Deprecated", VRRP_INSTANCE),

    // vrrp_sync_group
    GROUP("group", NOT_BUILT_FORWARDING, FREE, "The instances", VRRP_SYNC_GROUP),
    GLOBAL_TRACKING("global_tracking", NOT_BUILT, "Deprecated", VRRP_SYNC_GROUP),
    SYNC_GROUP_TRACKING_WEIGHT(
            "sync_group_tracking_weight", NOT_BUILT_FORWARDING, "Members may follow with weights", VRRP_SYNC_GROUP);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings, enums and an unmodifiable set
    private final Entry entry;

    VrrpKeyword(String word, Support support, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, null, sentence, scopes);
    }

    VrrpKeyword(String word, Support support, Scope opens, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, opens, sentence, scopes);
    }

    @Override
    public Entry entry() {
        return entry;
    }
}
