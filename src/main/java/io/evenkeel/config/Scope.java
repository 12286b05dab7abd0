package io.evenkeel.config;

/** A kind of block: it decides which keywords may stand in it. */
enum Scope {
    ROOT("the top level"),
    GLOBAL_DEFS("global_defs"),
    VIRTUAL_SERVER("virtual_server"),
    REAL_SERVER("real_server"),
    TCP_CHECK("TCP_CHECK"),
    HTTP_GET("HTTP_GET"),
    URL("url of HTTP_GET"),
    SSL_GET("SSL_GET"),
    SSL_URL("url of SSL_GET"),
    SMTP_CHECK("SMTP_CHECK"),
    SMTP_HOST("host of SMTP_CHECK"),
    DNS_CHECK("DNS_CHECK"),
    UDP_CHECK("UDP_CHECK"),
    PING_CHECK("PING_CHECK"),
    MISC_CHECK("MISC_CHECK"),
    FILE_CHECK("FILE_CHECK"),
    BFD_CHECK("BFD_CHECK"),
    VRRP_INSTANCE("vrrp_instance"),
    VRRP_SYNC_GROUP("vrrp_sync_group"),
    VRRP_SCRIPT("vrrp_script"),
    VRRP_TRACK_PROCESS("vrrp_track_process"),
    AUTHENTICATION("authentication"),
    AUTH_HMAC("auth_hmac"),
    TRACK_FILE("track_file"),
    BFD_INSTANCE("bfd_instance"),
    SSL("SSL"),
    /** Addresses, names, routes: not keywords, and nothing in it is looked at. */
    FREE("a list");

    private final String title;

    Scope(String title) {
        this.title = title;
    }

    /** As a person would name it: {@code virtual_server}. */
    String title() {
        return title;
    }
}
