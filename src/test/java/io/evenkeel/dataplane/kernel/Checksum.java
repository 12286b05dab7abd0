package io.evenkeel.dataplane.kernel;

/** The Internet checksum of some octets, made from the whole (RFC 1071). */
final class Checksum {
    private Checksum() {}

    static short of(byte[] bytes, int from, int length, int first) {
        int sum = first;
        for (int i = 0; i < length; i++) {
            int octet = bytes[from + i] & 0xff;
            sum += i % 2 == 0 ? octet << 8 : octet;
        }
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~sum;
    }
}
