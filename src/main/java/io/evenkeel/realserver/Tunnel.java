package io.evenkeel.realserver;

/** How a director wraps what it sends to a realserver that is not its neighbour. */
public enum Tunnel {
    /** IP in IP, all four ways (protocol 4 and 41). */
    IPIP(0),
    /** GRE without key, sequence and routing; with or without checksum (protocol 47). */
    GRE(1),
    /** Generic UDP encapsulation without options, or IP in UDP directly. */
    GUE(2);

    /** Where IPVS's users, and IANA, have GUE. */
    public static final int USUAL_GUE_PORT = 6080;

    private final int number;

    Tunnel(int number) {
        this.number = number;
    }

    /** As {@code enum rs_tunnel} has it. */
    int number() {
        return number;
    }
}
