package io.evenkeel.doctor;

import java.util.Map;
import java.util.OptionalLong;

/**
 * Values under /proc/sys/net that could be read. Immutable.
 *
 * @param values by the path below, e.g. {@code ipv4/ip_forward}
 */
record Sysctls(Map<String, String> values) {
    Sysctls {
        values = Map.copyOf(values);
    }

    OptionalLong number(String key) {
        String text = values.get(key);
        if (text == null || !text.matches("-?\\d{1,18}")) return OptionalLong.empty();
        return OptionalLong.of(Long.parseLong(text));
    }

    boolean is(String key, long value) {
        OptionalLong number = number(key);
        return number.isPresent() && number.getAsLong() == value;
    }

    /** The larger of "all" and the interface's own: what is in force for rp_filter, arp_ignore and arp_announce. */
    OptionalLong larger(String device, String key) {
        OptionalLong all = number("ipv4/conf/all/" + key);
        OptionalLong own = number("ipv4/conf/" + device + "/" + key);
        if (all.isEmpty() || own.isEmpty()) return own;
        return OptionalLong.of(Math.max(all.getAsLong(), own.getAsLong()));
    }

    /** In force if "all" or the interface's own says so: send_redirects, accept_local. */
    boolean either(String device, String key) {
        return larger(device, key).orElse(0) != 0;
    }

    /** A command that sets it; slashes, since names of interfaces may have dots. */
    static Remedy set(String key, long value) {
        return Remedy.here("sysctl -w net/" + key + "=" + value);
    }
}
