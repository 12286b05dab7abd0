package io.evenkeel.model;

import java.util.Optional;

/**
 * An IPv4 or IPv6 address as a value: 128 bits and a family. IPv4 lives in the low 32 bits of {@code low}.
 * Text is parsed strictly (four decimal octets; RFC 4291 for IPv6, no zone, no prefix) and printed as RFC 5952 says.
 *
 * @param v6 true for IPv6
 * @param high the first 64 bits of an IPv6 address, network order; 0 for IPv4
 * @param low the last 64 bits of an IPv6 address, or the IPv4 address as an unsigned 32-bit number
 */
public record IpAddress(boolean v6, long high, long low) implements Comparable<IpAddress> {

    public IpAddress {
        if (!v6 && (high != 0 || low >>> 32 != 0)) throw new IllegalArgumentException("not an IPv4 value");
    }

    /** An IPv4 address from its value in host order, e.g. 0x7f000001 for 127.0.0.1. */
    public static IpAddress v4(int hostOrder) {
        return new IpAddress(false, 0, hostOrder & 0xffff_ffffL);
    }

    public static IpAddress v6(long high, long low) {
        return new IpAddress(true, high, low);
    }

    /** The address written in {@code text}, or empty if it is not exactly one IPv4 or IPv6 literal. */
    public static Optional<IpAddress> parse(String text) {
        return text.indexOf(':') >= 0 ? parse6(text) : parse4(text);
    }

    /** As {@link #parse}, for literals in our own code. */
    public static IpAddress of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("not an IP address: " + text));
    }

    /** From network-order bytes: 4 for IPv4, 16 for IPv6. */
    public static IpAddress ofBytes(byte[] bytes) {
        if (bytes.length == 4) return v4((int) readBytes(bytes, 0, 4));
        if (bytes.length == 16) return v6(readBytes(bytes, 0, 8), readBytes(bytes, 8, 8));
        throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
    }

    /** Network-order bytes: 4 for IPv4, 16 for IPv6. */
    public byte[] toBytes() {
        byte[] bytes = new byte[v6 ? 16 : 4];
        for (int i = 0; i < bytes.length; i++) {
            int fromEnd = bytes.length - 1 - i;
            bytes[i] = (byte) ((fromEnd < 8 ? low : high) >>> (8 * (fromEnd & 7)));
        }
        return bytes;
    }

    public boolean isAny() {
        return high == 0 && low == 0;
    }

    /** The network it belongs to: all but the first {@code prefixLength} bits are 0. */
    public IpAddress network(int prefixLength) {
        int more = v6 ? prefixLength - 64 : prefixLength + 32; // bits of low
        long keptHigh = more > 0 || !v6 ? high : prefixLength == 0 ? 0 : high & -1L << (64 - prefixLength);
        long keptLow = more <= 0 || prefixLength == 0 ? 0 : more >= 64 ? low : low & -1L << (64 - more);
        return new IpAddress(v6, keptHigh, keptLow);
    }

    /** IPv4 before IPv6, then by unsigned value. */
    @Override
    public int compareTo(IpAddress other) {
        if (v6 != other.v6) return v6 ? 1 : -1;
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        if (!v6)
            return ((low >>> 24) & 255) + "." + ((low >>> 16) & 255) + "." + ((low >>> 8) & 255) + "." + (low & 255);
        return print6();
    }

    private int group(int i) {
        return (int) ((i < 4 ? high : low) >>> (48 - 16 * (i & 3))) & 0xffff;
    }

    private String print6() {
        int bestStart = -1;
        int bestLength = 1; // a single zero group is not shortened, RFC 5952 section 4.2.2
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && group(i + length) == 0) length++;
            if (length > bestLength) {
                bestStart = i;
                bestLength = length;
            }
            i += length;
        }
        if (high == 0 && (low >>> 32) == 0xffff) return "::ffff:" + v4((int) low);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') text.append(':');
                text.append(Integer.toHexString(group(i)));
            }
        }
        return text.toString();
    }

    private static Optional<IpAddress> parse4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) return Optional.empty();
        int value = 0;
        for (String part : parts) {
            int octet = decimalOctet(part);
            if (octet < 0) return Optional.empty();
            value = value << 8 | octet;
        }
        return Optional.of(v4(value));
    }

    private static int decimalOctet(String part) {
        if (part.isEmpty() || part.length() > 3 || (part.length() > 1 && part.charAt(0) == '0')) return -1;
        int value = 0;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c < '0' || c > '9') return -1;
            value = value * 10 + (c - '0');
        }
        return value <= 255 ? value : -1;
    }

    private static Optional<IpAddress> parse6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) return Optional.empty();
        int[] groups = new int[8];
        if (gap < 0) return fill(text, groups, true) == 8 ? Optional.of(join(groups)) : Optional.empty();
        int[] tail = new int[8];
        int before = fill(text.substring(0, gap), groups, false);
        int after = fill(text.substring(gap + 2), tail, true);
        if (before < 0 || after < 0 || before + after > 7) return Optional.empty();
        System.arraycopy(tail, 0, groups, 8 - after, after);
        return Optional.of(join(groups));
    }

    /** Writes the groups of {@code text} and returns their number, or -1 if it is malformed. */
    private static int fill(String text, int[] groups, boolean dottedTail) {
        if (text.isEmpty()) return 0;
        int n = 0;
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (dottedTail && i == parts.length - 1 && part.indexOf('.') >= 0) {
                Optional<IpAddress> embedded = parse4(part);
                if (embedded.isEmpty() || n > 6) return -1;
                groups[n++] = (int) (embedded.get().low >>> 16);
                groups[n++] = (int) (embedded.get().low & 0xffff);
                continue;
            }
            if (n > 7 || part.isEmpty() || part.length() > 4) return -1;
            int value = 0;
            for (int j = 0; j < part.length(); j++) {
                int digit = Character.digit(part.charAt(j), 16);
                if (digit < 0 || part.charAt(j) > 'f') return -1;
                value = value << 4 | digit;
            }
            groups[n++] = value;
        }
        return n;
    }

    private static IpAddress join(int[] groups) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < 4; i++) {
            high = high << 16 | groups[i];
            low = low << 16 | groups[i + 4];
        }
        return v6(high, low);
    }

    private static long readBytes(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = 0; i < count; i++) value = value << 8 | (bytes[from + i] & 0xff);
        return value;
    }
}
