package io.evenkeel.lab;

/**
 * What a rig is made of.
 *
 * @param servers how many realservers
 * @param v6 IPv6 instead of IPv4
 * @param together all realservers are one process, each with addresses and a record of its own; for many
 */
public record Layout(int servers, boolean v6, boolean together) {

    public static Layout of(int servers) {
        return new Layout(servers, false, false);
    }

    public Layout overIpv6() {
        return new Layout(servers, true, together);
    }

    public Layout inOneProcess() {
        return new Layout(servers, v6, true);
    }
}
