package io.evenkeel.health;

/**
 * ICMP echo on the wire (RFC 792, RFC 4443 section 4). Pure; any thread.
 *
 * <pre>
 *  0        1        2                 4                 6                 8
 *  +--------+--------+-----------------+-----------------+-----------------+-- 128 bytes --+
 *  |  type  | code 0 |    checksum     |   identifier    |    sequence     |  token, fill  |
 *  +--------+--------+-----------------+-----------------+-----------------+---------------+
 * </pre>
 *
 * <p>On a datagram socket the kernel owns the identifier; it computes the checksum there and for every ICMPv6 socket.
 */
final class IcmpEcho {
    private IcmpEcho() {}

    private static final int REQUEST_4 = 8;
    private static final int REPLY_4 = 0;
    private static final int REQUEST_6 = 128;
    private static final int REPLY_6 = 129;
    private static final int HEADER = 8;
    private static final int TOKEN_END = HEADER + 8;

    /** Header and the 128 bytes of payload that keepalived sends too. */
    static final int BYTES = HEADER + 128;

    /** Room for a reply with an IPv4 header in front. */
    static final int LONGEST_REPLY = 60 + BYTES;

    /**
     * An echo request.
     *
     * @param token by which the reply is known
     */
    static byte[] request(boolean v6, int identifier, int sequence, long token) {
        byte[] packet = new byte[BYTES];
        packet[0] = (byte) (v6 ? REQUEST_6 : REQUEST_4);
        put16(packet, 4, identifier);
        put16(packet, 6, sequence);
        for (int i = 0; i < 8; i++) packet[HEADER + i] = (byte) (token >>> (56 - 8 * i));
        for (int i = TOKEN_END; i < BYTES; i++) packet[i] = (byte) i;
        put16(packet, 2, checksum(packet));
        return packet;
    }

    /**
     * Whether {@code packet} answers {@code request}: type, sequence and payload agree, and the identifier where we chose
     * it.
     *
     * @param raw from a raw socket: the identifier is ours, and over IPv4 its header comes first
     */
    static boolean answers(byte[] packet, int length, byte[] request, boolean v6, boolean raw) {
        int at = raw && !v6 ? headerLength(packet, length) : 0;
        if (at < 0 || length - at < BYTES) return false;
        if ((packet[at] & 0xff) != (v6 ? REPLY_6 : REPLY_4) || packet[at + 1] != 0) return false;
        for (int i = raw ? 4 : 6; i < BYTES; i++) {
            if (packet[at + i] != request[i]) return false;
        }
        return true;
    }

    private static int headerLength(byte[] packet, int length) {
        if (length < 20 || (packet[0] & 0xf0) != 0x40) return -1;
        return 4 * (packet[0] & 15);
    }

    /** The Internet checksum (RFC 1071) of an even number of bytes whose checksum field is zero. */
    private static int checksum(byte[] packet) {
        int sum = 0;
        for (int i = 0; i < packet.length; i += 2) sum += (packet[i] & 0xff) << 8 | (packet[i + 1] & 0xff);
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }

    private static void put16(byte[] packet, int at, int value) {
        packet[at] = (byte) (value >> 8);
        packet[at + 1] = (byte) value;
    }
}
