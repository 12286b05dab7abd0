package io.evenkeel.config;

import static io.evenkeel.config.Scope.FREE;
import static io.evenkeel.config.Scope.GLOBAL_DEFS;
import static io.evenkeel.config.Support.BUILT;
import static io.evenkeel.config.Support.EXTENSION;
import static io.evenkeel.config.Support.HARMLESS;
import static io.evenkeel.config.Support.NOT_BUILT;

/** The keywords of {@code global_defs}. Immutable; any thread. */
enum GlobalKeyword implements Keyword {

    // ours
    REPLY_PORTS(
            "reply_ports",
            EXTENSION,
            "Most back ports that replies of UDP services may take; default 8192",
            GLOBAL_DEFS),
    REPLY_ADDRESSES(
            "reply_addresses",
            EXTENSION,
            "Addresses to send from towards realservers, so that there are more back ports",
            GLOBAL_DEFS),

    // names and mail
    ROUTER_ID("router_id", HARMLESS, "A name of this machine for mails", GLOBAL_DEFS),
    NOTIFICATION_EMAIL("notification_email", NOT_BUILT, FREE, "Who gets mails", GLOBAL_DEFS),
    NOTIFICATION_EMAIL_FROM("notification_email_from", NOT_BUILT, "The sender of mails", GLOBAL_DEFS),
    SMTP_SERVER("smtp_server", NOT_BUILT, "The server that takes mails", GLOBAL_DEFS),
    SMTP_HELO_NAME("smtp_helo_name", NOT_BUILT, "The name to greet that server with", GLOBAL_DEFS),
    SMTP_CONNECT_TIMEOUT("smtp_connect_timeout", NOT_BUILT, "How long to wait for that server", GLOBAL_DEFS),
    SMTP_ALERT("smtp_alert", NOT_BUILT, "Send mails by default", GLOBAL_DEFS),
    SMTP_ALERT_VRRP("smtp_alert_vrrp", NOT_BUILT, "Send mails about VRRP by default", GLOBAL_DEFS),
    SMTP_ALERT_CHECKER("smtp_alert_checker", NOT_BUILT, "Send mails about realservers by default", GLOBAL_DEFS),
    NO_EMAIL_FAULTS("no_email_faults", NOT_BUILT, "No mails about faults", GLOBAL_DEFS),
    NO_CHECKER_EMAILS("no_checker_emails", NOT_BUILT, "No mails about realservers", GLOBAL_DEFS),

    // scripts
    SCRIPT_USER("script_user", NOT_BUILT, "The user that scripts run as", GLOBAL_DEFS),
    ENABLE_SCRIPT_SECURITY(
            "enable_script_security", NOT_BUILT, "Refuse scripts that others than root may change", GLOBAL_DEFS),
    STARTUP_SCRIPT("startup_script", NOT_BUILT, "A script to run at start", GLOBAL_DEFS),
    STARTUP_SCRIPT_TIMEOUT("startup_script_timeout", NOT_BUILT, "How long that one may take", GLOBAL_DEFS),
    SHUTDOWN_SCRIPT("shutdown_script", NOT_BUILT, "A script to run at stop", GLOBAL_DEFS),
    SHUTDOWN_SCRIPT_TIMEOUT("shutdown_script_timeout", NOT_BUILT, "How long that one may take", GLOBAL_DEFS),
    NOTIFY_FIFO("notify_fifo", NOT_BUILT, "A pipe that is told of every change", GLOBAL_DEFS),
    NOTIFY_FIFO_SCRIPT("notify_fifo_script", NOT_BUILT, "The reader of that pipe", GLOBAL_DEFS),
    VRRP_NOTIFY_FIFO("vrrp_notify_fifo", NOT_BUILT, "A pipe that is told of changes of VRRP", GLOBAL_DEFS),
    VRRP_NOTIFY_FIFO_SCRIPT("vrrp_notify_fifo_script", NOT_BUILT, "The reader of that pipe", GLOBAL_DEFS),
    LVS_NOTIFY_FIFO("lvs_notify_fifo", NOT_BUILT, "A pipe that is told of changes of realservers", GLOBAL_DEFS),
    LVS_NOTIFY_FIFO_SCRIPT("lvs_notify_fifo_script", NOT_BUILT, "The reader of that pipe", GLOBAL_DEFS),
    RS_INIT_NOTIFIES("rs_init_notifies", NOT_BUILT, "Notify of the first verdict too", GLOBAL_DEFS),

    // VRRP
    VRRP_VERSION("vrrp_version", NOT_BUILT, "The version of VRRP by default", GLOBAL_DEFS),
    VRRP_STRICT("vrrp_strict", NOT_BUILT, "Hold strictly to the RFCs of VRRP", GLOBAL_DEFS),
    VRRP_SKIP_CHECK_ADV_ADDR(
            "vrrp_skip_check_adv_addr", NOT_BUILT, "Do not compare the addresses of every advertisement", GLOBAL_DEFS),
    VRRP_GARP_MASTER_DELAY(
            "vrrp_garp_master_delay", NOT_BUILT, "When gratuitous ARPs are sent a second time", GLOBAL_DEFS),
    VRRP_GARP_MASTER_REPEAT(
            "vrrp_garp_master_repeat", NOT_BUILT, "How many gratuitous ARPs are sent at once", GLOBAL_DEFS),
    VRRP_GARP_LOWER_PRIO_DELAY(
            "vrrp_garp_lower_prio_delay",
            NOT_BUILT,
            "The same after an advertisement of a lower priority",
            GLOBAL_DEFS),
    VRRP_GARP_LOWER_PRIO_REPEAT(
            "vrrp_garp_lower_prio_repeat",
            NOT_BUILT,
            "The same after an advertisement of a lower priority",
            GLOBAL_DEFS),
    VRRP_GARP_MASTER_REFRESH(
            "vrrp_garp_master_refresh", NOT_BUILT, "How often gratuitous ARPs are sent while master", GLOBAL_DEFS),
    VRRP_GARP_MASTER_REFRESH_REPEAT(
            "vrrp_garp_master_refresh_repeat", NOT_BUILT, "How many of those at once", GLOBAL_DEFS),
    VRRP_GARP_INTERVAL("vrrp_garp_interval", NOT_BUILT, "The time between two gratuitous ARPs", GLOBAL_DEFS),
    VRRP_GARP_EXTRA_IF("vrrp_garp_extra_if", NOT_BUILT, "Other interfaces to send gratuitous ARPs on", GLOBAL_DEFS),
    VRRP_GNA_INTERVAL(
            "vrrp_gna_interval", NOT_BUILT, "The time between two unsolicited neighbour advertisements", GLOBAL_DEFS),
    VRRP_MIN_GARP("vrrp_min_garp", NOT_BUILT, "Send no more gratuitous ARPs than are needed", GLOBAL_DEFS),
    VRRP_STARTUP_DELAY("vrrp_startup_delay", NOT_BUILT, "How long VRRP waits at start", GLOBAL_DEFS),
    VRRP_DELAY_AFTER_BOOT(
            "vrrp_delay_after_boot", NOT_BUILT, "How long VRRP waits after the machine has booted", GLOBAL_DEFS),
    VRRP_MCAST_GROUP4("vrrp_mcast_group4", NOT_BUILT, "The IPv4 multicast address of VRRP", GLOBAL_DEFS),
    VRRP_MCAST_GROUP6("vrrp_mcast_group6", NOT_BUILT, "The IPv6 multicast address of VRRP", GLOBAL_DEFS),
    VRRP_IPTABLES("vrrp_iptables", NOT_BUILT, "Which iptables chains to use", GLOBAL_DEFS),
    VRRP_IPSETS("vrrp_ipsets", NOT_BUILT, "Which ipsets to use", GLOBAL_DEFS),
    NFTABLES("nftables", NOT_BUILT, "Which nftables table to use", GLOBAL_DEFS),
    NFTABLES_IPVS("nftables_ipvs", NOT_BUILT, "Gather the addresses of a group by nftables", GLOBAL_DEFS),
    NFTABLES_IPVS_START_FWMARK("nftables_ipvs_start_fwmark", NOT_BUILT, "The first mark that those get", GLOBAL_DEFS),
    VRRP_CHECK_UNICAST_SRC(
            "vrrp_check_unicast_src", NOT_BUILT, "Take unicast advertisements of known peers only", GLOBAL_DEFS),
    VRRP_OWNER_IGNORE_ADVERTS(
            "vrrp_owner_ignore_adverts", NOT_BUILT, "The owner of the addresses ignores advertisements", GLOBAL_DEFS),
    LOG_UNKNOWN_VRIDS("log_unknown_vrids", NOT_BUILT, "Log advertisements of unknown virtual routers", GLOBAL_DEFS),
    DYNAMIC_INTERFACES("dynamic_interfaces", NOT_BUILT, "Interfaces may appear later", GLOBAL_DEFS),
    DEFAULT_INTERFACE("default_interface", NOT_BUILT, "The interface of what names none", GLOBAL_DEFS),
    VMAC_PREFIX("vmac_prefix", NOT_BUILT, "The beginning of the names of VMAC interfaces", GLOBAL_DEFS),
    VMAC_ADDR_PREFIX(
            "vmac_addr_prefix", NOT_BUILT, "The beginning of the names of VMAC address interfaces", GLOBAL_DEFS),
    MAX_AUTO_PRIORITY("max_auto_priority", HARMLESS, "How far the scheduling priority may be raised", GLOBAL_DEFS),
    MIN_AUTO_PRIORITY_DELAY(
            "min_auto_priority_delay", HARMLESS, "Delays that raise the scheduling priority", GLOBAL_DEFS),

    FIFO_WRITE_VRRP_STATES_ON_RELOAD(
            "fifo_write_vrrp_states_on_reload", NOT_BUILT, "Tell the states again after a reload", GLOBAL_DEFS),
    VRRP_DOWN_TIMER_ADVERTS("vrrp_down_timer_adverts", NOT_BUILT, "Advertisements that may be missed", GLOBAL_DEFS),
    VRRP_LOWER_PRIO_NO_ADVERT(
            "vrrp_lower_prio_no_advert", NOT_BUILT, "No advertisement in answer to a lower priority", GLOBAL_DEFS),
    VRRP_HIGHER_PRIO_SEND_ADVERT(
            "vrrp_higher_prio_send_advert", NOT_BUILT, "An advertisement in answer to a higher priority", GLOBAL_DEFS),
    VRRP_NOTIFY_PRIORITY_CHANGES(
            "vrrp_notify_priority_changes", NOT_BUILT, "Tell of changes of the priority", GLOBAL_DEFS),
    VRRP_RX_BUFS_POLICY("vrrp_rx_bufs_policy", HARMLESS, "How receive buffers of VRRP are sized", GLOBAL_DEFS),
    VRRP_RX_BUFS_MULTIPLIER("vrrp_rx_bufs_multiplier", HARMLESS, "How much room they have", GLOBAL_DEFS),
    VRRP_NETLINK_CMD_RCV_BUFS("vrrp_netlink_cmd_rcv_bufs", HARMLESS, "The size of a netlink buffer", GLOBAL_DEFS),
    VRRP_NETLINK_CMD_RCV_BUFS_FORCE(
            "vrrp_netlink_cmd_rcv_bufs_force", HARMLESS, "Also beyond the limit of the system", GLOBAL_DEFS),
    VRRP_NETLINK_MONITOR_RCV_BUFS(
            "vrrp_netlink_monitor_rcv_bufs", HARMLESS, "The size of a netlink buffer", GLOBAL_DEFS),
    VRRP_NETLINK_MONITOR_RCV_BUFS_FORCE(
            "vrrp_netlink_monitor_rcv_bufs_force", HARMLESS, "Also beyond the limit of the system", GLOBAL_DEFS),
    DISABLE_LOCAL_IGMP("disable_local_igmp", NOT_BUILT, "No IGMP for link-local groups", GLOBAL_DEFS),
    NFTABLES_PRIORITY("nftables_priority", NOT_BUILT, "The priority of the nftables chains", GLOBAL_DEFS),
    NFTABLES_COUNTERS("nftables_counters", NOT_BUILT, "Count in nftables", GLOBAL_DEFS),
    NFTABLES_IFINDEX("nftables_ifindex", NOT_BUILT, "Match interfaces by number in nftables", GLOBAL_DEFS),
    NFTABLES_IPVS_PRIORITY("nftables_ipvs_priority", NOT_BUILT, "The priority of the chains for groups", GLOBAL_DEFS),
    LINKBEAT_INTERFACES("linkbeat_interfaces", NOT_BUILT, Scope.FREE, "Interfaces whose state is polled", GLOBAL_DEFS),

    // LVS
    LVS_FLUSH("lvs_flush", HARMLESS, "Empty the IPVS table at start; here the table is always our own", GLOBAL_DEFS),
    LVS_FLUSH_ON_STOP(
            "lvs_flush_on_stop", HARMLESS, "Empty the IPVS table at stop; here it ends with the program", GLOBAL_DEFS),
    LVS_TIMEOUTS(
            "lvs_timeouts",
            NOT_BUILT,
            "The idle life of connections; udp_timeout in a virtual_server says it here",
            GLOBAL_DEFS),
    LVS_SYNC_DAEMON("lvs_sync_daemon", NOT_BUILT, "Share connections with another director", GLOBAL_DEFS),
    LVS_NETLINK_CMD_RCV_BUFS("lvs_netlink_cmd_rcv_bufs", HARMLESS, "The size of a netlink buffer", GLOBAL_DEFS),
    LVS_NETLINK_MONITOR_RCV_BUFS("lvs_netlink_monitor_rcv_bufs", HARMLESS, "The size of a netlink buffer", GLOBAL_DEFS),
    CHECKER_LOG_ALL_FAILURES(
            "checker_log_all_failures",
            HARMLESS,
            "Log every failed probe; status shows the last one here",
            GLOBAL_DEFS),

    // processes
    LVS_NETLINK_CMD_RCV_BUFS_FORCE(
            "lvs_netlink_cmd_rcv_bufs_force", HARMLESS, "Also beyond the limit of the system", GLOBAL_DEFS),
    LVS_NETLINK_MONITOR_RCV_BUFS_FORCE(
            "lvs_netlink_monitor_rcv_bufs_force", HARMLESS, "Also beyond the limit of the system", GLOBAL_DEFS),
    PROCESS_MONITOR_RCV_BUFS(
            "process_monitor_rcv_bufs", HARMLESS, "The size of the buffer of process events", GLOBAL_DEFS),
    PROCESS_MONITOR_RCV_BUFS_FORCE(
            "process_monitor_rcv_bufs_force", HARMLESS, "Also beyond the limit of the system", GLOBAL_DEFS),
    PROCESS_NAME("process_name", HARMLESS, "The name of the first process", GLOBAL_DEFS),
    VRRP_PROCESS_NAME("vrrp_process_name", HARMLESS, "The name of the VRRP process", GLOBAL_DEFS),
    CHECKER_PROCESS_NAME("checker_process_name", HARMLESS, "The name of the checker process", GLOBAL_DEFS),
    BFD_PROCESS_NAME("bfd_process_name", HARMLESS, "The name of the BFD process", GLOBAL_DEFS),
    TMP_CONFIG_DIRECTORY(
            "tmp_config_directory", HARMLESS, "Where the configuration is copied to while it is read", GLOBAL_DEFS),
    VRRP_PRIORITY("vrrp_priority", HARMLESS, "The nice value of the VRRP process", GLOBAL_DEFS),
    VRRP_NO_SWAP("vrrp_no_swap", HARMLESS, "Keep the VRRP process in memory", GLOBAL_DEFS),
    VRRP_RT_PRIORITY("vrrp_rt_priority", HARMLESS, "The real-time priority of the VRRP process", GLOBAL_DEFS),
    VRRP_CPU_AFFINITY("vrrp_cpu_affinity", HARMLESS, "The CPUs of the VRRP process", GLOBAL_DEFS),
    VRRP_RLIMIT_RTTIME("vrrp_rlimit_rttime", HARMLESS, "The real-time limit of the VRRP process", GLOBAL_DEFS),
    VRRP_RLIMIT_RTIME("vrrp_rlimit_rtime", HARMLESS, "Another spelling of vrrp_rlimit_rttime", GLOBAL_DEFS),
    CHECKER_PRIORITY("checker_priority", HARMLESS, "The nice value of the checker process", GLOBAL_DEFS),
    CHECKER_NO_SWAP("checker_no_swap", HARMLESS, "Keep the checker process in memory", GLOBAL_DEFS),
    CHECKER_RT_PRIORITY("checker_rt_priority", HARMLESS, "The real-time priority of the checker process", GLOBAL_DEFS),
    CHECKER_CPU_AFFINITY("checker_cpu_affinity", HARMLESS, "The CPUs of the checker process", GLOBAL_DEFS),
    CHECKER_RLIMIT_RTTIME("checker_rlimit_rttime", HARMLESS, "The real-time limit of the checker process", GLOBAL_DEFS),
    CHECKER_RLIMIT_RTIME("checker_rlimit_rtime", HARMLESS, "Another spelling of checker_rlimit_rttime", GLOBAL_DEFS),
    BFD_PRIORITY("bfd_priority", HARMLESS, "The nice value of the BFD process", GLOBAL_DEFS),
    BFD_NO_SWAP("bfd_no_swap", HARMLESS, "Keep the BFD process in memory", GLOBAL_DEFS),
    BFD_RT_PRIORITY("bfd_rt_priority", HARMLESS, "The real-time priority of the BFD process", GLOBAL_DEFS),
    BFD_CPU_AFFINITY("bfd_cpu_affinity", HARMLESS, "The CPUs of the BFD process", GLOBAL_DEFS),
    BFD_RLIMIT_RTTIME("bfd_rlimit_rttime", HARMLESS, "The real-time limit of the BFD process", GLOBAL_DEFS),
    BFD_RLIMIT_RTIME("bfd_rlimit_rtime", HARMLESS, "Another spelling of bfd_rlimit_rttime", GLOBAL_DEFS),
    PROCESS_NAMES("process_names", HARMLESS, "Give child processes names", GLOBAL_DEFS),
    UMASK("umask", HARMLESS, "The file mode mask", GLOBAL_DEFS),
    RANDOM_SEED("random_seed", HARMLESS, "A seed for the random parts of timers", GLOBAL_DEFS),

    // reading and writing files
    INCLUDE_CHECK(
            "include_check",
            BUILT,
            "Makes a strict rule of include the default: readable match wildcard_match brace_match",
            GLOBAL_DEFS),
    RELOAD_CHECK_CONFIG(
            "reload_check_config",
            HARMLESS,
            "Check a file before it is taken at reload; here this is always so",
            GLOBAL_DEFS),
    RELOAD_TIME_FILE("reload_time_file", NOT_BUILT, "A file that says when to reload", GLOBAL_DEFS),
    RELOAD_REPEAT("reload_repeat", NOT_BUILT, "Reload at that time again", GLOBAL_DEFS),
    RELOAD_FILE("reload_file", NOT_BUILT, "A file that is there while a reload runs", GLOBAL_DEFS),
    CONFIG_SAVE_DIR("config_save_dir", HARMLESS, "Where to save the configuration; check prints it here", GLOBAL_DEFS),
    STATE_DUMP_FILE("state_dump_file", HARMLESS, "Where a dump of the state goes; status says it here", GLOBAL_DEFS),
    STATS_DUMP_FILE("stats_dump_file", HARMLESS, "Where a dump of the counters goes; status says it here", GLOBAL_DEFS),
    JSON_DUMP_FILE("json_dump_file", HARMLESS, "Where a dump in JSON goes; status --json says it here", GLOBAL_DEFS),
    JSON_VERSION("json_version", HARMLESS, "The form of that dump", GLOBAL_DEFS),
    DATA_USE_INSTANCE("data_use_instance", HARMLESS, "Use the name of the instance in the names of dumps", GLOBAL_DEFS),

    // SNMP and DBus
    SNMP_SOCKET("snmp_socket", NOT_BUILT, "The socket of the SNMP master agent", GLOBAL_DEFS),
    ENABLE_TRAPS("enable_traps", NOT_BUILT, "Send SNMP traps", GLOBAL_DEFS),
    ENABLE_SNMP_VRRP("enable_snmp_vrrp", NOT_BUILT, "Answer SNMP about VRRP", GLOBAL_DEFS),
    ENABLE_SNMP_CHECKER("enable_snmp_checker", NOT_BUILT, "Answer SNMP about realservers", GLOBAL_DEFS),
    ENABLE_SNMP_RFC("enable_snmp_rfc", NOT_BUILT, "Answer SNMP by both RFCs of VRRP", GLOBAL_DEFS),
    ENABLE_SNMP_RFCV2("enable_snmp_rfcv2", NOT_BUILT, "Answer SNMP by RFC 2787", GLOBAL_DEFS),
    ENABLE_SNMP_RFCV3("enable_snmp_rfcv3", NOT_BUILT, "Answer SNMP by RFC 6527", GLOBAL_DEFS),
    ENABLE_DBUS("enable_dbus", NOT_BUILT, "Offer DBus", GLOBAL_DEFS),
    DBUS_SERVICE_NAME("dbus_service_name", NOT_BUILT, "The name to offer DBus under", GLOBAL_DEFS);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings, enums and an unmodifiable set
    private final Entry entry;

    GlobalKeyword(String word, Support support, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, null, sentence, scopes);
    }

    GlobalKeyword(String word, Support support, Scope opens, String sentence, Scope... scopes) {
        this.entry = Entry.of(word, support, opens, sentence, scopes);
    }

    @Override
    public Entry entry() {
        return entry;
    }
}
