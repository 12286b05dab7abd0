package io.evenkeel.linux;

/**
 * An IPv4 or IPv6 address as the kernel names it: the 128 bits of the model and a family. IPv4 lives in the low 32 bits
 * of {@code low}. Immutable.
 *
 * @param high the first 64 bits of an IPv6 address, network order; 0 for IPv4
 * @param low the last 64 bits of an IPv6 address, or the IPv4 address as an unsigned 32-bit number
 */
public record NumericAddress(boolean v6, long high, long low) {

    /** {@link SocketAddress#AF_INET} or {@link SocketAddress#AF_INET6}. */
    int family() {
        return v6 ? SocketAddress.AF_INET6 : SocketAddress.AF_INET;
    }

    /** Length on the wire, 4 or 16. */
    int bytes() {
        return v6 ? 16 : 4;
    }

    /** Dotted decimal, or eight groups of hexadecimal digits. */
    @Override
    public String toString() {
        if (!v6) return (low >>> 24 & 255) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
        StringBuilder text = new StringBuilder();
        for (int group = 0; group < 8; group++) {
            if (group > 0) text.append(':');
            text.append(Long.toHexString((group < 4 ? high : low) >>> (48 - 16 * (group & 3)) & 0xffff));
        }
        return text.toString();
    }
}
